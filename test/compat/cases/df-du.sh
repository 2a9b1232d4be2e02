# Shows: df and du, mount, free and uptime
df / 2>/dev/null | head -1
df /tmp | tail -1
mkdir d
dd if=/dev/zero of=d/f bs=1024 count=100 2>/dev/null
du -s d
du -a d | wc -l
du -sh d/f
free | head -1
free | grep -c Mem
uptime | grep -c 'load average'
mount | grep -c ' /proc type proc'
