/**
 * The compiler's command line: `--program kernel|server|FILE.ts [--out DIR] [--check] [--ring3] [--verbose]`.
 *
 * A program is its main.ts, the files with entry points, and what they import. Writes DIR/program.o and DIR/layout.inc
 * (default build/NAME). `--check` stops after the front half and looks at every function, not only at those that the
 * entry points reach. `--verbose` tells how long each stage took.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { compileToObject } from './back/index.js';
import { CompilationFailed } from './front/errors.js';
import { lowerProgram } from './front/program.js';

interface Options {
  readonly program: string;
  readonly out?: string;
  readonly check?: boolean;
  readonly verbose?: boolean;
  readonly ring3?: boolean;
}

/** The project's folder: the nearest one above that has the dialect's declarations. */
function projectRoot(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'lib/dialect.d.ts'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error('the compiler is not inside the project');
    folder = parent;
  }
  return folder;
}

/** Assembly may call functions of files that nothing imports. */
const hasEntryPoint = (file: string): boolean => /\* @entry \w/.test(readFileSync(file, 'utf8'));

/** Every source file of a program. */
function sourcesBelow(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return names.filter((name) => /(?<!\.test|\.d)\.ts$/.test(name)).map((name) => path.join(folder, name));
}

async function run(options: Options): Promise<void> {
  const root = projectRoot();
  const isFile = options.program.endsWith('.ts');
  const main = isFile ? path.resolve(options.program) : path.join(root, options.program, 'main.ts');
  const name = isFile ? path.basename(options.program, '.ts') : options.program;
  const report = (stage: string, milliseconds: number): void => {
    if (options.verbose === true) console.error(`${stage}: ${milliseconds.toFixed(0)} ms`);
  };
  const started = performance.now();
  const files = isFile ? [] : sourcesBelow(path.dirname(main));
  const mains = [main, ...files.filter((file) => options.check === true || hasEntryPoint(file))];
  const lowered = lowerProgram({ root, mains, everything: options.check === true });
  report('lower', performance.now() - started);
  if (options.check === true) return;
  await compileToObject(lowered, {
    directory: path.resolve(options.out ?? path.join(root, 'build', name)),
    include: [path.join(root, 'lib/arch/x86_64'), path.join(root, name, 'arch/x86_64')].filter(existsSync),
    kind: name === 'server' || options.ring3 === true ? 'server' : 'kernel',
    report,
  });
}

const command = new Command('compiler')
  .requiredOption('--program <name>', 'kernel, server, or the path of a .ts file')
  .option('--out <folder>', 'where program.o and layout.inc go (default build/NAME)')
  .option('--check', 'check every function and write nothing')
  .option('--ring3', 'a FILE.ts that is a ring-3 program, as the server is')
  .option('--verbose', 'tell how long each stage took');
command.parse();
try {
  await run(command.opts<Options>());
} catch (error) {
  if (!(error instanceof CompilationFailed)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
