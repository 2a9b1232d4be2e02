# Shows: device nodes of one's own: mknod, and what opening them reaches
# Needs: root
umask 022
mknod null c 1 3
mknod -m 640 zero c 1 5
mknod disk b 7 200
mknod nothing c 255 255
stat -c '%n %F %a %t,%T' null zero disk nothing
for t in -c -b -f; do
  for n in null disk; do [ $t $n ] && echo "$t $n"; done
done
echo gone >null && wc -c <null
head -c 3 zero | od -An -tx1
cat nothing 2>&1
echo "status $?"
cp -a zero copy
chown 12:34 copy
stat -c '%F %a %u:%g %t,%T' copy
mv null moved && echo gone >moved && ls
mknod moved c 1 3 2>&1
echo "status $?"
