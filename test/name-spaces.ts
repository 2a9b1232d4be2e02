/**
 * How tests make name spaces on the build machine: as root by root's own rights, else in a user name space
 * (user_namespaces(7)) where the caller is root and has the further user numbers that /etc/subuid grants, because tests
 * look at programs of a second user too. Mounts made inside are seen by nobody outside.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';

/** Gives every user number that newuidmap(1) may, and not only root's. */
const asRootOptions = ['--user', '--map-root-user', '--map-auto'];

/** Whether the tests have root's own rights. */
export const isRoot = process.getuid?.() === 0;

/**
 * The root of a plain chroot is no mount point, so unshare(1) cannot make its mounts private. /proc is one: with that
 * one private, the root can be mounted on it, and the copy made private as well.
 */
const withPrivateRoot =
  'mount --make-private /proc && mount --rbind / /proc && mount --make-rprivate /proc && exec chroot /proc "$@"';

/** The command line that runs `command` as root in new name spaces, mounts included; `options` are of unshare(1). */
export function withNameSpaces(options: string[], command: string[]): string[] {
  if (!isRoot) return ['unshare', ...granted(), '--mount', ...options, ...command];
  if (isMountPoint('/')) return ['unshare', '--mount', ...options, ...command];
  return [
    'unshare',
    '--mount',
    '--propagation',
    'unchanged',
    ...options,
    'sh',
    '-c',
    withPrivateRoot,
    'sh',
    ...command,
  ];
}

/** The command line that runs `command` as root, whoever we are. */
export function asRoot(command: string[]): string[] {
  return isRoot ? command : ['unshare', ...granted(), ...command];
}

/** The options of nsenter(1) that lead into the name spaces of the process `pid`, to its root and working directory. */
export function entrance(pid: string): string[] {
  return ['-t', pid, ...(isRoot ? [] : ['-U']), '-m', '-p', '-n', '-r', '-w'];
}

/** unshare(1)'s options for a user name space; throws, with what to type, where the machine does not let us have one. */
function granted(): string[] {
  const { status, stderr, error } = spawnSync('unshare', [...asRootOptions, 'true'], { encoding: 'utf8' });
  if (status === 0) return asRootOptions;
  const name = userInfo().username;
  throw new Error(
    `this test makes name spaces with two users in them. Run it as root, or let ${name} make them; as root, type:
  apt-get install -y uidmap; usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${name}
unshare(1) says: ${error?.message ?? stderr.trim()}`,
  );
}

/** Whether `path` is the mount point of a line of mountinfo (proc_pid_mountinfo(5)), where it is the fifth word. */
function isMountPoint(path: string): boolean {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return lines.some((line) => line.split(' ')[4] === path);
}
