/**
 * Runs test files with Node's test runner and counts. The runner's own words are shown only for what failed; all of it
 * stays in a TAP file.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Parser, type Result } from 'tap-parser';
import type { Tally } from './tally.js';

export function runNodeTests(kind: string, files: string[], tapFile: string): Tally {
  if (files.length === 0) return { passed: 0, failed: 0 };
  mkdirSync(dirname(tapFile), { recursive: true });
  console.log(`${kind}: running ${files.length} files; progress in ${tapFile}`);
  const run = spawnSync(
    process.execPath,
    ['--test', '--test-reporter=tap', `--test-reporter-destination=${tapFile}`, ...files],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const tally = countTap(kind, readFileSync(tapFile, 'utf8'));
  // A runner that failed without naming a test is a failure too.
  if (run.status !== 0 && tally.failed === 0) tally.failed = 1;
  console.log(`${kind}: ${tally.passed} passed, ${tally.failed} failed`);
  return tally;
}

/** Counts leaves, so that a suite is not one more test. Prints each failure with its diagnostics. */
function countTap(kind: string, text: string): Tally {
  const tally: Tally = { passed: 0, failed: 0 };
  watch(new Parser(), (result, path) => {
    if (result.ok) tally.passed++;
    else {
      tally.failed++;
      console.log(`not ok ${kind} ${path} ${result.name}`);
      const diagnostics = result.diag as { error?: unknown; stack?: unknown } | null;
      for (const detail of [diagnostics?.error, diagnostics?.stack]) {
        if (typeof detail === 'string') console.log(detail.replace(/^/gm, '  '));
      }
    }
  }).end(text);
  return tally;
}

function watch(parser: Parser, onLeaf: (result: Result, path: string) => void, path = ''): Parser {
  let children = 0;
  parser.on('child', (child: Parser) => {
    children++;
    watch(child, onLeaf, `${path} ${child.name} >`.trim());
  });
  parser.on('assert', (result: Result) => {
    if (children === 0) onLeaf(result, path);
    children = 0;
  });
  return parser;
}
