# Shows: traps on signals and on exit
trap 'echo caught USR1' USR1
kill -USR1 $$
trap 'echo caught TERM' TERM
(sleep 0.2; kill -TERM $$) &
sleep 1 &
wait $!
echo "wait was interrupted: $(($? > 128))"
wait
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
