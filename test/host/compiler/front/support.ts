/**
 * Compiles TypeScript text in memory, for the tests of the front half and for the fuzzer.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CompilationFailed, type Diagnostic } from '../../../../tools/compiler/front/errors.js';
import { lowerProgram } from '../../../../tools/compiler/front/program.js';
import type { LoweredProgram } from '../../../../tools/compiler/lowered.js';

/** The project's folder. */
export function projectRoot(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'tsconfig.dialect.json'))) folder = path.dirname(folder);
  return folder;
}

/** Where the text pretends to be: arch/x86_64 may use everything; another folder may not. */
export const MACHINE_FILE = 'sample/arch/x86_64/main.ts';
export const PORTABLE_FILE = 'sample/main.ts';

/** Lowers one module; every exported function is an entry point. Names begin with `arch_x86_64_main_` or `main_`. */
export function lowerText(text: string, file: string = MACHINE_FILE): LoweredProgram {
  const root = projectRoot();
  const main = path.join(root, file);
  const files = new Map([
    [main, text],
    [path.join(root, 'lib/sample.ts'), 'export const SAMPLE = 1;\n'],
  ]);
  return lowerProgram({ root, mains: [main], files, exportsAreEntries: true });
}

/** The lowered source, with the prefix of the module's names left out. */
export function loweredSource(text: string): string {
  return lowerText(text).source.replaceAll('arch_x86_64_main_', '');
}

/** What the compiler says against a module. */
export function errorsOf(text: string, file: string = MACHINE_FILE): readonly Diagnostic[] {
  try {
    lowerText(text, file);
  } catch (error) {
    if (error instanceof CompilationFailed) return error.diagnostics;
    throw error;
  }
  return [];
}
