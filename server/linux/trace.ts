/**
 * `kairo.trace=1`: each system call of every process as one line of the log, in strace's manner: pid, name, arguments,
 * result, and the error's number. An unknown call is logged once per number at `loglevel=7`.
 */

import { byteAt } from '../../lib/arch/x86_64/bytes';
import { logByteOf, logBytes, logDecimal, logEnd, logHex, logSigned, logText } from '../log';
import { copyInString } from '../memory/copy';
import type { Thread } from '../process/thread';
import { isRestartCode } from '../signal/deliver';
import { REGISTERS_SET } from '../wait/outcome';
import { FIRST_LATE_CALL, LATE_SYSTEM_CALL_NAMES, SYSTEM_CALL_NAMES } from './names';
import { argumentCount, takesPath } from './trace-arguments';

const EXECVE: u64 = 59;
const TEXT_LIMIT: u64 = 256;
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

/** A path or an address; bytes that a terminal would act on are shown as dots. */
function putPath(thread: Thread, address: u64): void {
  const length = copyInString(thread.space, addressOf(text), address, TEXT_LIMIT);
  if (length < 0) {
    logHex(address);
    return;
  }
  logText('"');
  for (let index: u64 = 0; index < (length as u64); index++) {
    const byte = byteAt(addressOf(text) + index);
    logByteOf(byte < 32 || byte > 126 ? 46 : byte);
  }
  logText('"');
}

function putArgument(thread: Thread, value: u64): void {
  const signed = value as i64;
  if (signed > -4096 && signed < 65536) logSigned(signed);
  else if (value >> 32 === 0xffff_ffff || (value >> 31 === 1 && value >> 32 === 0)) logSigned(value as i32 as i64);
  else logHex(value);
}

/** One line for the call that `thread` has just finished with `result`. */
export function traceCall(thread: Thread, result: i64): void {
  const number = thread.callNumber;
  logText('[');
  logDecimal(thread.number as u64);
  logText('] ');
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
  for (let index: u64 = 0; index < count; index++) {
    if (index !== 0) logText(', ');
    if (path === index + 1) putPath(thread, argument(thread, index));
    else putArgument(thread, argument(thread, index));
  }
  logText(') = ');
  if (result === REGISTERS_SET) logText('?');
  else if (isRestartCode(result)) logText('? (interrupted)');
  else if (result > -4096 && result < 0) logSigned(result);
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
