/**
 * `kairo.trace=1`: each system call of every process as one line of the log, in strace's manner: pid, name, arguments
 * with paths and the first bytes of what is read and written, result or the error's name; and each signal that is
 * delivered, and each end. An unknown call is logged once per number at `loglevel=7`.
 */

import { byteAt } from '../../lib/arch/x86_64/bytes';
import { logByteOf, logBytes, logDecimal, logEnd, logHex, logSigned, logText } from '../log';
import { copyIn, copyInString } from '../memory/copy';
import type { Thread } from '../process/thread';
import { isRestartCode } from '../signal/deliver';
import { REGISTERS_SET } from '../wait/outcome';
import { FIRST_LATE_CALL, LATE_SYSTEM_CALL_NAMES, SYSTEM_CALL_NAMES } from './names';
import { argumentCount, isWritten, takesData, takesPath, takesSecondPath } from './trace-arguments';
import { ERROR_NAMES, SIGNAL_NAMES } from './trace-names';

const EXECVE: u64 = 59;
const TEXT_LIMIT: u64 = 256;
/** Bytes of data that are shown, as strace does. */
const DATA_LIMIT: u64 = 32;
const AT_FDCWD: i64 = -100;
const text: Fixed<u8, 257> = reserve();

export function nameOf(number: u64): string {
  if (number < (SYSTEM_CALL_NAMES.length as u64)) return SYSTEM_CALL_NAMES[number as i64];
  const late = number - FIRST_LATE_CALL;
  if (number >= FIRST_LATE_CALL && late < (LATE_SYSTEM_CALL_NAMES.length as u64))
    return LATE_SYSTEM_CALL_NAMES[late as i64];
  return '';
}

function putName(number: u64): void {
  const name = nameOf(number);
  if (name.length !== 0) logText(name);
  else {
    logText('syscall_');
    logDecimal(number);
  }
}

function argument(thread: Thread, index: u64): u64 {
  const frame = thread.frame;
  if (index === 0) return frame.rdi;
  if (index === 1) return frame.rsi;
  if (index === 2) return frame.rdx;
  if (index === 3) return frame.r10;
  if (index === 4) return frame.r8;
  return frame.r9;
}

/** A byte of a text in quotes, so that it stays on the line and no terminal acts on it. */
function putEscaped(byte: u64): void {
  if (byte === 10) logText('\\n');
  else if (byte === 9) logText('\\t');
  else if (byte === 13) logText('\\r');
  else if (byte === 34 || byte === 92) {
    logByteOf(92);
    logByteOf(byte);
  } else if (byte < 32 || byte > 126) {
    logText('\\x');
    putDigit(byte >> 4);
    putDigit(byte & 15);
  } else logByteOf(byte);
}

function putDigit(digit: u64): void {
  logByteOf(digit < 10 ? 48 + digit : 87 + digit);
}

function putText(length: u64): void {
  logText('"');
  for (let index: u64 = 0; index < length; index++) putEscaped(byteAt(addressOf(text) + index) as u64);
  logText('"');
}

/** A path, or the address of what is none. */
function putPath(thread: Thread, address: u64): void {
  const length = copyInString(thread.space, addressOf(text), address, TEXT_LIMIT);
  if (length < 0) logHex(address);
  else putText(length as u64);
}

/** The beginning of `length` bytes, or the address of what cannot be read. */
function putData(thread: Thread, address: u64, length: u64): void {
  const wanted = length < DATA_LIMIT ? length : DATA_LIMIT;
  if (copyIn(thread.space, addressOf(text), address, wanted) !== wanted) {
    logHex(address);
    return;
  }
  putText(wanted);
  if (length > wanted) logText('...');
}

function putArgument(thread: Thread, value: u64): void {
  const signed = value as i64;
  if (signed > -4096 && signed < 65536) logSigned(signed);
  else if (value >> 32 === 0xffff_ffff || (value >> 31 === 1 && value >> 32 === 0)) logSigned(value as i32 as i64);
  else logHex(value);
}

function putError(error: u64): void {
  logText('-1 ');
  if (error < (ERROR_NAMES.length as u64) && ERROR_NAMES[error as i64].length !== 0) logText(ERROR_NAMES[error as i64]);
  else logDecimal(error);
}

function putThread(thread: Thread): void {
  logText('[');
  logDecimal(thread.number as u64);
  logText('] ');
}

function putSignal(signal: u64): void {
  if (signal < (SIGNAL_NAMES.length as u64)) logText(SIGNAL_NAMES[signal as i64]);
  else {
    logText('SIGRT_');
    logDecimal(signal - 32);
  }
}

/** `thread` is to act on `signal`. */
export function traceSignal(thread: Thread, signal: u32): void {
  putThread(thread);
  logText('--- ');
  putSignal(signal);
  logText(' ---');
  logEnd();
}

/** `thread` ends with a wait status. */
export function traceEnd(thread: Thread, status: u32): void {
  const signal: u64 = status & 0x7f;
  putThread(thread);
  logText(signal === 0 ? '+++ exited with ' : '+++ killed by ');
  if (signal === 0) logDecimal((status >> 8) & 0xff);
  else putSignal(signal);
  logText(' +++');
  logEnd();
}

/** One line for the call that `thread` has just finished with `result`. */
export function traceCall(thread: Thread, result: i64): void {
  const number = thread.callNumber;
  putThread(thread);
  putName(number);
  logText('(');
  if (result === REGISTERS_SET && number === EXECVE) {
    // The old program's arguments went with its memory; what runs now has a name.
    logText('"');
    logBytes(thread.process.executablePath, thread.process.executablePathLength);
    logText('", ...) = 0');
    logEnd();
    return;
  }
  const count = argumentCount(number);
  const path = takesPath(number);
  const other = takesSecondPath(number);
  const data = result > 0 || isWritten(number) ? takesData(number) : 0;
  for (let index: u64 = 0; index < count; index++) {
    const value = argument(thread, index);
    if (index !== 0) logText(', ');
    if (path === index + 1 || other === index + 1) putPath(thread, value);
    else if (data === index + 1)
      putData(thread, value, isWritten(number) ? argument(thread, index + 1) : (result as u64));
    else if (path > 1 && (value as i32 as i64) === AT_FDCWD) logText('AT_FDCWD');
    else putArgument(thread, value);
  }
  logText(') = ');
  if (result === REGISTERS_SET) logText('?');
  else if (isRestartCode(result)) logText('? (interrupted)');
  else if (result > -4096 && result < 0) putError((0 - result) as u64);
  else putArgument(thread, result as u64);
  logEnd();
}

const seen: Fixed<u64, 16> = reserve();
/** Numbers that no table of Linux's has; when there are more than fit, the rest are not logged. */
const others: Fixed<u64, 64> = reserve();
let otherCount = 0;

/** Notes `number`; true if it is new. */
function isFirstOf(number: u64): boolean {
  if (number < 1024) {
    const bit = (1 as u64) << (number & 63);
    const index = (number >> 6) as i64;
    if ((seen[index] & bit) !== 0) return false;
    seen[index] |= bit;
    return true;
  }
  for (let index = 0; index < otherCount; index++) if (others[index] === number) return false;
  if (otherCount === others.length) return false;
  others[otherCount] = number;
  otherCount += 1;
  return true;
}

/** Logs an unknown call the first time its number is met. */
export function noteUnknown(number: u64): void {
  if (!isFirstOf(number)) return;
  logText('system call ');
  putName(number);
  logText(' (');
  logDecimal(number);
  logText(') is not offered: ENOSYS');
  logEnd();
}
