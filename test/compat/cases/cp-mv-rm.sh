# Shows: cp -a, mv, rm -r, ln, mkdir -p, rmdir and their errors
mkdir -p src/deep/er
echo one >src/one
echo two >src/deep/two
ln -s ../one src/deep/link
chmod 600 src/one
touch -d '2010-10-10 10:10:10' src/one src/deep/two
cp -a src copy
diff -r src copy && echo same
stat -c '%a %Y %N' copy/one
cp src/one plain
stat -c %a plain
cp -r src/deep deep2
ls deep2
mv copy moved
ls
mv plain moved/deep
ls moved/deep
mv moved/one moved/uno && cat moved/uno
rm moved
rm -r moved
ls moved
rmdir src
rmdir src/deep/er && echo removed
rm -f missing && echo forced
rm missing
mkdir src
mkdir -p src && echo parents ok
cp missing x
cp src x
ln src/one hard
stat -c %h hard
ln -s loop loop
cat loop
mv src src/deep
echo "status $?"
