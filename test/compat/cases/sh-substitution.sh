# Shows: command substitution, parameter expansion and arithmetic
value=$(printf 'line1\nline2\n\n')
echo "[$value]"
path=/usr/local/lib/file.tar.gz
echo "${path##*/} ${path%/*} ${path%%.*} ${path#*.}"
unset missing
echo "${missing:-default} ${missing:+set} ${#path} ${path:5:5} ${path/local/global}"
echo $((2 ** 10)) $((17 % 5)) $((1 << 40)) $((0x1f)) $((-7 / 2)) $((5 > 3 && 2 > 1))
i=0
while [ $((i += 1)) -lt 4 ]; do printf '%s ' "$i"; done
echo
echo "$(echo "nested $(echo "deep $(echo deeper)")")"
set -- one 'two words' three
echo "$# $2"
for argument in "$@"; do printf '<%s>' "$argument"; done
echo
(: "${missing:?must be set}") 2>&1
echo "status $?"
