# Shows: head, tail, wc, seq, printf, od, hexdump, strings, cmp
seq 1 30 >n
head -n 3 n
tail -n 2 n
tail -n +29 n
head -c 10 n
echo
wc n
wc -l <n
seq 10 -3 1
seq 0.5 0.5 2
seq -w 8 11
seq -s, 3
printf '%s-%d-%x-%o-%5.2f-%e-%c-%%\n' str 42 255 8 3.14159 1234.5 z
printf '%b\n' 'tab\there'
printf '%5s|%-5s|%05d\n' a b 7
printf 'ABC\001\377' | od -An -tx1
printf 'ABC' | od -c
printf 'hello world, hexdump' | hexdump -C
printf '\001\002printable\003' | strings
cmp n n && echo same
head -5 n | cmp - n
factor 1234567890
expr 3 + 4 \* 5
basename /a/b.txt .txt
dirname /a/b/c
