# Shows: kill by number and name, kill -0, -l, to groups, killall and pgrep
sleep 100 &
pid=$!
kill -0 "$pid" && echo alive
kill "$pid"
wait "$pid" 2>/dev/null
echo "TERM $?"
sleep 100 &
kill -9 $!
wait $! 2>/dev/null
echo "KILL $?"
sleep 100 &
kill -HUP $!
wait $! 2>/dev/null
echo "HUP $?"
kill -l 9
kill -0 999999
echo "no such process: $?"
kill -l | head -1 | cut -c1-20
kill -NOSUCH 1
echo "bad signal: $?"
cp /bin/busybox ./sleeper-x
ln -s sleeper-x sleep
./sleep 100 &
sleep 0.2
killall -q sleep
wait $! 2>/dev/null
echo "killall $?"
sh -c 'trap "" TERM; kill -TERM $$; echo survived'
