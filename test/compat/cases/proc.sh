# Shows: /proc as the shell and scripts read it
cat /proc/self/comm
tr '\0' ' ' </proc/self/cmdline
echo
readlink /proc/self/exe
readlink /proc/self/cwd | sed 's|.*/||'
ls /proc/self/fd | head -3
grep -c . /proc/self/maps | grep -qv '^0$' && echo maps
grep -E '^(Name|PPid|Uid|Threads):' /proc/self/status | sed 's/PPid:.*/PPid/'
awk '{print (NF >= 44)}' /proc/self/stat
[ -d /proc/1 ] && echo init
[ -r /proc/meminfo ] && grep -c -E '^(MemTotal|MemFree|MemAvailable):' /proc/meminfo
awk '{print NF}' /proc/loadavg
awk '{print NF}' /proc/uptime
grep -c '^cpu ' /proc/stat
grep -c proc /proc/filesystems | grep -qv '^0$' && echo filesystems
grep -c '^processor' /proc/cpuinfo | grep -qv '^0$' && echo cpus
cat /proc/sys/kernel/hostname
for d in /proc/[0-9]*; do read -r line 2>/dev/null <$d/stat && n=$((n + 1)); done
[ "$n" -ge 2 ] && echo several
ls -l /proc/self/fd/1 | grep -c -- '->'
cat /proc/nonexistent
sh -c 'echo $PPID' | grep -qx $$ && echo parent
exec 5</etc/hostname
readlink /proc/self/fd/5 || readlink /proc/$$/fd/5
cat <&5
