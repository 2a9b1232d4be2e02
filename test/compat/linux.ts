/**
 * Runs a batch on Linux: in a chroot of the very root that Kairo boots, with name spaces of its own for mounts,
 * processes and the host name.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { withNameSpaces } from '../name-spaces.js';
import { batchArguments, parseBatch } from './batch.js';
import type { Case, Result } from './cases.js';
import type { Addition } from './programs.js';

const prepare = `
root=$1; shift
mount --bind "$root" "$root" && cd "$root" || exit 98
mount -t tmpfs -o mode=1777 tmpfs tmp && mount -t proc proc proc && mount --rbind /dev dev || exit 98
hostname kairo
exec setpriv --clear-groups env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root USER=root LOGNAME=root \\
  TERM=linux SHELL=/bin/sh chroot "$root" /bin/busybox sh -c 'cd /root; exec /bin/sh "$@"' sh "$@"
`;

/** Unpacks `archive` and puts `additions` in it. */
export function prepareLinuxRoot(folder: string, archive: string, additions: Addition[]): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // A device is nothing that every user can make; the chroot gets the machine's /dev anyway.
  must('sh', ['-c', 'cd "$1" && cpio -id --quiet --nonmatching dev/console <"$2"', 'sh', folder, archive]);
  for (const { host, guest } of additions) {
    const target = join(folder, guest);
    mkdirSync(join(target, '..'), { recursive: true });
    must('cp', ['-rT', host, target]);
  }
}

export function runOnLinux(root: string, cases: Case[]): Map<string, Result> {
  const command = ['sh', '-c', prepare, 'sh', root, ...batchArguments(cases)];
  const [program = '', ...rest] = withNameSpaces(['--pid', '--fork', '--uts'], command);
  const result = spawnSync(program, rest, { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] });
  if (result.status !== 0) throw new Error(`the Linux side failed: ${result.stderr}`);
  return parseBatch(result.stdout);
}

function must(command: string, words: string[]): void {
  const result = spawnSync(command, words, { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${command} ${words.join(' ')}: ${result.stderr}`);
}
