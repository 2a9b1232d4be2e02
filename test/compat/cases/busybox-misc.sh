# Shows: small applets: cal, bc, dc, expr, yes, tee, which, getopt, mktemp, ed
cal 2 2024
echo '2^100; scale=10; 1/3' | bc
echo '2 3 + 4 * p' | dc
which ls
getopt -o ab: -- -a -b x rest
f=$(mktemp)
[ -f "$f" ] && stat -c %a "$f"
rm "$f"
d=$(mktemp -d)
rmdir "$d" && echo directory
printf 'a\nhello\n.\n1p\nw out\nq\n' | ed 2>/dev/null
cat out
echo 'text' | vi -c ':wq' file >/dev/null 2>&1
printf 'first\nsecond\n' >edit
vi -c ':s/first/changed/' -c ':wq' edit >/dev/null 2>&1 </dev/null
cat edit
true; false; echo $?
tty -s
sync && echo sync
logname 2>/dev/null || echo none
dos2unix <<END
plain
END
