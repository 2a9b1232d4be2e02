/**
 * The server's lines in the kernel's log. A line is begun by any of these and ended by logEnd, so lines of the kernel
 * and of the server do not mix within the one program that runs at a time.
 */
import { byteAt } from '../lib/arch/x86_64/bytes';
import { logByte } from './arch/x86_64/kernel-call';
import { halt } from './kernel/stop';

export function logByteOf(byte: u64): void {
  logByte(byte);
}

export function logText(text: string): void {
  for (let index: u64 = 0; index < text.length; index++) logByte(text.charCodeAt(index as i64) as u64);
}

export function logEnd(): void {
  logByte(10);
}

export function logDecimal(value: u64): void {
  if (value >= 10) logDecimal(value / 10);
  logByte(48 + (value % 10));
}

export function logSigned(value: i64): void {
  if (value >= 0) {
    logDecimal(value as u64);
    return;
  }
  logByte(45);
  logDecimal((0 - value) as u64);
}

export function logHex(value: u64): void {
  logText('0x');
  let shift: u64 = 60;
  while (shift !== 0 && value >> shift === 0) shift -= 4;
  while (true) {
    const digit = (value >> shift) & 15;
    logByte(digit < 10 ? 48 + digit : 87 + digit);
    if (shift === 0) return;
    shift -= 4;
  }
}

/** Bytes from memory; what a terminal would act on is shown as a dot. */
export function logBytes(address: u64, length: u64): void {
  for (let index: u64 = 0; index < length; index++) {
    const byte = byteAt(address + index) as u64;
    logByte(byte < 32 || byte > 126 ? 46 : byte);
  }
}

/** Stops the machine with `reason` and, unless it is 0, a number that explains it. */
export function panicBecause(reason: string, number: u64): never {
  logText('server: ');
  logText(reason);
  if (number !== 0) {
    logText(' (');
    logHex(number);
    logText(')');
  }
  logEnd();
  halt();
}
