# Shows: redirections, duplicated and closed descriptors, noclobber
echo out >f
echo more >>f
cat <f
{ echo to-stdout; echo to-stderr >&2; } >both 2>&1
cat both
exec 3>third
echo via three >&3
exec 3>&-
cat third
(echo x >&3) 2>&1
echo "closed: $?"
exec 4<f
read -r line <&4
echo "$line"
read -r line <&4
echo "$line"
exec 4<&-
set -C
(echo y >f) 2>&1
echo "noclobber: $?"
echo forced >|f
cat f
cat <missing
echo "missing: $?"
echo a | tee copy | cat -
cat copy
