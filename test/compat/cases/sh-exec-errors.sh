# Shows: what is said of programs that do not exist, may not run or are no programs
nonexistent-program
echo "status $?"
./nothing
echo "status $?"
echo 'echo hi' >script
./script
echo "status $?"
chmod +x script
./script
echo "status $?"
printf '#!/nonexistent/shell\n' >bad
chmod +x bad
./bad
echo "status $?"
printf '#!/bin/sh -e\necho "$0 $1"; false; echo unreachable\n' >flags
chmod +x flags
./flags argument
echo "status $?"
mkdir folder
./folder
echo "status $?"
exec true
echo unreachable
