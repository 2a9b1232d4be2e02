# Shows: zsh: arrays, globs, arithmetic, pipelines
# Shell: zsh
a=(one two three)
print $#a $a[2] ${(j:-:)a} ${(U)a[1]}
typeset -A m
m=(x 1 y 2)
print ${(ok)m} ${(ov)m}
touch f1 f2 g1
print f* (^f*)(N)
print -l *(.N) | wc -l | tr -d ' '
for i in {1..3}; do print -n "$i "; done
print
print $((2 ** 10 + 0.5))
seq 1 10 | while read -r n; do (( n % 5 == 0 )) && print $n; done
f() { local x=$1; print $(( x * 2 )); }
f 21
print ${${:-/a/b/c.txt}:t:r}
[[ abc == (a|b)* ]] && print match
TRAPUSR1() { print caught; }
kill -USR1 $$
sleep 0.1 &
wait
print -r -- "${(q):-a b}"
exit 6
