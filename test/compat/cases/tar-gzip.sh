# Shows: tar, gzip, bzip2, xz, unzip of what they packed; cpio
mkdir -p tree/sub
seq 1 2000 >tree/numbers
echo text >tree/sub/text
ln -s numbers tree/link
chmod 750 tree/sub
tar cf t.tar tree
tar tf t.tar | sort
tar czf t.tgz tree
mkdir out
tar xzf t.tgz -C out
diff -r tree out/tree && echo identical
readlink out/tree/link
stat -c '%a %F' out/tree/sub
gzip -c tree/numbers | gunzip | cmp - tree/numbers && echo gzip ok
gzip -9 tree/numbers
ls tree
zcat tree/numbers.gz | tail -1
bzip2 -c tree/sub/text | bunzip2
echo xz | xz -c 2>/dev/null | xzcat 2>/dev/null
find tree | sort | cpio -o -H newc 2>/dev/null | cpio -it 2>/dev/null | sort
echo broken >bad.gz
gunzip bad.gz
echo "status $?"
