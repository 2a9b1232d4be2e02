# Shows: bash: traps, wait, job control and kill by job
# Shell: bash
set -m
trap 'echo got USR1' USR1
(sleep 0.2; kill -USR1 $$) &
sleep 1 &
wait %2
echo "interrupted wait: $(($? > 128))"
wait
(sleep 0.1; exit 3) &
wait $!
echo "ended with $?"
jobs >/dev/null
sleep 10 &
jobs -l | sed 's/[0-9]\{2,\}/PID/'
kill -STOP %%
sleep 0.2
jobs | sed 's/[0-9]\{2,\}/PID/'
exec 2>/dev/null
kill -KILL %%
wait
echo done
