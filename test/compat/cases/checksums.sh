# Shows: md5sum, sha1sum, sha256sum, sha512sum, crc32, base64, uuencode
seq 1 5000 >data
md5sum data
sha1sum data
sha256sum data
sha512sum data
crc32 data
sha256sum data >list
sha256sum -c list
echo x >>data
sha256sum -c list
echo "status $?"
echo 'hello world' | base64
echo 'aGVsbG8gd29ybGQK' | base64 -d
head -c 300000 /dev/zero | sha256sum
