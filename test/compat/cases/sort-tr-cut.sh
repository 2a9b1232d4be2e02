# Shows: sort, uniq, tr, cut, paste, nl, fold, rev, tac, expand
printf '10 b\n9 a\n100 c\n9 a\n' >n
sort n
sort -n n
sort -rn n
sort -u n
sort -k2 n
sort -t' ' -k1,1n -s n
sort n | uniq -c
echo 'Hello World' | tr 'a-z' 'A-Z'
echo 'aabbcc' | tr -s 'a-c'
echo 'a1b2' | tr -d '0-9'
echo 'a:b:c' | cut -d: -f1,3
echo 'abcdef' | cut -c2-4
printf '1\n2\n3\n' >x
printf 'a\nb\nc\n' >y
paste x y
paste -s -d, x
nl y
echo 'abcdefghij' | fold -w 4
echo abc | rev
tac x
printf 'a\tb\n' | expand -t 4
seq 5 | shuf | sort
