# Shows: test/compat/programs/thread-signals.c, built with musl and with glibc
/compat/bin/musl-thread-signals
echo "status $?"
/compat/bin/glibc-thread-signals
echo "status $?"
