// The object file and what lies beside it: rebuilding only what changed, layout.inc for NASM, machine code without what
// ring 0 cannot have, and hand-written C that compiles without a warning.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { compileToObject } from '../../../../tools/compiler/back/index.js';
import { layoutInclude } from '../../../../tools/compiler/back/layout.js';
import { inTemporaryFolder, lowered } from './support.js';

const INCLUDE = resolve('lib/arch/x86_64');
const SOURCE = `let ticks = 0;
const sum = (at, count) => { let t = 0; for (let i = 0; i < count; i++) { t += load64(at + i * 8); } ticks += 1; return t; };
const clear = (at, count) => { for (let i = 0; i < count; i++) { store8(at + i, 0); } fillBytes(at, 0, 24); };
const copy = (to, from) => { copyBytes(to, from, 40); };`;

test('a rebuild does only what the change needs', async () => {
  await inTemporaryFolder(async (directory) => {
    const stages = async (source: string, layouts = lowered('').layouts) => {
      const done: string[] = [];
      await compileToObject(lowered(source, { layouts }), {
        directory,
        include: [INCLUDE],
        kind: 'kernel',
        report: (stage) => done.push(stage),
      });
      return done.filter((stage) => stage !== 'emit C');
    };
    const all = ['porffor: parse', 'porffor: generate', 'assemble', 'wasm-opt', 'gcc'];
    assert.deepEqual(await stages(SOURCE), all);
    assert.deepEqual(await stages(SOURCE), []);
    assert.deepEqual(await stages(SOURCE, [{ class: 'A', size: 8, fields: [] }]), []);
    // A change that the optimizer sees through gives the same C, so GCC is not needed.
    assert.deepEqual(await stages(SOURCE.replace('t += load64', 't = t + load64')), all.slice(0, 4));
    assert.deepEqual(await stages(SOURCE.replace('i * 8', 'i * 16')), all);
  });
});

test('kernel code has no SSE or x87 instruction, no call of a C library and no position-independent access', async () => {
  await inTemporaryFolder(async (directory) => {
    await compileToObject(lowered(SOURCE), { directory, include: [INCLUDE], kind: 'kernel' });
    const object = join(directory, 'program.o');
    const listing = execFileSync('objdump', ['-dr', '--no-show-raw-insn', object], { encoding: 'utf8' });
    assert.doesNotMatch(listing, /%[xy]mm|%st\b/);
    assert.doesNotMatch(listing, /GOT|PLT/);
    assert.equal(execFileSync('nm', ['-u', object], { encoding: 'utf8' }), '');
    const sections = execFileSync('objdump', ['-h', object], { encoding: 'utf8' });
    assert.doesNotMatch(sections, /eh_frame/);
  });
});

test('layout.inc gives NASM every offset and size', async () => {
  const text = layoutInclude([
    {
      class: 'Tcb',
      size: 512,
      fields: [
        { name: 'frame', offset: 16, size: 8 },
        { name: 'flags', offset: 24, size: 4 },
      ],
    },
    { class: 'Cpu', size: 64, fields: [] },
  ]);
  await inTemporaryFolder(async (folder) => {
    writeFileSync(join(folder, 'layout.inc'), text);
    writeFileSync(join(folder, 'a.asm'), '%include "layout.inc"\ndq Tcb.frame, Tcb.flags, Tcb.size, Cpu.size\n');
    execFileSync('nasm', ['-f', 'bin', '-I', `${folder}/`, '-o', join(folder, 'a.bin'), join(folder, 'a.asm')]);
    const bytes = execFileSync('od', ['-An', '-td8', '-v', join(folder, 'a.bin')], { encoding: 'utf8' });
    assert.deepEqual(bytes.trim().split(/\s+/).map(Number), [16, 24, 512, 64]);
  });
});

test('intrinsics.h compiles without a warning', () => {
  const source = '#include "intrinsics.h"\n';
  const flags = ['-std=gnu11', '-O2', '-ffreestanding', '-Wall', '-Wextra', '-Wconversion', '-Werror', `-I${INCLUDE}`];
  execFileSync('gcc', [...flags, '-fsyntax-only', '-x', 'c', '-'], { input: source });
});

test('copying and filling, of constant and of other sizes, in machine code', async () => {
  await inTemporaryFolder(async (folder) => {
    const main = `#include <stdio.h>
#include <string.h>
#include "intrinsics.h"
static unsigned char area[256], expected[256];
static void fresh(void) { for (int i = 0; i < 256; i++) area[i] = expected[i] = (unsigned char)(i * 7); }
#define CHECK(n, ours, theirs) do { fresh(); ours; theirs; if (memcmp(area, expected, 256)) { printf("%d\\n", (int)(n)); return 1; } } while (0)
#define AT(p) ((uint64_t)(p))
#define CONSTANT(n) \\
  CHECK(n, copyBytes(AT(area + 100), AT(area + 3), n), memmove(expected + 100, expected + 3, n)); \\
  CHECK(n, fillBytes(AT(area + 5), 0x1a5, n), memset(expected + 5, 0xa5, n))
int main(void) {
  CONSTANT(0); CONSTANT(1); CONSTANT(2); CONSTANT(3); CONSTANT(7); CONSTANT(8); CONSTANT(15); CONSTANT(31); CONSTANT(64); CONSTANT(65);
  for (volatile unsigned long n = 0; n < 90; n++) {
    CONSTANT(n);
    CHECK(n, copyBytes(AT(area), AT(area + 3), n), memmove(expected, expected + 3, n));
    CHECK(n, copyWords(AT(area), AT(area + 24), n / 8), memmove(expected, expected + 24, n / 8 * 8));
    CHECK(n, fillWords(AT(area + 1), 0xa5a5a5a5a5a5a5a5, n / 8), memset(expected + 1, 0xa5, n / 8 * 8));
  }
  return 0;
}`;
    const program = join(folder, 'main');
    execFileSync('gcc', ['-O2', `-I${INCLUDE}`, '-o', program, '-x', 'c', '-'], { input: main });
    execFileSync(program);
  });
});
