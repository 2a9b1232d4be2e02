# Shows: ps with its columns, and the shell and ps themselves in it
sleep 5 &
sleep 0.3
ps
ps -o pid,ppid,comm | grep -c sleep
kill $!
