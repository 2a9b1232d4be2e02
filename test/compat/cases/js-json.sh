# Shows: a JavaScript program compiled ahead of time prints its JSON
/compat/bin/json
echo "status $?"
