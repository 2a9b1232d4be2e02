# Shows: deep call chains and large values in the shell
depth() { if [ "$1" -gt 0 ]; then depth $(($1 - 1)); else echo bottom; fi; }
depth 500
big=$(seq 1 20000)
echo "${#big}"
set -- $big
echo $#
sh -c 'echo ${#0}' "$(printf '%0100000d' 0)"
