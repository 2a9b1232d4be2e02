# Shows: test/compat/programs/library.c, built with musl and with glibc
/compat/bin/musl-library
echo "status $?"
/compat/bin/glibc-library
echo "status $?"
