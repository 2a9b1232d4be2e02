# Shows: jobs, %n, stopping and continuing, and the process group of a script
sleep 5 &
jobs | sed 's/[0-9][0-9]*$//'
kill %1
wait %1 2>/dev/null
echo "killed: $?"
sh -c 'kill -STOP $$; echo resumed' &
child=$!
sleep 0.3
cut -d' ' -f3 "/proc/$child/stat"
kill -CONT "$child"
wait "$child"
echo "status $?"
group=$(sh -c 'cut -d" " -f5 /proc/$$/stat')
own=$(cut -d' ' -f5 "/proc/$$/stat")
if [ "$group" != "$own" ]; then echo 'own group'; else echo 'shared group'; fi
setsid sh -c 'set -- $(cat /proc/$$/stat); [ "$1" = "$5" ] && [ "$1" = "$6" ] && echo leads a session'
