/** The C programs beside this file, as build/server-tests/ has them: how a run of `tools/kairo` gets them as commands. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../kairo.js';

/** The words that put each of `names` into /bin of the guest. */
export function withPrograms(...names: string[]): string[] {
  return names.flatMap((name) => ['--add', `${join(projectRoot, 'build/server-tests', name)}:/bin/${name}`]);
}

/** The text of test/guest/server/golden/NAME. */
export function golden(name: string): string {
  return readFileSync(join(projectRoot, 'test/guest/server/golden', name), 'utf8');
}

/**
 * Shell functions for scripts: memory that nobody uses, the server neither (kB); the same once it has come to rest, for
 * what a process leaves is freed after its parent hears of its end; and processes.
 */
export const counters = `
unused() { awk '/^MemFree/ {print $2}' /proc/meminfo; }
settled() { a=$(unused); while sleep 0.1; b=$(unused); [ $a -ne $b ]; do a=$b; done; echo $a; }
alive() { set -- /proc/[0-9]*; echo $#; }
`;
