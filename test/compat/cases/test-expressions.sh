# Shows: test, [ and [[ on strings and numbers
t() { if "$@"; then echo yes; else echo "no $?"; fi; }
t [ a = a ]
t [ a != a ]
t [ -z '' ]
t [ -n '' ]
t [ 3 -lt 10 ]
t [ 3 -gt 10 ]
t [ 10 -eq 010 ]
t [ a -a '' ]
t [ a -o '' ]
t [ ! a ]
t [ \( a = b \) -o c = c ]
t test x
t test
t [ 1 -eq x ]
t [ a ']'
t [[ abc == a* ]]
t [ a \< b ]
