#!/bin/sh
# Runs compatibility cases one after the other, in the guest or in a chroot on Linux, and prints for each
#   @@@ NAME STATUS LENGTH
# followed by LENGTH bytes of output and a newline. Arguments: SECONDS, then SHELL NAME pairs.
# A case that takes longer than SECONDS is ended, so that it does not hide the others.
limit=$1
shift
while [ $# -gt 0 ]; do
  shell=$1 name=$2
  shift 2
  mkdir -p "/tmp/work.$name" && cd "/tmp/work.$name" || exit 99
  # shellcheck disable=SC2086 # a shell may come with options
  timeout "$limit" $shell "/compat/cases/$name.sh" >"/tmp/$name.out" 2>&1 </dev/null
  status=$?
  cd / || exit 99
  rm -rf "/tmp/work.$name"
  printf '@@@ %s %s %s\n' "$name" "$status" "$(wc -c <"/tmp/$name.out")"
  cat "/tmp/$name.out"
  echo
  rm -f "/tmp/$name.out"
done
