# Shows: test/compat/programs/hostile-elf.c, built with musl
/compat/bin/musl-hostile-elf
echo "status $?"
