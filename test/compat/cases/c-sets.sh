# Shows: test/compat/programs/sets.c, built with musl and with glibc
/compat/bin/musl-sets
echo "status $?"
/compat/bin/glibc-sets
echo "status $?"
