# Shows: ps with its columns, and the shell and ps themselves in it
sleep 5 &
ps
ps -o pid,ppid,comm | grep -c sleep
kill $!
