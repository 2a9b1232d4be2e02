# Shows: diff, patch, cmp, and vi driven from a script
seq 1 10 >a
seq 1 10 | sed 's/5/five/; 8d' >b
diff a b | grep -v '^[-+][-+]'
echo "status $?"
diff -u a b | tail -n +3
diff -q a b
cp a c
diff a c && echo same
diff -u a b >p
patch a <p
diff a b && echo patched
mkdir x y
echo 1 >x/f
echo 2 >y/f
echo 3 >x/only
diff -r x y | grep -v '^[-+][-+]'
