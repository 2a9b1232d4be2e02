# Shows: ls in its forms, with modes, links and sizes
mkdir d
printf hello >d/file
ln -s file d/link
ln d/file d/hard
chmod 4755 d/file
mkdir d/sticky
chmod 1777 d/sticky
touch -d '2020-02-02 02:02:02' d/file d/sticky
ls d
ls -1a d
ls -F d
ls -n d/file | tr -s ' '
ls -l d | grep link | sed 's/.* link/link/'
ls -i d/file d/hard | awk '{print $1}' | uniq | wc -l
ls -d d
ls -S d
ls missing
echo "status $?"
ls -lR d | grep -c '^-'
