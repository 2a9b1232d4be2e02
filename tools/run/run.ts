/** `tools/kairo run`: from options to the exit status of one run. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildIso, isoGrubConfig } from '../image/iso.js';
import { buildInitrd, temporaryFolder } from './initrd.js';
import { LogSink } from './log.js';
import { Interrupted, Machine } from './machine.js';
import { type RunOptions, UsageError } from './options.js';
import { describePosition, readSymbols } from './position.js';
import { type BootFiles, debugArguments, qemuArguments } from './qemu.js';
import { ExitStatus, judge } from './verdict.js';
import { chooseCommand, chooseStreams, kernelWords, type Streams } from './words.js';

const BUSYBOX = '/bin/busybox';
/** From where the kernel is linked to where it is loaded, modulo 2^64 (linker.ld). */
const LOAD_OFFSET = '0x80000000';

export async function run(options: RunOptions, projectRoot: string): Promise<number> {
  const build = join(projectRoot, 'build');
  const kernel = options.kernel ?? join(build, 'kairo.elf');
  if (!existsSync(kernel)) throw new UsageError('build/kairo.elf is not there; type: make');
  const streams = chooseStreams(options, process.stdin.isTTY === true, process.stdout.isTTY === true);
  const command = chooseCommand(options, streams);
  const { files, words } = prepare(options, streams, command, projectRoot, kernel);
  if (options.gdb) {
    return debug(debugArguments(options, files, words, build), kernel, files.iso !== undefined);
  }

  const log = new LogSink(options.log ?? join(build, 'kernel.log'), options.verbose);
  const machine = new Machine({
    arguments: qemuArguments(options, files, words),
    streams,
    guestGreets: streams.channel && options.kernel === undefined,
    // Firmware and GRUB write to the serial lines too; GRUB's last act is to write a newline to the log's port.
    channelOpensWithLog: files.iso !== undefined,
    statusOwed: command.length > 0,
    timeoutSeconds: options.timeoutSeconds,
    log,
    describe: (dump) => describePosition(dump, [kernel, join(build, 'server/server.elf')].map(readSymbols)),
  });
  try {
    const verdict = judge(await machine.wait());
    for (const line of verdict.lines) process.stderr.write(`${line}\n`);
    return verdict.status;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    if (error.message !== '') process.stderr.write(`kairo: failure: ${error.message}\n`);
    return error.status;
  } finally {
    log.close();
  }
}

function prepare(options: RunOptions, streams: Streams, command: string[], projectRoot: string, kernel: string) {
  if (options.source.kind === 'iso') return { files: { kernel, initrd: '', iso: options.source.path }, words: [] };
  let folder: string | undefined;
  const scratch = () => {
    folder ??= temporaryFolder();
    return folder;
  };
  const base = {
    root: join(projectRoot, 'build/root.cpio'),
    init: join(projectRoot, 'iso/root/init'),
    busybox: BUSYBOX,
  };
  const initrd = buildInitrd(options, command, base, scratch);
  const words = kernelWords(options, streams, initrd.firstProgram);
  const files: BootFiles = { kernel, initrd: initrd.path };
  if (options.firmware !== 'pvh') {
    files.iso = join(scratch(), 'kairo.iso');
    buildIso({ kernel, initrd: initrd.path, grubConfig: isoGrubConfig(words), output: files.iso });
  }
  return { files, words };
}

/**
 * gdb starts the machine itself, stopped; the first stop is the kernel's entry, the next its first TypeScript.
 * At the entry the kernel still runs at its physical address, 2 GB below the end of the address space from its symbols:
 * they are loaded for both places.
 */
function debug(qemu: string[], kernel: string, firmware: boolean): number {
  const quoted = ['qemu-system-x86_64', ...qemu].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const entry = firmware ? 'multiboot2_entry' : 'pvh_entry';
  const commands = [
    'set confirm off',
    'set architecture i386:x86-64',
    `add-symbol-file ${kernel} -o ${LOAD_OFFSET}`,
    `target remote | ${quoted}`,
    `thbreak *((long) &${entry} + ${LOAD_OFFSET})`,
    'thbreak kernel_main',
    'continue',
  ];
  process.on('SIGINT', () => undefined); // ^C at the terminal is for gdb, which stops the machine
  const result = spawnSync('gdb', ['-q', kernel, ...commands.flatMap((line) => ['-ex', line])], { stdio: 'inherit' });
  if (result.error !== undefined) throw result.error;
  return result.status ?? ExitStatus.Failure;
}
