# Shows: test/compat/programs/signal-corners.c, built with musl and with glibc
/compat/bin/musl-signal-corners
echo "status $?"
/compat/bin/glibc-signal-corners
echo "status $?"
