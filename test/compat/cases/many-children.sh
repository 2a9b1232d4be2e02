# Shows: two hundred children come and go, and none is left over
i=0
while [ $i -lt 200 ]; do
  (exit $((i % 7))) || bad=$((bad + 1))
  i=$((i + 1))
done
echo "$bad"
i=0
while [ $i -lt 50 ]; do sleep 0.1 & i=$((i + 1)); done
wait
echo waited
ps -o stat,ppid | awk -v me=$$ '$2 == me && $1 ~ /Z/' | wc -l
