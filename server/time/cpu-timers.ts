/**
 * What ends when a process has used so much processor time: ITIMER_VIRTUAL, ITIMER_PROF (setitimer(2)) and RLIMIT_CPU
 * (getrlimit(2)). Nobody tells us how much it has used, but it cannot use more than passes: so a timer of the process's
 * looks again when that much time is over, at most as often as Linux ticks.
 *
 * All time of a process counts as user time here, so the two interval timers count the same.
 */
import { type Limit, RLIM_INFINITY, RLIMIT_CPU } from '../process/limits';
import type { Process } from '../process/process';
import { SIGKILL, SIGPROF, SIGVTALRM, SIGXCPU } from '../signal/numbers';
import { fromKernel, sendToProcess } from '../signal/send';
import { monotonicNanoseconds } from './clock';
import { processTime } from './cpu-clock';
import { armProcessTimer, cancelTimer, type Timer } from './timer';

const SECOND: u64 = 1000000000;
const TICK: u64 = 4000000;
/** Limits beyond this many seconds are never reached. */
const FAR_SECONDS: u64 = 0x1_0000_0000;

/** An interval timer of processor time: what the process will have used when it fires (0: not set), and how often. */
export class CpuTimer {
  deadline!: u64;
  interval!: u64;

  /** Sets it to fire `delay` from `used`; 0 cancels. */
  set(used: u64, delay: u64, interval: u64): void {
    this.deadline = delay === 0 ? 0 : used + delay;
    this.interval = interval;
  }

  /** 0 if it is not set; one that is about to fire has a tick left, as in Linux. */
  remaining(used: u64): u64 {
    if (this.deadline === 0) return 0;
    return this.deadline > used + TICK ? this.deadline - used : TICK;
  }

  /** Whether it has fired; it is set again, or no longer set. */
  fires(used: u64): boolean {
    if (this.deadline === 0 || this.deadline > used) return false;
    this.deadline = this.interval === 0 ? 0 : used + this.interval;
    return true;
  }
}

/** Looks when the next of them could be due, and arms the timer for it. After every change, and after fork. */
export function watchCpuTime(process: Process): void {
  const limit: Limit = process.limits.of[RLIMIT_CPU];
  const timer: Timer = process.cpuWatch;
  if (process.virtualTimer.deadline === 0 && process.profileTimer.deadline === 0 && limit.current === RLIM_INFINITY) {
    cancelTimer(timer);
    return;
  }
  const used = processTime(process);
  let next: u64 = FAR_SECONDS * SECOND;
  next = sooner(next, process.virtualTimer.remaining(used));
  next = sooner(next, process.profileTimer.remaining(used));
  if (limit.current < FAR_SECONDS) {
    const most = limit.current * SECOND;
    next = sooner(next, most > used ? most - used : 1);
  }
  armProcessTimer(timer, process, monotonicNanoseconds() + (next < TICK ? TICK : next));
}

function sooner(first: u64, second: u64): u64 {
  return second !== 0 && second < first ? second : first;
}

/** The timer has fired: something may be due. */
export function cpuWatchFired(process: Process): void {
  const used = processTime(process);
  if (process.virtualTimer.fires(used)) sendToProcess(process, fromKernel(SIGVTALRM));
  if (process.profileTimer.fires(used)) sendToProcess(process, fromKernel(SIGPROF));
  const limit: Limit = process.limits.of[RLIMIT_CPU];
  const seconds = used / SECOND;
  if (seconds >= limit.maximum) {
    sendToProcess(process, fromKernel(SIGKILL));
    return;
  }
  if (seconds >= limit.current) {
    sendToProcess(process, fromKernel(SIGXCPU));
    // Every second again, as in Linux, until the hard limit ends it.
    limit.current = seconds + 1;
  }
  watchCpuTime(process);
}
