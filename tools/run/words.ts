/**
 * The kernel command line of a run, and how the guest's standard streams travel.
 * `host`: over frames on COM2, byte-exact. `console`: the serial console is this terminal (or, for an initramfs that
 * brings its own init, whatever standard input and output are).
 */
import type { RunOptions } from './options.js';

export interface Streams {
  stdio: 'host' | 'console';
  /** The runner puts its terminal into raw mode and reports the window's size. */
  terminal: boolean;
  /** COM2 carries frames. */
  channel: boolean;
}

export function chooseStreams(options: RunOptions, stdin: boolean, stdout: boolean): Streams {
  const terminal = stdin && stdout && !options.gdb;
  if (options.source.kind === 'iso') return { stdio: 'console', terminal, channel: false };
  if (options.gdb) return { stdio: 'console', terminal: false, channel: false };
  if (options.source.kind === 'initrd') return { stdio: 'console', terminal, channel: true };
  return { stdio: terminal ? 'console' : 'host', terminal, channel: true };
}

/** What init shall start: COMMAND, or for a run whose input is no terminal and that names none, a shell that reads it. */
export function chooseCommand(options: RunOptions, streams: Streams): string[] {
  if (options.command.length > 0 || streams.stdio === 'console') return options.command;
  return ['/bin/sh'];
}

/** The runner's own words, then the user's, which win because the last setting of a name counts. */
export function kernelWords(options: RunOptions, streams: Streams, firstProgram: string | undefined): string[] {
  return [
    'console=ttyS0',
    'kairo.log=debugcon',
    ...(streams.channel ? ['kairo.host=com2'] : []),
    ...(streams.stdio === 'host' ? ['kairo.stdio=host'] : []),
    ...(firstProgram === undefined ? [] : [`rdinit=${firstProgram}`]),
    ...options.append,
  ];
}

/** A POSIX sh file that becomes COMMAND. Inside single quotes only the single quote itself needs care (POSIX 2.2.2). */
export function commandFile(command: string[]): string {
  return `exec ${command.map(quote).join(' ')}\n`;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
