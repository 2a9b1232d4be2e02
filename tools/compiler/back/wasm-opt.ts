// Runs Binaryen's optimizer on a module: it removes Porffor's type tags, dead code and constant expressions.
//
// It inlines nothing. GCC does that later, with a cost model for the real machine, and functions that GCC leaves alone
// keep their names for backtraces and profiles.

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';

const FLAGS = [
  '-O2', // -O3 would cut functions in two in order to inline one half
  '--enable-multivalue',
  '--enable-sign-ext',
  '--always-inline-max-function-size=0',
  '--flexible-inline-max-function-size=0',
  '--one-caller-inline-max-function-size=0',
  '--debuginfo',
];

/** Optimizes `wasm`; the input and output stay beside each other as `path` with `.porffor` before the extension. */
export async function optimize(wasm: Uint8Array, path: string): Promise<Uint8Array> {
  const input = path.replace(/\.wasm$/, '.porffor.wasm');
  await writeFile(input, wasm);
  await new Promise<void>((resolve, reject) => {
    execFile('wasm-opt', [...FLAGS, input, '-o', path], { maxBuffer: 1 << 26 }, (error, _stdout, stderr) => {
      if (error) reject(new Error(`wasm-opt failed on ${input}: ${stderr || error.message}`));
      else resolve();
    });
  });
  return new Uint8Array(await readFile(path));
}
