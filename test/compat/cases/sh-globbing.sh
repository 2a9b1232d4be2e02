# Shows: globbing and quoting
mkdir -p d/sub 'with space'
touch a1 a2 b1 .hidden d/x.c d/y.h d/sub/z.c 'with space/f'
echo *
echo a?
echo [ab]1
echo [!a]*
echo d/*.c d/*/*.c
echo .h*
echo none*
echo 'a*' "a*" a\*
for f in with*/*; do echo "<$f>"; done
set -f
echo a*
