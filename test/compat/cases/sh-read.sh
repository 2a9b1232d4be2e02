# Shows: read from pipes and files, with IFS, -r, -n and end-of-file
printf 'a b c\nd e f\n' | while read -r x y; do echo "$x|$y"; done
printf 'back\\slash\n' | { read -r line; echo "$line"; }
printf 'joined\\\nline\n' | { read line; echo "$line"; }
IFS=: read -r user _ uid _ </etc/passwd
echo "$user $uid"
printf 'abcdef' | { read -r -n 3 x; echo "$x"; }
printf 'no newline' | { read -r x; echo "$? $x"; }
: | { read -r x; echo "eof $?"; }
