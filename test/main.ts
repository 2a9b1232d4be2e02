/**
 * `make test`: host tests on Node, guest tests that boot the machine, and Linux programs compared with Linux.
 * Arguments choose among host, guest and compat (default: all), and after compat may name cases; fuzz runs the
 * randomized tests of host and guest only.
 * The closing line counts everything: `N passed, N failed`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCompatibility } from './compat/run.js';
import { runNodeTests } from './node-tests.js';
import { add, type Tally } from './tally.js';

/** This file is build/tools/test/main.js. */
const projectRoot = join(dirname(fileURLToPath(import.meta.url)), '../../..');
process.chdir(projectRoot);

/** Compiled test files whose sources are still there, by the end of their name. */
function testFiles(folders: string[], ending: string): string[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith(`${ending}.ts`))
      .map((file) => join('build/tools', folder, file.replace(/\.ts$/, '.js')))
      .sort(),
  );
}

/** Whether a test draws from test/seed.ts. */
const isRandomized = (file: string) =>
  readFileSync(file.replace('build/tools/', '').replace(/\.js$/, '.ts'), 'utf8').includes("/seed.js'");

const [kind, ...names] = process.argv.slice(2);
let total: Tally = { passed: 0, failed: 0 };
if (kind === undefined || kind === 'host') {
  total = add(total, runNodeTests('host', testFiles(['tools', 'test'], '.test'), 'build/test/host.tap'));
}
if (kind === undefined || kind === 'guest') {
  total = add(total, runNodeTests('guest', testFiles(['test/guest'], '.guest'), 'build/test/guest.tap'));
}
if (kind === undefined || kind === 'compat') total = add(total, runCompatibility(projectRoot, names));
if (kind === 'fuzz') {
  const files = [...testFiles(['test'], '.test'), ...testFiles(['test/guest'], '.guest')];
  total = runNodeTests('fuzz', files.filter(isRandomized), 'build/test/fuzz.tap');
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
