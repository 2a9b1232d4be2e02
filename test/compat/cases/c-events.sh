# Shows: test/compat/programs/events.c, built with musl and with glibc
/compat/bin/musl-events
echo "status $?"
/compat/bin/glibc-events
echo "status $?"
