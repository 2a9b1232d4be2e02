/** ITIMER_REAL and alarm(2): SIGALRM when it fires, again after its interval (setitimer(2)). */
import type { Process } from '../process/process';
import { SIGALRM } from '../signal/numbers';
import { fromKernel, sendToProcess } from '../signal/send';
import { monotonicNanoseconds } from './clock';
import { armAlarm, cancelTimer } from './timer';

/** The shortest time between two alarms: we run before every program, and a faster one would leave them no time. */
const SHORTEST_INTERVAL: u64 = 1000000;

/** What getitimer would round down to nothing. */
const SHORTEST_REMAINDER: u64 = 1000;

/** The timer of `process` has fired. */
export function alarmFired(process: Process): void {
  const interval = process.alarmInterval;
  if (interval !== 0)
    armAlarm(process, monotonicNanoseconds() + (interval < SHORTEST_INTERVAL ? SHORTEST_INTERVAL : interval));
  sendToProcess(process, fromKernel(SIGALRM));
}

/** Nanoseconds until the alarm fires, never less than a microsecond; 0 when it is not set. */
export function alarmRemaining(process: Process): u64 {
  const deadline = process.alarm.deadline;
  if (deadline === 0) return 0;
  const now = monotonicNanoseconds();
  return deadline > now + SHORTEST_REMAINDER ? deadline - now : SHORTEST_REMAINDER;
}

/** Sets the alarm `delay` nanoseconds from now, then every `interval`; a delay of 0 cancels it. */
export function setAlarm(process: Process, delay: u64, interval: u64): void {
  process.alarmInterval = interval;
  if (delay === 0) cancelTimer(process.alarm);
  else armAlarm(process, monotonicNanoseconds() + delay);
}
