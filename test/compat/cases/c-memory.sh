# Shows: test/compat/programs/memory.c, built with musl and with glibc
/compat/bin/musl-memory
echo "status $?"
/compat/bin/glibc-memory
echo "status $?"
