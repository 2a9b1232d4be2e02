# Shows: uname and limits that programs look at
uname -m
uname -o
uname -n
[ -n "$(uname -r)" ] && echo release
ulimit -n | grep -qE '^[0-9]+$|unlimited' && echo files
ulimit -s 4096
ulimit -s
(ulimit -n 5; cat /etc/hostname </dev/null 3</dev/null 4</dev/null)
echo "status $?"
nproc | grep -qE '^[0-9]+$' && echo processors
getconf PAGESIZE 2>/dev/null || echo 4096
arch
