# Shows: awk fields, patterns, arrays, functions and formatting
printf 'apple 3 1.5\npear 10 0.25\nfig 7 2\n' >fruit
awk '{print $1, NF, NR}' fruit
awk '$2 > 5 {n++; sum += $3} END {printf "%d %.3f\n", n, sum}' fruit
awk 'BEGIN {for (i = 1; i <= 5; i++) s = s i; print s, length(s), substr(s, 2, 3), index(s, "4")}'
awk '{c[$1] = $2} END {for (k in c) print k, c[k]}' fruit | sort
awk -F: '{print $1}' /etc/passwd
awk -v x=42 'BEGIN {print x / 5, int(x / 5), x % 5, x * x}'
awk 'function f(n) {return n < 2 ? n : f(n - 1) + f(n - 2)} BEGIN {print f(18)}'
awk 'BEGIN {"echo from command" | getline line; print line; print toupper(line); print split("a,b,c", p, ","), p[3]}'
awk 'BEGIN {gsub(/o/, "0", s = "foo"); x = "foo boo"; n = gsub(/o+/, "[&]", x); print n, x; print match("xxabc", /abc/), RSTART, RLENGTH}'
awk 'BEGIN {print 1e300 * 1e10, 0.1 + 0.2, 1 / 3; printf "%5d|%-5s|%05.1f|%x|%c|%e\n", 42, "ab", 3.14159, 255, 65, 12345.678}'
awk 'BEGIN {print "to file" > "out"; close("out"); while ((getline l < "out") > 0) print "read", l; system("echo system"); exit 3}'
echo "status $?"
