// What podiag costs, counted and timed: shared by the test that bounds it and the bench that prints it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Container, Workload } from './container.js';
import { pathOf, staticBusybox } from './tools.js';

/** Starts `count` sleeping processes that hold `descriptors` files each. */
export async function startSleepers(container: Container, count: number, descriptors: number): Promise<Workload> {
  const file = join(container.scratch, 'held.txt');
  writeFileSync(file, '');
  // Descriptors 0 to 2 are there already; a POSIX shell names at most 0 to 9.
  const redirections = Array.from({ length: descriptors - 3 }, (_, index) => `${index + 3}<${file}`).join(' ');
  const script = `exec ${redirections}; i=0; while [ $i -lt ${count} ]; do sleep 100000 & i=$((i + 1)); done; echo ready; wait`;
  return container.workload([staticBusybox(), 'sh', '-c', script]);
}

/** Child processes that a run of podiag starts, as strace -f -c counts them. */
export function countChildren(container: Container): number {
  const summary = join(container.scratch, 'strace.txt');
  const strace = [pathOf('strace'), '-f', '-c', '-o', summary, '-e', 'trace=clone,?clone3,fork,vfork'];
  const podiag = [pathOf('chroot'), container.root, '/bin/sh', '/podiag'];
  const result = container.run(container.enter([...strace, ...podiag]));
  if (result.status !== 0) throw new Error(`strace: ${result.errors}`);
  // Columns: % time, seconds, usecs/call, calls, errors (may be empty), syscall.
  const rows = readFileSync(summary, 'latin1').matchAll(/^ *[\d.]+ +[\d.]+ +\d+ +(\d+).* (clone3?|v?fork)$/gm);
  return [...rows].reduce((sum, [, calls]) => sum + Number(calls), 0);
}

/** Every file that a run of podiag opens, as the lines of strace. */
export function traceOpens(container: Container): string[] {
  const log = join(container.scratch, 'opens.txt');
  const strace = [pathOf('strace'), '-f', '-qq', '-o', log, '-e', 'trace=?open,openat,?creat,?openat2'];
  const podiag = [pathOf('chroot'), container.root, '/bin/sh', '/podiag'];
  const result = container.run(container.enter([...strace, ...podiag]));
  if (result.status !== 0) throw new Error(`strace: ${result.errors}`);
  return readFileSync(log, 'latin1').split('\n');
}

/** The best of `runs` times, in milliseconds: the least disturbed one. */
function best(runs: number, run: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let count = 0; count < runs; count++) {
    const start = process.hrtime.bigint();
    run();
    least = Math.min(least, Number(process.hrtime.bigint() - start) / 1e6);
  }
  return least;
}

export function timePodiag(container: Container, runs: number): number {
  return best(runs, () => {
    const result = container.podiag();
    if (result.status !== 0) throw new Error(result.errors);
  });
}

/** What an engineer would type without podiag: `ps`, and one `readlink` per descriptor. */
export function timeByHand(container: Container, runs: number): number {
  const script = 'ps; for link in /proc/[0-9]*/fd/*; do readlink "$link"; done';
  return best(runs, () => container.run(container.enterRoot(['/bin/sh', '-c', script])));
}
