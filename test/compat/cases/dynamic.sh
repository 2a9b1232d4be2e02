# Shows: Debian's dynamic bash, ls and sort, through the loader and shared libraries
PATH=/compat/debian:$PATH
/compat/debian/bash -c 'echo "$BASH_VERSION"; for i in 3 1 2; do echo $i; done | sort; printf "%.3f\n" 2.5'
mkdir d
echo hello >d/file
ln -s file d/link
/compat/debian/ls d
/compat/debian/ls -l d | awk '{print $1, $2, $3, $5, $9, $10, $11}'
/compat/debian/ls -la / >/dev/null
echo "status $?"
seq 1 50000 | /compat/debian/sort -rn | head -2
/compat/debian/bash -c 'set -m; sleep 0.1 & wait; kill -l 9; coproc cat; echo through >&"${COPROC[1]}"; read -r x <&"${COPROC[0]}"; echo $x'
/compat/debian/bash -c 'exit 5'
echo "status $?"
/lib64/ld-linux-x86-64.so.2 /compat/debian/ls d/file
