# Shows: test/compat/programs/file-corners.c, built with musl and with glibc
/compat/bin/musl-file-corners
echo "status $?"
cd /tmp && mkdir -p second.file-corners && cd second.file-corners
/compat/bin/glibc-file-corners
echo "status $?"
cd /tmp && rm -r second.file-corners
