# Shows: long and strange file names, deep folders and path limits
touch -- '-dash' 'new
line' 'tab	tab' 'ünïcödé' '*'
ls | od -c | head -5
rm -- -dash
rm './*' && ls | wc -l
long=$(printf '%0255d' 0)
touch "$long" && echo 'name of 255'
touch "${long}0"
echo "status $?"
i=0
while [ $i -lt 100 ]; do mkdir d && cd d || break; i=$((i + 1)); done
pwd | wc -c | grep -qv '^1$' && echo deep
cd ../../.. && ls
touch "$(printf '%05000d' 0)"
echo "status $?"
mkdir ''
ls //etc/.././/etc///hostname
cd /tmp/../tmp/. && pwd
