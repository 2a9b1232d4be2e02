/** Clocks, sleeping and interval timers (clock_gettime(2), nanosleep(2), setitimer(2), alarm(2)). */

import { copyIn, copyOut } from '../memory/copy';
import type { Process } from '../process/process';
import type { Thread } from '../process/thread';
import { alarmRemaining, setAlarm } from '../time/alarm';
import { monotonicNanoseconds, realtimeNanoseconds, setRealtime } from '../time/clock';
import { isCpuClock, isFineClock, isOfThread, processOfClock, processTime, readCpuClock } from '../time/cpu-clock';
import { type CpuTimer, watchCpuTime } from '../time/cpu-timers';
import { armTimeout } from '../time/timer';
import { BLOCKED } from '../wait/outcome';
import { EFAULT, EINVAL, EOPNOTSUPP, EPERM, ERESTART_RESTARTBLOCK, ERESTARTNOHAND } from './errno';

const NANOSECONDS: u64 = 1000000000;
/** What clocks that tick count by: Debian's Linux ticks 250 times a second. */
const TICK: u64 = 4000000;
const CLOCK_REALTIME: u64 = 0;
const CLOCK_MONOTONIC: u64 = 1;
const CLOCK_MONOTONIC_RAW: u64 = 4;
const CLOCK_REALTIME_COARSE: u64 = 5;
const CLOCK_MONOTONIC_COARSE: u64 = 6;
const CLOCK_BOOTTIME: u64 = 7;
const CLOCK_REALTIME_ALARM: u64 = 8;
const CLOCK_BOOTTIME_ALARM: u64 = 9;
const CLOCK_TAI: u64 = 11;
const TIMER_ABSTIME: u64 = 1;
const ITIMER_REAL: u64 = 0;
const ITIMER_PROF: u64 = 2;
const CAP_SYS_TIME: u32 = 25;
/** Deadlines beyond this are as good as never (292 years), and leave room for sums. */
const FAR: u64 = 0x7fff_ffff_ffff_ffff;

class Pair {
  seconds!: i64;
  fraction!: i64;
}

class IntervalLayout {
  intervalSeconds!: i64;
  intervalMicroseconds!: i64;
  seconds!: i64;
  microseconds!: i64;
}

const pair: Pair = reserve();
const interval: IntervalLayout = reserve();

/** A time read from a client, in nanoseconds. */
export let readNanoseconds: u64 = 0;

/** Reads a struct timespec into readNanoseconds: 0, -EFAULT or -EINVAL. */
export function readTimespec(thread: Thread, address: u64): i64 {
  if (copyIn(thread.space, addressOf(pair), address, 16) !== 16) return -EFAULT;
  if (pair.seconds < 0 || pair.fraction < 0 || pair.fraction >= 1000000000) return -EINVAL;
  readNanoseconds = combine(pair.seconds as u64, pair.fraction as u64);
  return 0;
}

function combine(seconds: u64, nanoseconds: u64): u64 {
  if (seconds > FAR / NANOSECONDS - 1) return FAR;
  return seconds * NANOSECONDS + nanoseconds;
}

export function writeTimespec(thread: Thread, address: u64, nanoseconds: u64): boolean {
  pair.seconds = (nanoseconds / NANOSECONDS) as i64;
  pair.fraction = (nanoseconds % NANOSECONDS) as i64;
  return copyOut(thread.space, address, addressOf(pair), 16) === 16;
}

/** The time of `clock` in nanoseconds; -EINVAL for one that does not exist; AGAIN (readCpuClock). */
function readClock(thread: Thread, clock: u64): i64 {
  if (
    clock === CLOCK_REALTIME ||
    clock === CLOCK_REALTIME_COARSE ||
    clock === CLOCK_REALTIME_ALARM ||
    clock === CLOCK_TAI
  ) {
    return realtimeNanoseconds() as i64;
  }
  if (isCpuClock(clock)) return readCpuClock(thread, clock);
  const isMonotonic =
    clock === CLOCK_MONOTONIC ||
    clock === CLOCK_MONOTONIC_RAW ||
    clock === CLOCK_MONOTONIC_COARSE ||
    clock === CLOCK_BOOTTIME ||
    clock === CLOCK_BOOTTIME_ALARM;
  return isMonotonic ? (monotonicNanoseconds() as i64) : -EINVAL;
}

export function sysClockGettime(thread: Thread): i64 {
  const now = readClock(thread, thread.frame.rdi & 0xffff_ffff);
  if (now < 0) return now;
  return writeTimespec(thread, thread.frame.rsi, now as u64) ? 0 : -EFAULT;
}

export function sysClockGetres(thread: Thread): i64 {
  const clock = thread.frame.rdi & 0xffff_ffff;
  const now = readClock(thread, clock);
  if (now < 0) return now;
  if (thread.frame.rsi === 0) return 0;
  const isCoarse = isCpuClock(clock) ? !isFineClock(clock) : isCoarseClock(clock);
  return writeTimespec(thread, thread.frame.rsi, isCoarse ? TICK : 1) ? 0 : -EFAULT;
}

