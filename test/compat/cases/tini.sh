# Shows: tini: passes the status of its child on and reaps orphans
/sbin/tini -s -- sh -c 'exit 42'
echo "status $?"
/sbin/tini -s -- sh -c 'kill -9 $$'
echo "status $?"
/sbin/tini -s -- sh -c '(sleep 0.1 &) ; sleep 0.3; echo ran'
/sbin/tini -s -- nonexistent 2>&1 | sed 's/.*] //'
