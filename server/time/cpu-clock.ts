/**
 * Clocks that count processor time (clock_gettime(2), clock_getcpuclockid(3)): a negative clock number names a process or
 * a thread. Its bits are the complement of the number, then "of a thread", then two bits that say what is counted.
 */
import { EINVAL } from '../linux/errno';
import { accountProcess, accountThread } from '../process/accounting';
import { findProcess, findThread } from '../process/pids';
import type { Process } from '../process/process';
import type { Thread } from '../process/thread';
import { AGAIN } from '../wait/outcome';
import { ticksToNanoseconds } from './clock';

export const CLOCK_PROCESS_CPUTIME_ID: u64 = 2;
export const CLOCK_THREAD_CPUTIME_ID: u64 = 3;

/** Whether `clock`, 32 bits, is one of these. */
export function isCpuClock(clock: u64): boolean {
  return clock === CLOCK_PROCESS_CPUTIME_ID || clock === CLOCK_THREAD_CPUTIME_ID || clock >>> 31 !== 0;
}

const OF_THREAD: u64 = 4;
const KIND: u64 = 3;
/** The finest of the three counts; the others tick. 3 is no count. */
const SCHEDULER: u64 = 2;
const NO_KIND: u64 = 3;

export function isOfThread(clock: u64): boolean {
  return clock === CLOCK_THREAD_CPUTIME_ID || (clock >>> 31 !== 0 && (clock & OF_THREAD) !== 0);
}

/** Whether it counts nanoseconds and not ticks. */
export function isFineClock(clock: u64): boolean {
  return clock >>> 31 === 0 || (clock & KIND) === SCHEDULER;
}

function numberOf(clock: u64): i32 {
  return clock >>> 31 === 0 ? 0 : (~((clock as i32) >> 3) as i32);
}

/** The process whose time `clock` counts; null if there is none. */
export function processOfClock(thread: Thread, clock: u64): Process | null {
  const number = numberOf(clock);
  return number === 0 ? thread.process : findProcess(number);
}

/** Nanoseconds of processor time, -EINVAL, or AGAIN while the threads of a crowd are asked. A thread's clock can be read by its own process only. */
export function readCpuClock(thread: Thread, clock: u64): i64 {
  if (clock >>> 31 !== 0 && (clock & KIND) === NO_KIND) return -EINVAL;
  if (!isOfThread(clock)) {
    const process = processOfClock(thread, clock);
    if (process === null) return -EINVAL;
    return accountProcess(process) ? (ticksToNanoseconds(process.usage.userTicks) as i64) : AGAIN;
  }
  const number = numberOf(clock);
  const other = number === 0 ? thread : findThread(number);
  if (other === null || other.process !== thread.process) return -EINVAL;
  accountThread(other);
  return ticksToNanoseconds(other.countedTicks) as i64;
}

/** Nanoseconds of processor time that `process` has used, as far as it is known (accountProcess). */
export function processTime(process: Process): u64 {
  accountProcess(process);
  return ticksToNanoseconds(process.usage.userTicks);
}
