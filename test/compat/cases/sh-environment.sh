# Shows: env, export, set -u, and what a child inherits
env -i A=1 B='two words' env
export KAIRO_X=exported
plain=private
sh -c 'echo "${KAIRO_X:-none} ${plain:-none}"'
KAIRO_Y=once sh -c 'echo $KAIRO_Y'
echo "${KAIRO_Y:-gone}"
env -u KAIRO_X sh -c 'echo "${KAIRO_X:-unset}"'
(set -u; echo "$undefined") 2>&1
echo "status $?"
umask 027
umask
sh -c umask
cd /
pwd
cd - >/dev/null
env | grep "^HOME="
id -u
id
whoami
hostname
