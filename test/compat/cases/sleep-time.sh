# Shows: sleep, timeout, time and clocks that go forward
start=$(date +%s)
sleep 1
end=$(date +%s)
[ $((end - start)) -ge 1 ] && [ $((end - start)) -le 10 ] && echo slept
timeout 0.3 sleep 5
echo "timeout $?"
timeout 5 true
echo "in time $?"
timeout -s KILL 0.3 sleep 5
echo "killed $?"
usleep 1000 && echo usleep
{ time true; } 2>&1 | grep -c '^real'
[ "$(cut -d. -f1 /proc/uptime)" -ge 0 ] && echo uptime
a=$(date +%s)
b=$(date +%s)
[ "$b" -ge "$a" ] && echo monotonic
date -u -d @0 '+%Y-%m-%d %H:%M:%S %Z'
date -u -d @1700000000 '+%a %b %e %T %Y'
TZ=CET-1CEST date -d @1700000000 '+%H:%M %Z'
