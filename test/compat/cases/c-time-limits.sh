# Shows: test/compat/programs/time-limits.c, built with musl and with glibc
/compat/bin/musl-time-limits
echo "status $?"
cd /tmp && mkdir -p second.time-limits && cd second.time-limits
/compat/bin/glibc-time-limits
echo "status $?"
cd /tmp && rm -r second.time-limits
