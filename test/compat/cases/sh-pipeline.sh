# Shows: pipelines, their status and pipefail
seq 1 20 | grep 1 | sort -rn | head -3
echo one two three | tr ' ' '\n' | wc -l
true | false
echo "status $?"
false | true
echo "status $?"
(set -o pipefail; false | true; echo "pipefail $?")
seq 1 100000 | tail -1
yes | head -2
echo "still here"
