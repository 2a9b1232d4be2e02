# Shows: mounting: tmpfs with options, bind, read-only, moving, busy and nested mounts, chroot
cd /tmp || exit
mkdir m n o
mount -t tmpfs -o size=1m,mode=700 small m
stat -c '%a %u %g %F' m
df m | awk 'NR == 2 { print $2, $6 }'
dd if=/dev/zero of=m/big bs=64k count=32 2>/dev/null || echo full
stat -c %s m/big
rm m/big
grep ' /tmp/m ' /proc/mounts | cut -d ' ' -f 1-3
echo inside >m/file
mount --bind m n
cat n/file
echo more >>n/file
cat m/file
mount -o remount,ro,bind n
echo no 2>/dev/null >>n/file || echo read-only
rm -f n/file 2>/dev/null || echo kept
mkdir n/d 2>/dev/null || echo 'no directory'
chmod 600 n/file 2>/dev/null || echo 'no mode'
touch n/file 2>/dev/null || echo 'no times'
echo yes >>m/file && echo writable
umount n
find n -mindepth 1 | wc -l
cd m || exit
umount /tmp/m 2>/dev/null || echo busy
cd ..
mkdir m/below
mount -t tmpfs below m/below
touch m/below/x
umount m 2>/dev/null || echo 'busy below'
rmdir m/below 2>/dev/null || echo 'is a mount'
mv m/below m/other 2>/dev/null || echo 'cannot move a mount point'
mv m/below/x m/y && ls m
mount --move m o
ls o
[ -e m/file ] || echo moved
umount o/below
umount o
mount -t nonsense x o 2>/dev/null || echo unknown
umount o 2>/dev/null || echo 'not mounted'
mount -t tmpfs x missing 2>/dev/null || echo 'no such place'
touch o/f
mount -t tmpfs x o/f 2>/dev/null || echo 'not a directory'
mkdir -p root/bin
cp /bin/busybox root/bin/
ln -s /bin/busybox root/bin/sh
chroot root /bin/sh -c 'cd /; pwd; echo /*; cd ..; pwd; ls /bin | head -1'
mkdir root/up
cd root/up || exit
chroot .. /bin/busybox pwd
cd /tmp || exit
mkdir gone && cd gone && rmdir ../gone
pwd
ls
cd /tmp || exit
mount -t tmpfs a m
mount -t tmpfs b m
touch m/b
umount m
find m -mindepth 1 | wc -l
umount m
cd / && rm -rf /tmp/m /tmp/n /tmp/o /tmp/root
