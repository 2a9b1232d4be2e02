# Shows: stat, touch, chmod, chown, readlink, realpath, test on files
umask 022
echo content >f
stat -c '%s %F %a %u %g %h %n' f
touch -d '2015-05-05 05:05:05' f
stat -c '%Y %y' f | cut -c1-30
chmod u+x,g=w,o= f
stat -c '%a %A' f
chown 12:34 f
stat -c '%u:%g' f
chmod 644 f
mkfifo fifo
stat -c '%F' fifo / /dev/null
stat -c '%t,%T' /dev/zero
ln -s f link
stat -c '%F %N' link
stat -L -c '%F' link
readlink link
realpath link | sed 's|.*/||'
readlink -f ./../*/link | sed 's|.*/||'
for t in -e -f -d -L -p -c -r -w -x -s; do
  for n in f fifo /dev/null link missing .; do [ $t $n ] && printf '%s %s; ' $t $n; done
done
echo
[ f -nt link ] || echo older
[ f -ef link ] && echo same file
stat missing
echo "status $?"
touch -r f g && [ ! g -nt f ] && echo same time
chmod 755 /nonexistent
