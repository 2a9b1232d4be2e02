# Shows: test/compat/programs/mapping.c, built with musl and with glibc
/compat/bin/musl-mapping
echo "status $?"
/compat/bin/glibc-mapping
echo "status $?"
