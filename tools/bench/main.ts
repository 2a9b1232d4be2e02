/**
 * `make bench`: measures on Kairo in guest instructions (tools/kairo run --icount), and prints the figures beside the
 * peers'. Every figure is measured now; what cannot be measured is shown as such.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootRows, kernelRows, limits, processRows } from './peers.js';
import { formatTable, parseFigures, parseKernelFigures } from './table.js';

/** This file is build/tools/tools/bench/main.js. */
const projectRoot = join(dirname(fileURLToPath(import.meta.url)), '../../../..');
process.chdir(projectRoot);

function kairo(words: string[]): { status: number | null; output: string } {
  const result = spawnSync(
    process.execPath,
    ['build/tools/tools/run/main.js', 'run', '--log', 'build/bench/kernel.log', ...words],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 26 },
  );
  return { status: result.status, output: result.stdout };
}

const measured = kairo([
  ...['--icount', '--timeout', '600', '--add', 'build/bench/rows:/bench/rows', '--add', 'build/bench/tiny:/bench/tiny'],
  ...['--', '/bench/rows', '/bench/tiny'],
]);
const figures = parseFigures(measured.output);
console.log(
  formatTable(
    'Instructions, -cpu qemu64, 256 MB',
    processRows.map((row) => ({ row, kairo: figures.get(row.name) })),
  ),
);
if (measured.status !== 0) console.log(`the measuring program ended with status ${measured.status}\n`);

// seL4's figures are from a model that saves the FS and GS base with instructions of its own; ours never needs them.
for (const model of ['qemu64', 'Haswell,-pcid,-x2apic,-tsc-deadline,-hle,-invpcid,-rtm,+fsgsbase,+pdpe1gb,+xsave']) {
  const kernel = kairo([
    ...['--icount', '--cpu', model, '--timeout', '120'],
    ...['--kernel', 'build/kernel-test.elf', '--initrd', 'build/root.cpio'],
  ]);
  const found = parseKernelFigures(kernel.output);
  console.log(
    formatTable(
      `Kernel, -cpu ${model.split(',')[0]}`,
      kernelRows.map((row) => ({ row, kairo: found.get(row.name) })),
    ),
  );
}

// A program as pid 1 of an otherwise default root says how far the counter is.
const boot = kairo([
  ...['--icount', '--timeout', '60', '--initrd', 'build/root.cpio', '--add', 'build/bench/boot:/bench/boot'],
  ...['--append', 'rdinit=/bench/boot quiet'],
]);
const ticks = Number(/^init (\d+)/m.exec(boot.output)?.[1] ?? Number.NaN);
const bootTicks = Number.isNaN(ticks) ? undefined : ticks;
console.log(
  formatTable(
    'Boot',
    bootRows.map((row) => ({ row, kairo: bootTicks })),
  ),
);

const smallest = kairo(['--memory', `${limits.shellMegabytes}M`, '--timeout', '60', '--', 'sh', '-c', 'echo small']);
const text = textSize('build/kairo.elf');
const lines: [what: string, figure: string, held: boolean][] = [
  [
    'boot below 50 million instructions',
    bootTicks?.toLocaleString('en-US') ?? '-',
    (bootTicks ?? Number.NaN) < limits.bootInstructions,
  ],
  ['kernel text below 128 KB', `${text} bytes`, text > 0 && text < limits.kernelTextBytes],
  [`default root and shell in ${limits.shellMegabytes} MB`, `status ${smallest.status}`, smallest.output === 'small\n'],
];
for (const [what, figure, held] of lines) console.log(`${held ? 'yes' : 'NO '}  ${what}: ${figure}`);

/** Bytes of the kernel's executable sections; the process server inside it is data. */
function textSize(path: string): number {
  const listing = spawnSync('readelf', ['--sections', '--wide', path], { encoding: 'utf8' }).stdout;
  let bytes = 0;
  for (const line of listing.split('\n')) {
    const match = /\]\s+\S+\s+PROGBITS\s+[0-9a-f]+\s+[0-9a-f]+\s+([0-9a-f]+)\s+[0-9a-f]+\s+\S*X/.exec(line);
    if (match?.[1] !== undefined) bytes += Number.parseInt(match[1], 16);
  }
  return bytes;
}
