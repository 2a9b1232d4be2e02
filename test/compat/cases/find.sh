# Shows: find by name, type, size, time, depth, with -exec and -newer
mkdir -p a/b/c a/d
touch a/one.txt a/b/two.txt a/b/c/three.log
printf '%2000s' x >a/d/big
ln -s ../one.txt a/d/link
find a | sort
find a -name '*.txt' | sort
find a -type d | sort
find a -type l
find a -size +1k
find a -maxdepth 1 | sort
find a -name '*.log' -exec echo found {} \;
find a -type f -exec echo all {} + | tr ' ' '\n' | sort
touch -d '2001-01-01 00:00:00' a/one.txt
find a -mtime +1000
find a -newer a/one.txt -type f | sort
find a -name '*.log' -exec rm {} \;
find a -type f -print0 | xargs -0 -n1 basename | sort
find a -perm 644 -type f | sort
