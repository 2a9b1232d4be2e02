# Shows: named pipes between processes, and pipes that break
mkfifo p
(echo through fifo; echo second) >p &
cat p
wait
cat p >got &
echo again >p
wait
cat got
(sleep 0.2; echo late) | cat
sh -c 'yes; echo "yes ended $?" >&2' 2>status | head -1
sh -c 'trap "" PIPE; i=0; while echo $i; do i=$((i+1)); done' 2>err | head -1
grep -c 'roken pipe' err
seq 1 200000 | md5sum
cat /dev/zero | head -c 1000000 | wc -c