function isCoarseClock(clock: u64): boolean {
  return clock === CLOCK_REALTIME_COARSE || clock === CLOCK_MONOTONIC_COARSE;
}

export function sysClockSettime(thread: Thread): i64 {
  if ((thread.frame.rdi & 0xffff_ffff) !== CLOCK_REALTIME) return -EINVAL;
  const problem = readTimespec(thread, thread.frame.rsi);
  if (problem !== 0) return problem;
  if (!thread.process.capabilities.has(CAP_SYS_TIME)) return -EPERM;
  setRealtime(readNanoseconds);
  return 0;
}

export function sysGettimeofday(thread: Thread): i64 {
  const now = realtimeNanoseconds();
  pair.seconds = (now / NANOSECONDS) as i64;
  pair.fraction = ((now % NANOSECONDS) / 1000) as i64;
  if (thread.frame.rdi !== 0 && copyOut(thread.space, thread.frame.rdi, addressOf(pair), 16) !== 16) return -EFAULT;
  if (thread.frame.rsi === 0) return 0;
  pair.seconds = 0;
  return copyOut(thread.space, thread.frame.rsi, addressOf(pair), 8) === 8 ? 0 : -EFAULT;
}

export function sysSettimeofday(thread: Thread): i64 {
  if (!thread.process.capabilities.has(CAP_SYS_TIME)) return -EPERM;
  if (thread.frame.rdi === 0) return 0;
  if (copyIn(thread.space, addressOf(pair), thread.frame.rdi, 16) !== 16) return -EFAULT;
  if (pair.seconds < 0 || pair.fraction < 0 || pair.fraction >= 1000000) return -EINVAL;
  setRealtime(combine(pair.seconds as u64, (pair.fraction as u64) * 1000));
  return 0;
}

export function sysTime(thread: Thread): i64 {
  const seconds = (realtimeNanoseconds() / NANOSECONDS) as i64;
  if (thread.frame.rdi === 0) return seconds;
  pair.seconds = seconds;
  return copyOut(thread.space, thread.frame.rdi, addressOf(pair), 8) === 8 ? seconds : -EFAULT;
}

/** Sleeps until `call.deadline`; `remaining` (0: none) receives what is left when a signal ends the sleep. */
function sleep(thread: Thread, remaining: u64, isAbsolute: boolean): i64 {
  const deadline = thread.call.deadline;
  const now = monotonicNanoseconds();
  if (now >= deadline) return 0;
  if (thread.hasSignal()) {
    if (isAbsolute) return -ERESTARTNOHAND;
    if (remaining !== 0 && !writeTimespec(thread, remaining, deadline - now)) return -EFAULT;
    thread.restartDeadline = deadline;
    return -ERESTART_RESTARTBLOCK;
  }
  armTimeout(thread, deadline);
  return BLOCKED;
}

/** On the first run: works out the deadline. An interrupted sleep that is restarted keeps its own. */
function beginSleep(thread: Thread, request: u64): i64 {
  const call = thread.call;
  if (call.deadline !== 0) return 0;
  const problem = readTimespec(thread, request);
  if (problem !== 0) return problem;
  call.isDirty = true;
  call.deadline = thread.restartDeadline;
  thread.restartDeadline = 0;
  if (call.deadline === 0) call.deadline = later(readNanoseconds);
  return 0;
}

/** `nanoseconds` from now, never overflowing. */
export function later(nanoseconds: u64): u64 {
  return nanoseconds >= FAR ? FAR : monotonicNanoseconds() + nanoseconds;
}

export function sysNanosleep(thread: Thread): i64 {
  const problem = beginSleep(thread, thread.frame.rdi);
  return problem !== 0 ? problem : sleep(thread, thread.frame.rsi, false);
}

export function sysClockNanosleep(thread: Thread): i64 {
  const frame = thread.frame;
  const clock = frame.rdi & 0xffff_ffff;
  const now = readClock(thread, clock);
  if (now < 0) return now;
  // A thread that sleeps until its own clock has moved on would sleep for ever; Linux's words for both clocks differ.
  if (isCpuClock(clock) && isOfThread(clock)) return clock >>> 31 === 0 ? -EOPNOTSUPP : -EINVAL;
  if (clock === CLOCK_MONOTONIC_RAW || isCoarseClock(clock)) return -EOPNOTSUPP;
  const isAbsolute = (frame.rsi & TIMER_ABSTIME) !== 0;
  if (isCpuClock(clock)) return sleepByCpuTime(thread, clock, isAbsolute);
  if (!isAbsolute) {
    const problem = beginSleep(thread, frame.rdx);
    return problem !== 0 ? problem : sleep(thread, frame.r10, false);
  }
  const problem = readTimespec(thread, frame.rdx);
  if (problem !== 0) return problem;
  thread.call.isDirty = true;
  const isReal = clock === CLOCK_REALTIME || clock === CLOCK_TAI || clock === CLOCK_REALTIME_ALARM;
  const offset: u64 = isReal ? realtimeNanoseconds() - monotonicNanoseconds() : 0;
  thread.call.deadline = readNanoseconds > offset ? readNanoseconds - offset : 1;
  return sleep(thread, 0, true);
}

