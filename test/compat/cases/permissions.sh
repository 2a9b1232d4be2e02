# Shows: file modes are enforced for other users
umask 022
echo secret >private
chmod 600 private
echo shared >public
mkdir closed
echo in >closed/f
chmod 700 closed
chmod 755 .
su_nobody() { su -s /bin/sh nobody -c "$*"; }
su_nobody id -u
su_nobody cat private
echo "status $?"
su_nobody cat public
su_nobody 'echo x >public'
echo "status $?"
su_nobody cat closed/f
echo "status $?"
su_nobody ls closed
echo "status $?"
su_nobody rm -f public
echo "status $?"
su_nobody kill -0 1
echo "status $?"
chmod 777 .
su_nobody touch mine
stat -c '%u %a' mine
chmod u+s /bin/busybox 2>/dev/null && chmod u-s /bin/busybox
