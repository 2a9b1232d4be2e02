// The C text of small functions, compared with golden files (KAIRO_UPDATE_GOLDEN=1 writes them), and the properties of
// the generated file that other parts rely on: symbols, aliases, constants, no type tags, no calls that C could inline.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { emitC } from '../../../../tools/compiler/back/emit.js';
import { compileToWasm } from '../../../../tools/compiler/back/index.js';
import type { LoweredProgram } from '../../../../tools/compiler/lowered.js';
import { inTemporaryFolder, lowered } from './support.js';

const GOLDEN = 'test/host/compiler/back/golden';

function compile(program: LoweredProgram): Promise<string> {
  return inTemporaryFolder(async (folder) => emitC(await compileToWasm(program, folder), program));
}

/** The file without the prelude. */
function ownPart(text: string): string {
  return text.slice(text.indexOf('popcnt_32(')).split('\n').slice(1).join('\n').trim();
}

const QUEUE = `let taken = 0;
const takeFirst = (queue) => {
  const first = load64(queue + 8);
  if (first !== 0) {
    const next = load64(first + 16);
    store64(queue + 8, next);
    if (next === 0) { store64(queue + 16, 0); } else { store64(next + 24, 0); }
    store32(queue, load32(queue) - 1);
  }
  taken += 1;
  return first;
};`;

const GOLDENS: [name: string, program: LoweredProgram][] = [
  ['queue', lowered(QUEUE)],
  [
    'loops',
    lowered(`const search = (table, count, key) => {
  outer: for (let i = 0; i < count; i++) {
    let at = load64(table + i * 8);
    while (at !== 0) {
      if (load32(at) === key) { return at; }
      if (__ugt(load32(at), key)) { continue outer; }
      at = load64(at + 8);
    }
  }
  return 0;
};`),
  ],
  [
    'arithmetic',
    lowered(`const mixed = (a, b) => { return (a < b ? __udiv(a, 10) : a / b) + (b >> 3) + (__ult(a, b) << 4) + __ext32s(a); };
const flags = (word) => { return (word & 0xffffffff) >= 0x80000000 && (word & 4) !== 0; };`),
  ],
];

for (const [name, program] of GOLDENS) {
  test(`golden ${name}.c`, async () => {
    const path = join(GOLDEN, `${name}.c`);
    const text = `${ownPart(await compile(program))}\n`;
    if (process.env.KAIRO_UPDATE_GOLDEN) writeFileSync(path, text);
    assert.equal(text, readFileSync(path, 'utf8'));
  });
}

test('no parameter or result is a type tag, however a function is used', async () => {
  const source = `const inner = (a, b) => { return a > b ? a - b : inner(b, a); };
const outer = (a) => { return inner(a, 5) + inner(a, a); };`;
  const text = ownPart(await compile(lowered(source)));
  assert.doesNotMatch(text, /uint32_t p/);
  assert.match(text, /uint64_t entry_inner\(uint64_t p0, uint64_t p1\);/);
});

test('symbols are those of the front half, entries keep theirs, and names that C could not have are changed', async () => {
  const source = `const k$inner = (a) => { if (a < 1) { return 1; } return k$inner(a - 1) * 3; };
const start = (a) => { return k$inner(a) + k$inner(a + 1); };`;
  const entries = [{ name: 'start', symbol: 'kernel_start', parameters: 1, returns: true }];
  const named = await compile(lowered(source, { entries, symbols: new Map([['k$inner', 'kernel_inner']]) }));
  assert.match(named, /static uint64_t kernel_inner\(uint64_t p0\)/);
  assert.match(named, /^uint64_t kernel_start\(uint64_t p0\) \{/m);
  assert.match(await compile(lowered(source, { entries })), /static uint64_t k_inner\(uint64_t p0\)/);
});

test('a function may be an entry under two symbols', async () => {
  const source = 'const f = (a) => { return a + load64(a); };';
  const entries = ['first', 'second'].map((symbol) => ({ name: 'f', symbol, parameters: 1, returns: true }));
  const text = await compile(lowered(source, { entries }));
  assert.match(text, /uint64_t second\(uint64_t p0\) __attribute__\(\(alias\("first"\)\)\);/);
});

test('an entry that only calls another function is that function, for all who call either', async () => {
  const source = `const inner = (a, b) => { return load64(a) + b; };
const same = (a, b) => { return inner(a, b); };
const user = (a) => { return same(a, a) + inner(a, 5); };`;
  const text = ownPart(await compile(lowered(source)));
  const [symbol] = text.match(/entry_(inner|same)(?=\(uint64_t p0, uint64_t p1\) \{)/) as RegExpMatchArray;
  assert.match(text, /__attribute__\(\(alias\("entry_(inner|same)"\)\)\)/);
  assert.equal(text.split(`= ${symbol}(`).length - 1, 2);
});

test('cold functions are marked, unused ones and unused data are absent', async () => {
  const source = `const panic = (a) => { store64(a, 1); };
const unused = (a) => { return a; };
const run = (a) => { if (a > 9) { panic(a); } return a; };`;
  const entries = [{ name: 'run', symbol: 'run', parameters: 1, returns: true }];
  const text = await compile(lowered(source, { entries, cold: new Set(['panic']), readOnlyData: new Uint8Array(9) }));
  assert.match(text, /static __attribute__\(\(cold, noinline\)\) void panic\(uint64_t p0\);/);
  assert.doesNotMatch(text, /unused\(|program_constants|program_statics/);
});

test('constants and static storage are arrays of their sizes, aligned to a cache line', async () => {
  const source = 'const f = () => { return load8(__rodata() + 1) + load8(__statics() + 64); };';
  const text = await compile(lowered(source, { readOnlyData: Uint8Array.of(1, 2, 250), staticBytes: 128 }));
  assert.match(
    text,
    /static const uint8_t program_constants\[\] __attribute__\(\(aligned\(64\)\)\) = \{\n {2}1,2,250,\n\};/,
  );
  assert.match(text, /static uint8_t program_statics\[128\] __attribute__\(\(aligned\(64\)\)\);/);
});
