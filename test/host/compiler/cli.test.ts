/**
 * The compiler's command line: what it prints about a program outside the dialect, and what it writes for one inside.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { projectRoot } from './front/support.js';

const directory = mkdtempSync(path.join(tmpdir(), 'kairo-cli-'));
after(() => rmSync(directory, { recursive: true, force: true }));

function compile(text: string, ...options: string[]): { status: number | null; stderr: string } {
  const file = path.join(directory, 'sample.ts');
  writeFileSync(file, text);
  const cli = path.join(projectRoot(), 'build/tools/tools/compiler/cli.js');
  const run = spawnSync(process.execPath, [cli, '--program', file, '--out', directory, ...options], {
    encoding: 'utf8',
  });
  return { status: run.status, stderr: run.stderr };
}

test('an error names file, line, column, construct and hint, one line each', () => {
  const { status, stderr } = compile(
    '/** @entry start */\nexport function start(x: u64): u64 {\n  if (x) x++;\n  return x == 1 ? 1 : 2;\n}\n',
  );
  assert.equal(status, 1);
  const lines = stderr.trim().split('\n');
  assert.match(
    lines[0] ?? '',
    /sample\.ts:3:7: a condition of type u64 \(write the comparison: `x !== 0`, `x !== null`\)$/,
  );
  assert.match(lines[1] ?? '', /sample\.ts:4:12: the operator `==` \(write === or !==\)$/);
  assert.equal(lines.length, 2);
});

test('a type error stops before the lowering', () => {
  const { status, stderr } = compile('/** @entry start */\nexport function start(): u64 {\n  return true;\n}\n');
  assert.equal(status, 1);
  assert.match(stderr, /sample\.ts:3:3: Type 'boolean' is not assignable to type 'number'/);
});

test('--check looks at functions that nothing reaches, and writes nothing', () => {
  const text = 'function unused(): void { throw 1; }\n/** @entry start */\nexport function start(): void {}\n';
  const { status, stderr } = compile(text, '--check');
  assert.equal(status, 1);
  assert.match(stderr, /sample\.ts:1:27: throw/);
  assert.ok(!existsSync(path.join(directory, 'program.o')));
});

test('a program becomes an object file with its entry points, and layouts for assembly', () => {
  const { status, stderr } = compile(
    'class Point { x!: u32; y!: u16 }\nconst point: Point = reserve();\n' +
      '/** @entry start */\nexport function start(): u64 {\n  point.y = 3;\n  return point.x;\n}\n',
  );
  assert.equal(stderr, '');
  assert.equal(status, 0);
  assert.ok(existsSync(path.join(directory, 'program.o')));
  assert.match(readFileSync(path.join(directory, 'layout.inc'), 'utf8'), /Point\.y\b.*\b4\b/);
});
