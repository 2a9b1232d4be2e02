# Shows: dd with blocks, seek, skip, sparse files, conv
seq 1 100 >in
dd if=in of=out bs=16 count=2 2>/dev/null
cat out
echo
dd if=in bs=1 skip=5 count=7 2>/dev/null
echo
dd if=/dev/zero of=big bs=4096 count=300 2>/dev/null
stat -c %s big
printf X | dd of=big bs=1 seek=5000 conv=notrunc 2>/dev/null
stat -c %s big
dd if=big bs=1 skip=4999 count=3 2>/dev/null | od -An -tx1
dd if=/dev/zero of=sparse bs=1 count=0 seek=100000000 2>/dev/null
stat -c %s sparse
dd if=sparse bs=1000 skip=50000 count=1 2>/dev/null | md5sum
echo upper | dd conv=ucase 2>/dev/null
dd if=missing 2>&1
echo "status $?"
dd if=in of=/dev/full 2>&1 | tail -1
truncate -s 10 in
wc -c <in
head -c 1000000 /dev/urandom | wc -c
