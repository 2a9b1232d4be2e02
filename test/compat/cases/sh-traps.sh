# Shows: traps on signals and on exit
trap 'echo caught USR1' USR1
kill -USR1 $$
trap 'echo caught TERM; kill -9 $!' TERM
sleep 10 &
(sleep 0.2; kill -TERM $$) &
wait %1 2>/dev/null || wait $!
echo "after wait"
trap '' INT
kill -INT $$
echo 'INT ignored'
(trap 'echo subshell exit' EXIT; echo in subshell)
sh -c 'trap "echo bye; exit 3" HUP; kill -HUP $$; echo unreachable'
echo "status $?"
sh -c 'kill -TERM $$'
echo "terminated: $?"
sh -c 'kill -SEGV $$'
echo "segfault: $?"
trap 'echo leaving with $?' EXIT
exit 4
