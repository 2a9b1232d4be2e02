# Shows: grep and sed
cat >text <<'END'
The quick brown fox
jumps over the lazy dog
123 numbers 456
the end
END
grep the text
grep -i the text
grep -c the text
grep -n 'o[xv]' text
grep -v the text
grep -o '[0-9]*' text
grep -E '(fox|dog)$' text
grep -q fox text && echo found
grep missing text
echo "status $?"
grep -A1 -B1 numbers text
grep -rl fox .
sed 's/the/THE/g' text
sed -n '2,3p' text
sed '/fox/d; s/\([a-z]*\) \(.*\)/\2 \1/' text
sed -i 's/quick/slow/' text
head -1 text
sed -n '$=' text
sed 'y/abc/xyz/;1!G;h;$!d' text
sed -e '2i\' -e 'inserted' text
