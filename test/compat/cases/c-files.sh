# Shows: test/compat/programs/files.c, built with musl and with glibc
/compat/bin/musl-files
echo "status $?"
/compat/bin/glibc-files
echo "status $?"
