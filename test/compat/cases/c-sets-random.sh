# Shows: test/compat/programs/sets-random.c, built with musl and with glibc
/compat/bin/musl-sets-random
echo "status $?"
/compat/bin/glibc-sets-random
echo "status $?"
