/**
 * The words of the command line that the kernel itself understands (Linux's bootparam(7) where it has the word, kairo.*
 * for our own). All other words are the process server's; it sees the whole line.
 */
import { bootRecord } from './boot-record.js';

export class BootOptions {
  /** Log lines below this level reach the console (`loglevel=`, `quiet`, `debug`). */
  logLevel!: u64;
  /** `kairo.log=debugcon`: the log goes to port 0xe9 only, so that COM1 carries nothing but the console tty. */
  logToDebugConsole!: boolean;
  /** `kairo.log=screen`: the log goes to the screen only, and COM1 is the console tty's until a panic. */
  logToScreen!: boolean;
  /** `panic=`: seconds until a reboot; 0: halt for ever (after asking QEMU to exit); negative: reboot at once. */
  panicSeconds!: i64;
  /** `noapic`: interrupts come through the 8259s although the machine has an I/O APIC. */
  noIoApic!: boolean;
}

export const bootOptions: BootOptions = reserve();

const LOG_LEVEL_DEFAULT: u64 = 7;
const LOG_LEVEL_QUIET: u64 = 4;
const LOG_LEVEL_DEBUG: u64 = 8;

/** Reads all words of the boot record's command line. */
export function parseCommandLine(): void {
  bootOptions.logLevel = LOG_LEVEL_DEFAULT;
  let at: u64 = 0;
  while (at < bootRecord.commandLineLength) {
    while (at < bootRecord.commandLineLength && isSpace(characterAt(at))) {
      at++;
    }
    const start = at;
    while (at < bootRecord.commandLineLength && !isSpace(characterAt(at))) {
      at++;
    }
    parseWord(start, at);
  }
}

function parseWord(start: u64, end: u64): void {
  if (isWord(start, end, 'quiet')) {
    bootOptions.logLevel = LOG_LEVEL_QUIET;
  } else if (isWord(start, end, 'debug')) {
    bootOptions.logLevel = LOG_LEVEL_DEBUG;
  } else if (startsWith(start, end, 'loglevel=')) {
    bootOptions.logLevel = numberAt(start + 9, end);
  } else if (isWord(start, end, 'kairo.log=debugcon')) {
    bootOptions.logToDebugConsole = true;
  } else if (isWord(start, end, 'kairo.log=screen')) {
    bootOptions.logToScreen = true;
  } else if (startsWith(start, end, 'panic=-')) {
    bootOptions.panicSeconds = -1;
  } else if (startsWith(start, end, 'panic=')) {
    bootOptions.panicSeconds = numberAt(start + 6, end);
  } else if (isWord(start, end, 'noapic')) {
    bootOptions.noIoApic = true;
  }
}

function isSpace(character: u8): boolean {
  return character === 0x20 || character === 0x09 || character === 0x0a;
}

function characterAt(index: u64): u8 {
  return bootRecord.commandLine[index];
}

function startsWith(start: u64, end: u64, text: string): boolean {
  const length: u64 = text.length;
  if (end - start < length) {
    return false;
  }
  for (let at: u64 = 0; at < length; at++) {
    if (characterAt(start + at) !== text.charCodeAt(at)) {
      return false;
    }
  }
  return true;
}

function isWord(start: u64, end: u64, text: string): boolean {
  return end - start === text.length && startsWith(start, end, text);
}

/** A decimal number, as far as its digits go, at most 999,999. */
function numberAt(start: u64, end: u64): u64 {
  let value: u64 = 0;
  for (let at = start; at < end && at < start + 6; at++) {
    const digit: u64 = characterAt(at);
    if (digit < 0x30 || digit > 0x39) {
      break;
    }
    value = value * 10 + digit - 0x30;
  }
  return value;
}
