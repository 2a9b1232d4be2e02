/**
 * The QEMU command line of a run. Pure: the same options give the same words.
 * Every connection to the machine is an inherited file descriptor, so nothing has to be named or removed.
 */
import type { RunOptions } from './options.js';

/** Descriptors that QEMU inherits; each is one end of a socket pair. */
export const Descriptor = { Console: 3, Log: 4, Monitor: 5, Channel: 6 } as const;

/** Where the machine's programs come from. */
export interface BootFiles {
  kernel: string;
  initrd: string;
  /** Boots instead of kernel and initrd when the firmware is BIOS or UEFI. */
  iso?: string;
}

const UEFI_FIRMWARE = '/usr/share/ovmf/OVMF.fd';

export function qemuArguments(options: RunOptions, files: BootFiles, words: string[]): string[] {
  return [
    '-nodefaults',
    '-no-user-config',
    '-no-reboot',
    ...['-display', 'none'],
    ...machine(options),
    ...['-m', `${options.memoryKilobytes}K`, '-smp', `${options.cpus}`],
    ...processor(options),
    ...socket('console', Descriptor.Console),
    ...['-serial', 'chardev:console'],
    ...socket('log', Descriptor.Log),
    ...['-device', 'isa-debugcon,iobase=0xe9,chardev=log'],
    ...socket('monitor', Descriptor.Monitor),
    ...['-mon', 'chardev=monitor,mode=control'],
    ...socket('channel', Descriptor.Channel),
    ...['-device', 'isa-serial,index=1,chardev=channel'],
    ...['-device', 'isa-debug-exit,iobase=0xf4,iosize=0x04'],
    ...boot(options, files, words),
  ];
}

function machine(options: RunOptions): string[] {
  if (options.machine === 'microvm') return ['-M', 'microvm,isa-serial=on,rtc=on,pit=on,pic=on,acpi=on'];
  return ['-M', options.machine, '-vga', 'std'];
}

/** `--icount` makes the guest's time-stamp counter count its instructions, the same number on every run. */
function processor(options: RunOptions): string[] {
  const cpu = options.cpu ?? (options.icount ? 'qemu64' : 'max');
  if (!options.icount) return ['-cpu', cpu, '-accel', 'tcg'];
  return [
    ...['-cpu', cpu, '-accel', 'tcg,thread=single', '-icount', 'shift=0,sleep=off'],
    ...['-rtc', 'base=2026-01-01T00:00:00,clock=vm', '-seed', '1'],
  ];
}

function boot(options: RunOptions, files: BootFiles, words: string[]): string[] {
  if (files.iso === undefined) return ['-kernel', files.kernel, '-initrd', files.initrd, '-append', words.join(' ')];
  return [...(options.firmware === 'uefi' ? ['-bios', UEFI_FIRMWARE] : []), '-boot', 'd', '-cdrom', files.iso];
}

function socket(id: string, descriptor: number): string[] {
  return ['-chardev', `socket,id=${id},fd=${descriptor}`];
}

/** The same machine for gdb, which starts it over a pipe and so owns standard input and output of QEMU. */
export function debugArguments(options: RunOptions, files: BootFiles, words: string[], outputs: string): string[] {
  return [
    '-nodefaults',
    '-no-user-config',
    '-no-reboot',
    ...['-display', 'none', '-S', '-gdb', 'stdio'],
    ...machine(options),
    ...['-m', `${options.memoryKilobytes}K`, '-smp', `${options.cpus}`],
    ...processor(options),
    ...['-serial', `file:${outputs}/console.log`],
    ...['-debugcon', `file:${outputs}/kernel.log`],
    ...['-device', 'isa-debug-exit,iobase=0xf4,iosize=0x04'],
    ...boot(options, files, words),
  ];
}
