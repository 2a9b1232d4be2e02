# Shows: test/compat/programs/threads.c, built with musl and with glibc
/compat/bin/musl-threads
echo "status $?"
/compat/bin/glibc-threads
echo "status $?"
