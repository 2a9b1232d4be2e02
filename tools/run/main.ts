/** The command line of `tools/kairo`. A wrong wish is one line on standard error and exit status 2. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import { parseOptions, type RawOptions, UsageError } from './options.js';
import { run } from './run.js';
import { ExitStatus } from './verdict.js';

/** This file is build/tools/tools/run/main.js. */
const projectRoot = join(dirname(fileURLToPath(import.meta.url)), '../../../..');

const collect = (value: string, previous: string[] = []) => [...previous, value];

function program(finish: (status: number) => void): Command {
  const kairo = new Command('kairo').description('Runs Kairo in QEMU.').exitOverride().showSuggestionAfterError(false);
  kairo.configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'kairo: ')) });
  kairo
    .command('run')
    .description('boot the kernel and run COMMAND in the default root; its status becomes our exit status')
    .copyInheritedSettings(kairo)
    .option('--initrd <file>', 'boot this Linux initramfs (cpio newc, optionally gzip) instead; its own init is pid 1')
    .option('--kernel <file>', 'boot this kernel instead of build/kairo.elf, say to compare with Linux')
    .option('--iso <file>', 'boot this ISO as it is (with --firmware bios or uefi)')
    .option('--root <dir>', 'take this directory as the root file system')
    .option('--add <host:guest>', 'add a file or directory of the host to the root (repeatable)', collect)
    .option('--append <words>', 'add words to the kernel command line (repeatable)', collect)
    .option('--cpus <n>', 'processors', '1')
    .option('--cpu <model>', "QEMU's processor model (default: max, with --icount qemu64)")
    .option('--memory <size>', 'memory, as in 64M or 2G', '256M')
    .option('--machine <name>', 'pc, q35 or microvm', 'pc')
    .option('--firmware <name>', 'pvh (no firmware, fastest), bios or uefi (both from an ISO)', 'pvh')
    .option('--icount', 'the time-stamp counter counts guest instructions, the same number on every run', false)
    .option('--timeout <s>', 'end the run after this many seconds')
    .option('--log <file>', 'where the kernel log goes (default: build/kernel.log)')
    .option('--verbose', 'show the kernel log on standard error as well', false)
    .option('--gdb', "stop at the kernel's entry under gdb", false)
    .argument('[command...]', 'after --: what our init runs')
    .addHelpText('after', "\nExit status: COMMAND's; 124 time-out, 125 panic, 126 QEMU failed, 2 wrong usage.")
    .action(async (command: string[], given: Partial<RawOptions> & Omit<RawOptions, 'add' | 'append'>) => {
      const raw = { add: [], append: [], ...given };
      finish(await run(parseOptions(raw, command), projectRoot));
    });
  return kairo;
}

function complain(message: string, status: number): number {
  process.stderr.write(`kairo: ${message}\n`);
  return status;
}

/** A file that cannot be read or written, a program that is not there: nothing that a trace of our calls explains. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

async function main(): Promise<number> {
  let status = 0;
  try {
    await program((result) => {
      status = result;
    }).parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : ExitStatus.Usage;
    if (error instanceof UsageError) return complain(error.message, ExitStatus.Usage);
    if (isSystemError(error)) return complain(`failure: ${error.message}`, ExitStatus.Failure);
    throw error;
  }
  return status;
}

process.exitCode = await main();
