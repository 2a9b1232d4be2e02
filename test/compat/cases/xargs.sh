# Shows: xargs in its forms, with parallel children and statuses
seq 1 10 | xargs
seq 1 10 | xargs -n 3 echo
printf 'a b\0c d\0' | xargs -0 -n1 echo
printf '3\n1\n2\n' | xargs -I{} echo item {}
seq 1 4 | xargs -P 4 -n 1 sh -c 'sleep 0.1; echo $0' | sort
echo x | xargs false
echo "status $?"
echo x | xargs nonexistent
echo "status $?"
: | xargs -r echo nothing
seq 1 5000 | xargs echo | wc
