# Shows: test/compat/programs/signals.c, built with musl and with glibc
/compat/bin/musl-signals
echo "status $?"
/compat/bin/glibc-signals
echo "status $?"
