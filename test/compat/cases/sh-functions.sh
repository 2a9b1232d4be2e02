# Shows: functions, local variables, recursion, return, case and loops
factorial() {
  local n=$1
  if [ "$n" -le 1 ]; then echo 1; else echo $((n * $(factorial $((n - 1))))); fi
}
factorial 10
classify() {
  case $1 in
    [0-9]*) return 1 ;;
    *.txt | *.md) return 2 ;;
    *) return 3 ;;
  esac
}
for word in 12 a.txt b.md other; do classify "$word"; echo "$word $?"; done
for i in 1 2 3; do
  for j in 1 2 3; do
    [ "$j" = 2 ] && continue 2
    [ "$i" = 3 ] && break 2
    echo "$i$j"
  done
done
until false; do break; done
eval 'x=evaluated; echo $x'
