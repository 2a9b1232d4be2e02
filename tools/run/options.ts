/**
 * What a person may ask of `tools/kairo run`, and which wishes exclude each other.
 * Everything here is decided before anything is started: a wrong wish is one UsageError with one line of text.
 */
import { statSync } from 'node:fs';
import { basename } from 'node:path';

export class UsageError extends Error {}

export const machines = ['pc', 'q35', 'microvm'] as const;
export const firmwares = ['pvh', 'bios', 'uefi'] as const;
export type MachineName = (typeof machines)[number];
export type FirmwareName = (typeof firmwares)[number];

/** Values as commander hands them over. */
export interface RawOptions {
  kernel?: string;
  iso?: string;
  initrd?: string;
  root?: string;
  add: string[];
  append: string[];
  cpus: string;
  cpu?: string;
  memory: string;
  machine: string;
  firmware: string;
  icount: boolean;
  timeout?: string;
  log?: string;
  verbose: boolean;
  gdb: boolean;
}

export interface Addition {
  host: string;
  guest: string;
}

export interface RunOptions {
  source: { kind: 'default' } | { kind: 'directory'; path: string } | { kind: 'initrd' | 'iso'; path: string };
  /** Boots instead of ours. */
  kernel: string | undefined;
  additions: Addition[];
  append: string[];
  cpus: number;
  cpu: string | undefined;
  memoryKilobytes: number;
  machine: MachineName;
  firmware: FirmwareName;
  icount: boolean;
  timeoutSeconds: number | undefined;
  log: string | undefined;
  verbose: boolean;
  gdb: boolean;
  command: string[];
}

const MAX_CPUS = 255; // 8-bit xAPIC identifiers
const MAX_TIMEOUT = 2_147_483; // a timer of Node's counts milliseconds in 31 bits
const UEFI_MINIMUM_KILOBYTES = 64 * 1024;

export function parseOptions(raw: RawOptions, command: string[]): RunOptions {
  const options: RunOptions = {
    source: parseSource(raw),
    kernel: raw.kernel === undefined ? undefined : existing('--kernel', raw.kernel),
    additions: raw.add.map(parseAddition),
    append: raw.append,
    cpus: parseCpus(raw.cpus),
    cpu: raw.cpu,
    memoryKilobytes: parseMemory(raw.memory),
    machine: oneOf('--machine', machines, raw.machine),
    firmware: oneOf('--firmware', firmwares, raw.firmware),
    icount: raw.icount,
    timeoutSeconds: raw.timeout === undefined ? undefined : parseTimeout(raw.timeout),
    log: raw.log,
    verbose: raw.verbose,
    gdb: raw.gdb,
    command,
  };
  rejectContradictions(options);
  return options;
}

function rejectContradictions(options: RunOptions): void {
  if (options.machine === 'microvm' && options.firmware !== 'pvh') {
    throw new UsageError(`--machine microvm has no ${options.firmware} firmware; it boots with --firmware pvh`);
  }
  if (options.source.kind === 'initrd' && options.command.length > 0) {
    throw new UsageError('COMMAND needs our init: an --initrd chooses its own first program (--append rdinit=...)');
  }
  if (options.source.kind === 'iso') rejectChangesToIso(options);
  if (options.firmware === 'uefi' && options.memoryKilobytes < UEFI_MINIMUM_KILOBYTES) {
    throw new UsageError('--firmware uefi needs --memory 64M or more');
  }
  if (options.gdb && options.timeoutSeconds !== undefined) {
    throw new UsageError('--gdb waits for you: it goes without --timeout');
  }
}

function rejectChangesToIso(options: RunOptions): void {
  if (options.firmware === 'pvh') throw new UsageError('--iso needs --firmware bios or uefi to boot it');
  const { command, additions, append, kernel } = options;
  if (command.length + additions.length + append.length > 0 || kernel !== undefined) {
    throw new UsageError('--iso boots as it is: without COMMAND, --add, --append and --kernel');
  }
}

function parseSource(raw: RawOptions): RunOptions['source'] {
  if (raw.iso !== undefined) {
    if (raw.initrd !== undefined || raw.root !== undefined) throw new UsageError('--iso brings its own root');
    if (!statOf('--iso', raw.iso).isFile()) throw new UsageError(`--iso ${raw.iso} is not a file`);
    return { kind: 'iso', path: raw.iso };
  }
  if (raw.initrd !== undefined && raw.root !== undefined)
    throw new UsageError('--initrd and --root exclude each other');
  if (raw.initrd !== undefined) {
    if (!statOf('--initrd', raw.initrd).isFile()) throw new UsageError(`--initrd ${raw.initrd} is not a file`);
    return { kind: 'initrd', path: raw.initrd };
  }
  if (raw.root !== undefined) {
    if (!statOf('--root', raw.root).isDirectory()) throw new UsageError(`--root ${raw.root} is not a directory`);
    return { kind: 'directory', path: raw.root };
  }
  return { kind: 'default' };
}

function parseAddition(text: string): Addition {
  const colon = text.lastIndexOf(':');
  if (colon <= 0) throw new UsageError(`--add ${text}: write HOST:GUEST`);
  const addition = { host: text.slice(0, colon), guest: text.slice(colon + 1) };
  if (!addition.guest.startsWith('/'))
    throw new UsageError(`--add ${text}: GUEST is a path from the root, as in /bin/x`);
  if (addition.guest.split('/').some((part) => part === '..' || part === '.')) {
    throw new UsageError(`--add ${text}: GUEST is a path without . and ..`);
  }
  if (addition.guest.replaceAll('/', '') === '') throw new UsageError(`--add ${text}: GUEST names no file`);
  const isFile = statOf('--add', addition.host).isFile();
  if (isFile && addition.guest.endsWith('/')) addition.guest += basename(addition.host); // into that folder, as cp(1)
  return addition;
}

function statOf(option: string, path: string) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new UsageError(`${option} ${path} does not exist`);
  return stats;
}

function parseCpus(text: string): number {
  const cpus = Number(text);
  if (!/^\d+$/.test(text) || cpus < 1 || cpus > MAX_CPUS)
    throw new UsageError(`--cpus ${text}: a number from 1 to ${MAX_CPUS}`);
  return cpus;
}

/** A size as QEMU's -m has it: megabytes, or a number with K, M or G. */
function parseMemory(text: string): number {
  const match = /^(\d+)([KMG]?)$/i.exec(text);
  const unit = { K: 1, M: 1024, G: 1024 * 1024 }[(match?.[2] || 'M').toUpperCase()] ?? 1024;
  const kilobytes = Number(match?.[1]) * unit;
  if (!(kilobytes >= 1024)) throw new UsageError(`--memory ${text}: a size of 1M or more, as in 256M or 2G`);
  return kilobytes;
}

function parseTimeout(text: string): number {
  const seconds = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || seconds <= 0 || seconds > MAX_TIMEOUT)
    throw new UsageError(`--timeout ${text}: seconds above 0, at most ${MAX_TIMEOUT}`);
  return seconds;
}

function oneOf<T extends string>(option: string, choices: readonly T[], value: string): T {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw new UsageError(`${option} ${value}: choose ${choices.join(', ')}`);
  return choice;
}

function existing(option: string, path: string): string {
  statOf(option, path);
  return path;
}
