// The back half of the compiler: LoweredProgram -> Porffor -> WebAssembly -> wasm-opt -> C -> GCC -> object file.
//
// Written to `directory`: program.js (the lowered source), program.porffor.wasm, program.wasm (optimized; host tests
// run it), program.c, program.o and layout.inc. A stage is skipped if its input is the same as last time; the
// fingerprints are in program.stamp.

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoweredProgram } from '../lowered.js';
import { emitC } from './emit.js';
import { compileC, type ProgramKind } from './gcc.js';
import { layoutInclude } from './layout.js';
import { runPorffor } from './porffor.js';
import { optimize } from './wasm-opt.js';

export type { ProgramKind } from './gcc.js';

export interface BackOptions {
  directory: string;
  /** Folders whose headers (`intrinsics.h`, …) define the intrinsics. */
  include: readonly string[];
  kind: ProgramKind;
  /** Called with each stage's name and milliseconds. */
  report?: (stage: string, milliseconds: number) => void;
}

interface Stamp {
  wasm?: string;
  object?: string;
}

/** Bump when a change of the back half changes its output for the same input. */
const VERSION = '4';

/** Compiles to optimized WebAssembly, `program.wasm` in `directory`, for host tests and for `compileToObject`. */
export async function compileToWasm(
  program: LoweredProgram,
  directory: string,
  report: NonNullable<BackOptions['report']> = () => undefined,
): Promise<Uint8Array> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, 'program.wasm');
  const { source, intrinsics, entries, initialGlobals } = program;
  const globals = [...initialGlobals].map(([name, value]) => [name, value.toString()]);
  const fingerprint = hash(VERSION, source, JSON.stringify([intrinsics, entries, globals]));
  const stamp = await readStamp(directory);
  if (stamp.wasm === fingerprint) {
    const known = await readIfThere(path);
    if (known !== undefined) return known;
  }
  await writeFile(join(directory, 'program.js'), source);
  const { wasm, times } = await runPorffor(program);
  report('porffor: parse', times.parse);
  report('porffor: generate', times.generate);
  report('assemble', times.assemble);
  const started = performance.now();
  const optimized = await optimize(wasm, path);
  report('wasm-opt', performance.now() - started);
  await writeFile(join(directory, 'program.stamp'), JSON.stringify({ ...stamp, wasm: fingerprint }));
  return optimized;
}

/** Compiles to `program.o` and `layout.inc` in `options.directory`. */
export async function compileToObject(program: LoweredProgram, options: BackOptions): Promise<void> {
  const report = options.report ?? (() => undefined);
  const { directory } = options;
  const wasm = await compileToWasm(program, directory, report);
  await writeIfChanged(join(directory, 'layout.inc'), layoutInclude(program.layouts));
  const emitStarted = performance.now();
  const text = emitC(wasm, program);
  report('emit C', performance.now() - emitStarted);
  const headers = (await Promise.all(options.include.map(headersIn))).flat();
  const headerTexts = await Promise.all(headers.map((header) => readFile(header, 'utf8')));
  const fingerprint = hash(VERSION, options.kind, text, ...headerTexts);
  const stamp = await readStamp(directory);
  const source = join(directory, 'program.c');
  const object = join(directory, 'program.o');
  if (stamp.object === fingerprint && (await readIfThere(object)) !== undefined) return;
  await writeFile(source, text);
  const compileStarted = performance.now();
  await compileC(source, object, options.kind, headers);
  report('gcc', performance.now() - compileStarted);
  await writeFile(join(directory, 'program.stamp'), JSON.stringify({ ...stamp, object: fingerprint }));
}

function hash(...parts: (string | Uint8Array)[]): string {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(part).update('\0');
  return sum.digest('hex');
}

async function readStamp(directory: string): Promise<Stamp> {
  const text = await readIfThere(join(directory, 'program.stamp'));
  return text === undefined ? {} : (JSON.parse(Buffer.from(text).toString('utf8')) as Stamp);
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function headersIn(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => name.endsWith('.h'))
    .sort()
    .map((name) => join(folder, name));
}

async function writeIfChanged(path: string, text: string): Promise<void> {
  const known = await readIfThere(path);
  if (known === undefined || Buffer.from(known).toString('utf8') !== text) await writeFile(path, text);
}