/**
 * Sleeps until a process has used so much processor time. It cannot use more than passes, so that is when to look again,
 * but not more often than the coarse clocks tick.
 */
function sleepByCpuTime(thread: Thread, clock: u64, isAbsolute: boolean): i64 {
  const frame = thread.frame;
  const call = thread.call;
  const process = processOfClock(thread, clock);
  if (process === null) return -EINVAL;
  const used = processTime(process);
  if (call.stage === 0) {
    const problem = readTimespec(thread, frame.rdx);
    if (problem !== 0) return problem;
    call.isDirty = true;
    call.stage = 1;
    call.first = isAbsolute ? readNanoseconds : readNanoseconds < FAR - used ? used + readNanoseconds : FAR;
    if (thread.restartDeadline !== 0) call.first = thread.restartDeadline;
    thread.restartDeadline = 0;
  }
  const wanted = call.first;
  if (used >= wanted) return 0;
  if (thread.hasSignal()) {
    if (isAbsolute) return -ERESTARTNOHAND;
    if (frame.r10 !== 0 && !writeTimespec(thread, frame.r10, wanted - used)) return -EFAULT;
    thread.restartDeadline = wanted;
    return -ERESTART_RESTARTBLOCK;
  }
  const left = wanted - used;
  armTimeout(thread, later(left < TICK ? TICK : left));
  return BLOCKED;
}

export function sysAlarm(thread: Thread): i64 {
  const remaining = alarmRemaining(thread.process);
  setAlarm(thread.process, (thread.frame.rdi & 0xffff_ffff) * NANOSECONDS, 0);
  if (remaining === 0) return 0;
  // Rounded to the second, and never down to "none" (alarm(2)).
  const seconds = (remaining + 500000000) / NANOSECONDS;
  return seconds === 0 ? 1 : (seconds as i64);
}

/** Writes a timer of the process's, ITIMER_REAL or one of `used` processor time, as a struct itimerval. */
function writeInterval(thread: Thread, which: u64, used: u64, address: u64): boolean {
  const process = thread.process;
  const timer = cpuTimerOf(process, which);
  const remaining = (which === ITIMER_REAL ? alarmRemaining(process) : timer.remaining(used)) / 1000;
  const every = (which === ITIMER_REAL ? process.alarmInterval : timer.interval) / 1000;
  interval.seconds = (remaining / 1000000) as i64;
  interval.microseconds = (remaining % 1000000) as i64;
  interval.intervalSeconds = (every / 1000000) as i64;
  interval.intervalMicroseconds = (every % 1000000) as i64;
  return copyOut(thread.space, address, addressOf(interval), 32) === 32;
}

/** The timer that ITIMER_VIRTUAL or ITIMER_PROF names. */
function cpuTimerOf(process: Process, which: u64): CpuTimer {
  return which === ITIMER_PROF ? process.profileTimer : process.virtualTimer;
}

export function sysGetitimer(thread: Thread): i64 {
  const which = thread.frame.rdi & 0xffff_ffff;
  if (which > ITIMER_PROF) return -EINVAL;
  const used: u64 = which === ITIMER_REAL ? 0 : processTime(thread.process);
  return writeInterval(thread, which, used, thread.frame.rsi) ? 0 : -EFAULT;
}

export function sysSetitimer(thread: Thread): i64 {
  const frame = thread.frame;
  const which = frame.rdi & 0xffff_ffff;
  if (which > ITIMER_PROF) return -EINVAL;
  const process = thread.process;
  let delay: u64 = 0;
  let every: u64 = 0;
  if (frame.rsi !== 0) {
    if (copyIn(thread.space, addressOf(interval), frame.rsi, 32) !== 32) return -EFAULT;
    if (!isMicroseconds(interval.microseconds) || !isMicroseconds(interval.intervalMicroseconds)) return -EINVAL;
    if (interval.seconds < 0 || interval.intervalSeconds < 0) return -EINVAL;
    delay = combine(interval.seconds as u64, (interval.microseconds as u64) * 1000);
    every = combine(interval.intervalSeconds as u64, (interval.intervalMicroseconds as u64) * 1000);
  }
  const used: u64 = which === ITIMER_REAL ? 0 : processTime(process);
  if (frame.rdx !== 0 && !writeInterval(thread, which, used, frame.rdx)) return -EFAULT;
  if (delay > FAR / 2) delay = FAR / 2;
  if (which === ITIMER_REAL) setAlarm(process, delay, every);
  else {
    cpuTimerOf(process, which).set(used, delay, every);
    watchCpuTime(process);
  }
  return 0;
}

function isMicroseconds(value: i64): boolean {
  return value >= 0 && value < 1000000;
}
