# Shows: app/json-report.ts, JavaScript compiled ahead of time, prints its JSON
/compat/bin/json-report
echo "status $?"
