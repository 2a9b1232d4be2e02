// What the tests of the compiler's back half share: a lowered program made from its source text alone, run under Node
// or compiled with GCC and run as a Linux process.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type HostOptions, HostProgram } from '../../../../tools/compiler/back/host.js';
import { compileToObject, compileToWasm } from '../../../../tools/compiler/back/index.js';
import type { Intrinsic, LoweredProgram } from '../../../../tools/compiler/lowered.js';

const INCLUDE = resolve('lib/arch/x86_64');

export const MEMORY_INTRINSICS: Intrinsic[] = [
  ...[8, 16, 32, 64].map((bits) => ({ name: `load${bits}`, parameters: 1, returns: true })),
  ...[8, 16, 32, 64].map((bits) => ({ name: `store${bits}`, parameters: 2, returns: false })),
  ...['copyBytes', 'fillBytes', 'copyWords', 'fillWords'].map((name) => ({ name, parameters: 3, returns: false })),
];

/** A program in which every function of `source` is an entry under its own name, with `entry_` before it. */
export function lowered(source: string, changes: Partial<LoweredProgram> = {}): LoweredProgram {
  const entries = [...source.matchAll(/^const (\w+) = \(([^)]*)\) => (\{?)/gm)].map((match) => {
    const name = match[1] as string;
    const body = source.slice(match.index, nextFunction(source, (match.index ?? 0) + 1));
    return {
      name,
      symbol: `entry_${name}`,
      parameters: (match[2] as string).trim() === '' ? 0 : (match[2] as string).split(',').length,
      returns: match[3] !== '{' || /\breturn [^;]/.test(body),
    };
  });
  return {
    source,
    intrinsics: MEMORY_INTRINSICS,
    entries,
    symbols: new Map(),
    readOnlyData: new Uint8Array(0),
    staticBytes: 0,
    initialGlobals: new Map(),
    layouts: [],
    ...changes,
  };
}

function nextFunction(source: string, from: number): number {
  const next = source.slice(from).search(/^(const|let) /m);
  return next < 0 ? source.length : from + next;
}

export async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'kairo-back-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Compiles to WebAssembly and loads it. */
export function load(program: LoweredProgram, options: HostOptions = {}): Promise<HostProgram> {
  return inTemporaryFolder(async (folder) => new HostProgram(program, await compileToWasm(program, folder), options));
}

export interface Call {
  symbol: string;
  given: readonly bigint[];
}

/** Compiles to an object file, links it with a `main` that makes `calls`, runs that and gives the results. */
export function runNative(program: LoweredProgram, calls: readonly Call[]): Promise<bigint[]> {
  return inTemporaryFolder(async (folder) => {
    await compileToObject(program, { directory: folder, include: [INCLUDE], kind: 'server' });
    const prototypes = program.entries.map(({ symbol, parameters, returns }) => {
      const types = Array.from({ length: parameters }, () => 'uint64_t').join(', ');
      return `${returns ? 'uint64_t' : 'void'} ${symbol}(${types || 'void'});`;
    });
    const returns = new Map(program.entries.map((entry) => [entry.symbol, entry.returns]));
    const blocks: string[] = [];
    for (let at = 0; at < calls.length; at += 500) {
      const lines = calls.slice(at, at + 500).map(({ symbol, given }) => {
        const call = `${symbol}(${given.map((value) => `0x${BigInt.asUintN(64, value).toString(16)}UL`).join(', ')})`;
        return returns.get(symbol) ? `  print(${call});` : `  ${call}; print(0);`;
      });
      blocks.push(`static void block${blocks.length}(void) {\n${lines.join('\n')}\n}`);
    }
    const text = [
      '#include <stdint.h>',
      '#include <stdio.h>',
      ...prototypes,
      'static void print(uint64_t value) { printf("%lx\\n", value); }',
      ...blocks,
      `int main(void) { ${blocks.map((_, index) => `block${index}();`).join(' ')} return 0; }`,
    ].join('\n');
    writeFileSync(join(folder, 'main.c'), text);
    execFileSync('gcc', [
      '-O0',
      '-no-pie',
      '-o',
      join(folder, 'main'),
      join(folder, 'main.c'),
      join(folder, 'program.o'),
    ]);
    const output = execFileSync(join(folder, 'main'), { encoding: 'utf8', maxBuffer: 1 << 28, timeout: 60000 });
    return output
      .trim()
      .split('\n')
      .map((line) => BigInt(`0x${line}`));
  });
}
