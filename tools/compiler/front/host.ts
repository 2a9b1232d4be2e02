/**
 * Parsing and type checking: tsc's own program over files on disk or in memory, with the options that
 * tsconfig.dialect.json gives to editors.
 */
import path from 'node:path';
import ts from 'typescript';
import { CompilationFailed, type Diagnostic, fromTypeScript } from './errors.js';

export interface Sources {
  /** The folder that holds lib/dialect.d.ts and tsconfig.dialect.json. */
  readonly root: string;
  /** Absolute paths of the files whose entry points make the program; the first is its main file. */
  readonly mains: readonly string[];
  /** Files in memory, by absolute path; they hide files on disk. */
  readonly files?: ReadonlyMap<string, string>;
}

function options(root: string): ts.CompilerOptions {
  const file = path.join(root, 'tsconfig.dialect.json');
  const read = ts.readConfigFile(file, ts.sys.readFile);
  const parsed = ts.convertCompilerOptionsFromJson(read.config?.compilerOptions, root, file);
  const errors = read.error === undefined ? parsed.errors : [read.error];
  if (errors.length > 0) throw new CompilationFailed(errors.map(fromTypeScript), root);
  return parsed.options;
}

/** The folder of the program: `kernel`, `server`, or wherever a test keeps its main file. */
export const programFolder = (sources: Sources): string =>
  path.relative(sources.root, sources.mains[0] ?? sources.root).split(path.sep)[0] ?? '';

/** Declarations of intrinsics: the .d.ts files in folders named arch/x86_64 of lib and of the program. */
function ambientFiles(sources: Sources): string[] {
  const isAmbient = (name: string): boolean => name.endsWith('.d.ts') && name.includes('/arch/x86_64/');
  const found = ['lib', programFolder(sources)].flatMap((part) => {
    const folder = path.join(sources.root, part);
    return ts.sys.directoryExists(folder) ? ts.sys.readDirectory(folder, ['.d.ts']).filter(isAmbient) : [];
  });
  return [path.join(sources.root, 'lib/dialect.d.ts'), ...new Set(found)];
}

/** The checked program, with what tsc says against it. */
export function createProgram(sources: Sources): { program: ts.Program; diagnostics: Diagnostic[] } {
  const compilerOptions = options(sources.root);
  const host = ts.createCompilerHost(compilerOptions, true);
  const { files } = sources;
  if (files !== undefined) {
    const disk = { read: host.readFile, exists: host.fileExists };
    host.fileExists = (name) => files.has(name) || disk.exists(name);
    host.readFile = (name) => files.get(name) ?? disk.read(name);
    host.getSourceFile = (name, language) => {
      const text = host.readFile(name);
      return text === undefined ? undefined : ts.createSourceFile(name, text, language, true);
    };
  }
  const program = ts.createProgram([...ambientFiles(sources), ...sources.mains], compilerOptions, host);
  return { program, diagnostics: ts.getPreEmitDiagnostics(program).map(fromTypeScript) };
}
