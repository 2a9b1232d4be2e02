// Host tests of kernel, server and lib modules: compiles a module, with everything it imports, to the same WebAssembly
// that becomes the native program, and loads it under Node.
//
// `main` is a module of the dialect. With `text` it need not exist on disk: a test can bring a small module of its own
// that calls what it tests (methods have no symbol of their own). Every exported function is callable by its symbol,
// its path below the first folder: `sched_scheduler_enqueue`.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type HostOptions, HostProgram } from '../../tools/compiler/back/host.js';
import { compileToWasm } from '../../tools/compiler/back/index.js';
import { lowerProgram } from '../../tools/compiler/front/program.js';
import type { LoweredProgram } from '../../tools/compiler/lowered.js';

function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'tsconfig.dialect.json'))) folder = dirname(folder);
  return folder;
}

export interface CompiledProgram {
  lowered: LoweredProgram;
  wasm: Uint8Array;
}

/** Compiles `main` (a path below the project's folder) into build/host/`name`, unless nothing changed there. */
export async function compileForHost(name: string, main: string, text?: string): Promise<CompiledProgram> {
  const root = projectRoot();
  const path = join(root, main);
  const files = text === undefined ? new Map<string, string>() : new Map([[path, text]]);
  const lowered = lowerProgram({ root, mains: [path], files, exportsAreEntries: true });
  return { lowered, wasm: await compileToWasm(lowered, join(root, 'build/host', name)) };
}

/** A fresh instance: memory, statics and module variables as at the start. Intrinsics that are not given return 0. */
export function instantiate({ lowered, wasm }: CompiledProgram, options: HostOptions = {}): HostProgram {
  const MEMORY = /^(load|store)(8|16|32|64)$|^(copy|fill)(Bytes|Words)$/;
  const quiet = lowered.intrinsics
    .filter(({ name }) => !MEMORY.test(name))
    .map(({ name }) => [name, () => 0n] as const);
  return new HostProgram(lowered, wasm, {
    ...options,
    intrinsics: { ...Object.fromEntries(quiet), ...options.intrinsics },
  });
}
