# Shows: bash: arrays, [[ ]], regular expressions, process substitution, printf -v
# Shell: bash
array=(zero one 'two words')
array+=(three)
echo "${#array[@]} ${array[2]} ${array[@]:1:2}"
declare -A map=([red]=1 [green]=2)
for key in "${!map[@]}"; do echo "$key=${map[$key]}"; done | sort
[[ foo123 =~ ^([a-z]+)([0-9]+)$ ]] && echo "${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"
diff <(seq 3) <(seq 4)
printf -v padded '%05d' 42
echo "$padded ${padded^^} ${BASH_VERSINFO[0]}"
for ((i = 0; i < 3; i++)); do echo -n "$i "; done
echo
coproc cat
echo through coproc >&"${COPROC[1]}"
read -r line <&"${COPROC[0]}"
echo "$line"
exec {COPROC[1]}>&-
wait
mapfile -t lines < <(seq 1 3)
echo "${lines[*]}"
trap 'echo ERR $?' ERR
false
trap - ERR
echo {1..5} {a,b}{1,2}
read -r -t 0.2 x < <(sleep 2)
echo "timed out: $(($? > 128))"
( set -e; false; echo unreachable )
echo "status $?"
kill -l SIGTERM
shopt -s extglob
touch a.c b.h c.o
echo !(*.o)
echo $((16#ff)) $(( 7 ** 3 ))
ulimit -c
exit 9
