# Shows: sash: its built-in commands on files
# Shell: sash
-mkdir d
-cp /etc/hostname d/h
-ls d
-chmod 600 d/h
-mv d/h d/i
-ls d
-ln -s i d/link
-printenv HOME
-pwd
-rm d/i d/link
-rmdir d
-echo done
-sum /etc/passwd
