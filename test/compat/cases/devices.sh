# Shows: null, zero, full, random and tty devices
echo gone >/dev/null
head -c 5 /dev/zero | od -An -tx1
cat /dev/null | wc -c
echo x >/dev/full
echo "status $?"
head -c 16 /dev/urandom | wc -c
a=$(head -c 16 /dev/urandom | od -An -tx1)
b=$(head -c 16 /dev/urandom | od -An -tx1)
[ "$a" != "$b" ] && echo random
[ -c /dev/tty ] && echo tty
stat -c '%t:%T %F' /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty
tty
test -t 0
echo "stdin is a terminal: $?"
stty size 2>&1 | head -1
