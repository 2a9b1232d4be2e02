# Shows: test/compat/programs/files.c, built with musl
/compat/bin/musl-files
echo "status $?"
