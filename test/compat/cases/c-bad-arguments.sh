# Shows: test/compat/programs/bad-arguments.c, built with musl
/compat/bin/musl-bad-arguments
echo "status $?"
