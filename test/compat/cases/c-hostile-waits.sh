# Shows: test/compat/programs/hostile-waits.c, built with musl and with glibc
/compat/bin/musl-hostile-waits
echo "status $?"
/compat/bin/glibc-hostile-waits
echo "status $?"
