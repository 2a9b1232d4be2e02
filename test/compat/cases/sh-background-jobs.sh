# Shows: background jobs, $!, wait and their statuses
sleep 0.2 &
first=$!
(exit 7) &
second=$!
wait "$second"
echo "second $?"
wait "$first"
echo "first $?"
for n in 3 1 2; do (sleep "0.$n"; echo "slept $n") & done
wait
echo "all done $?"
wait 99999
echo "unknown child $?"
