/**
 * Runs every case on Linux and on Kairo and compares: twice, the second time with the process server's work cut into the
 * smallest of slices, which must make no difference. Cases share boots, a batch each; what a batch leaves without a
 * result, or with a wrong one, gets a boot of its own before it counts as failed.
 * test/compat/not-yet.txt lists cases that do not pass yet. The list only shrinks: a listed case that passes is a failure.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot } from '../name-spaces.js';
import type { Tally } from '../tally.js';
import { batchArguments, CASE_SECONDS, parseBatch } from './batch.js';
import { type Case, compare, type Result, readCases } from './cases.js';
import { prepareLinuxRoot, runOnLinux } from './linux.js';
import { type Addition, additions } from './programs.js';

const BATCH_SIZE = 16;
const BATCH_SECONDS = 120;
const MEMORY = '512M';

/** How Kairo is started (docs/boot.md). */
const WAYS = [
  { name: '', words: [] },
  { name: ', in the smallest of slices', words: ['--append', 'kairo.budget=1'] },
];

export function runCompatibility(projectRoot: string, only: string[]): Tally {
  const folder = join(projectRoot, 'test/compat');
  const cases = readCases(join(folder, 'cases')).filter(({ name }) => only.length === 0 || only.includes(name));
  const notYet = readList(join(folder, 'not-yet.txt'));
  const extra = additions(projectRoot);
  const linuxRoot = join(projectRoot, 'build/compat/linux-root');
  prepareLinuxRoot(linuxRoot, join(projectRoot, 'build/root.cpio'), extra);
  const isOnLinux = ({ needsRoot }: Case) => isRoot || !needsRoot;
  const linux = runOnLinux(linuxRoot, cases.filter(isOnLinux));

  const judge = (wanted: Case, results: Map<string, Result>, otherwise: string) => {
    const reference = linux.get(wanted.name);
    const result = results.get(wanted.name);
    if (reference === undefined && isOnLinux(wanted)) return 'Linux gave no result';
    // Missing on both sides would be alike.
    const missing = reference && /^.*\/compat\/bin\/.*not found$/m.exec(reference.output);
    if (missing) return `a program of the case was not built: ${missing[0]}`;
    return result === undefined ? otherwise : compare(wanted, reference, result);
  };
  const tally: Tally = { passed: 0, failed: 0 };
  for (const way of WAYS) {
    const runThem = (some: Case[], seconds: number) =>
      runOnKairo(projectRoot, [...way.words, ...additionWords(extra)], some, seconds);
    const problems = new Map<string, string | undefined>();
    for (let start = 0; start < cases.length; start += BATCH_SIZE) {
      const batch = cases.slice(start, start + BATCH_SIZE);
      const { results, ending } = runThem(batch, BATCH_SECONDS);
      for (const wanted of batch) problems.set(wanted.name, judge(wanted, results, ending));
    }
    for (const wanted of cases) {
      let problem = problems.get(wanted.name);
      const listed = notYet.has(wanted.name);
      if (problem !== undefined && !listed) {
        const { results, ending } = runThem([wanted], CASE_SECONDS + 15);
        problem = judge(wanted, results, ending);
      }
      report(`${wanted.name}: ${wanted.shows}${way.name}`, isOnLinux(wanted), problem, listed, tally);
    }
  }
  for (const name of notYet) {
    if (only.length > 0 || cases.some((known) => known.name === name)) continue;
    console.log(`not ok compat ${name}: not-yet.txt names a case that does not exist`);
    tally.failed++;
  }
  return tally;
}

function report(name: string, wasOnLinux: boolean, problem: string | undefined, listed: boolean, tally: Tally): void {
  const reservation = wasOnLinux ? '' : ' (not compared with Linux, where it needs root; its pattern judged it)';
  const title = `compat ${name}${reservation}`;
  if (problem === undefined && listed) {
    console.log(`not ok ${title}\n  passes now: remove it from test/compat/not-yet.txt`);
    tally.failed++;
  } else if (problem === undefined) {
    console.log(`ok ${title}`);
    tally.passed++;
  } else if (listed) {
    console.log(`not yet ${title}\n  ${problem}`);
  } else {
    console.log(`not ok ${title}\n  ${problem}`);
    tally.failed++;
  }
}

function additionWords(extra: Addition[]): string[] {
  return extra.flatMap(({ host, guest }) => ['--add', `${host}:${guest}`]);
}

function runOnKairo(projectRoot: string, words: string[], cases: Case[], seconds: number) {
  const result = spawnSync(
    process.execPath,
    [
      join(projectRoot, 'build/tools/tools/run/main.js'),
      ...['run', '--memory', MEMORY, '--timeout', String(seconds)],
      ...['--log', join(projectRoot, 'build/compat/kernel.log')],
      ...words,
      ...['--', '/bin/sh', ...batchArguments(cases)],
    ],
    { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const errors = result.stderr.toString().trim().split('\n').slice(0, 8).join('\n  ');
  return { results: parseBatch(result.stdout), ending: `no result: the run ended with ${result.status}\n  ${errors}` };
}

function readList(path: string): Set<string> {
  const lines = readFileSync(path, 'utf8').split('\n');
  return new Set(lines.map((line) => line.replace(/#.*/, '').trim()).filter((line) => line !== ''));
}
