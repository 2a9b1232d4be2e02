// Builds an application: TypeScript -> plain JavaScript -> C (Porffor's alpha release, a native compiler for full
// JavaScript) -> a static Linux program of musl libc, which runs on Kairo as on Linux.
//
//   node build/tools/tools/app/build.js app/json-report.ts [--out build/app/json-report]
//
// The types are removed first, because this release parses `a < b` of TypeScript wrongly. The program is one file: an
// application may not import modules yet.

import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Command } from 'commander';
import ts from 'typescript';

const run = promisify(execFile);

/** The compiler's executable, as the npm package for this kind of machine ships it. */
function compilerPath(): string {
  const { resolve: find } = createRequire(import.meta.url);
  const shim = find('porffor-alpha/package.json');
  const description = createRequire(shim).resolve(`@porffor/${process.platform}-${process.arch}/package.json`);
  return join(dirname(description), 'porf');
}

/** JavaScript without types; an error if `source` is not even syntactically TypeScript. */
export function stripTypes(source: string, fileName: string): string {
  const { outputText, diagnostics } = ts.transpileModule(source, {
    fileName,
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022, removeComments: true },
  });
  const first = diagnostics?.[0];
  if (first) throw new Error(`${fileName}: ${ts.flattenDiagnosticMessageText(first.messageText, '\n')}`);
  return outputText;
}

/** Builds `source` (a path) as the executable `output`; intermediate files stay beside it. */
export async function buildApplication(source: string, output: string): Promise<void> {
  await mkdir(dirname(output), { recursive: true });
  const script = `${output}.js`;
  const generated = `${output}.c`;
  await writeFile(script, stripTypes(await readFile(source, 'utf8'), source));
  const compiler = compilerPath();
  await chmod(compiler, 0o755);
  await run(compiler, ['c', script, '-o', generated]);
  await run('musl-gcc', ['-static', '-O2', '-s', '-w', generated, '-o', output, '-lm'], { maxBuffer: 1 << 26 });
}

async function main(): Promise<void> {
  const command = new Command('build-app')
    .argument('<source>', 'the application, one TypeScript file')
    .option('--out <file>', 'the executable (default build/app/NAME)');
  command.parse();
  const source = resolve(command.args[0] as string);
  const { out } = command.opts<{ out?: string }>();
  await buildApplication(source, resolve(out ?? join('build/app', basename(source, '.ts'))));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
