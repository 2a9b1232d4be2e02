/**
 * The timer interrupt: ends slices and serves the Clock's deadline. The timer is armed only while it has something to
 * do, so an idle or lonely thread is never interrupted.
 */
import { currentCpu } from '../arch/x86_64/cpu.js';
import { setTimer, stopTimer } from '../arch/x86_64/local-apic.js';
import { readTsc } from '../arch/x86_64/time.js';
import { clockDeadline, clockExpire } from '../object/clock.js';
import { enqueue, highestReady, reschedule, scheduler } from './scheduler.js';

/** When the timer will fire, or 0. */
let armedFor: u64 = 0;

function armBefore(time: u64): void {
  if (armedFor === 0 || time < armedFor) {
    armedFor = time;
    setTimer(time);
  }
}

/** Somebody else is ready: the current slice must end some time. */
export function armSlice(): void {
  if (armedFor === 0 || scheduler.sliceEnd < armedFor) {
    armBefore(scheduler.sliceEnd);
  }
}

/** The Clock has a (new) deadline. */
export function armDeadline(): void {
  const deadline = clockDeadline();
  if (deadline !== 0) {
    armBefore(deadline);
  }
}

/** Called at each timer interrupt; early ones do no harm. */
export function timerInterrupt(): void {
  armedFor = 0;
  const now = readTsc();
  const deadline = clockDeadline();
  if (deadline !== 0 && now >= deadline) {
    clockExpire();
  }
  const highest = highestReady();
  if (highest >= 0 && now >= scheduler.sliceEnd) {
    endSlice(now, highest);
  }
  if (scheduler.bar >= 0) {
    armSlice();
  }
  armDeadline();
  if (armedFor === 0) {
    stopTimer();
  }
}

/** The slice is over and somebody of priority `highest` is ready. */
function endSlice(now: u64, highest: i64): void {
  const cpu = currentCpu();
  const current = cpu.current;
  if (current.priority <= highest) {
    current.preemptions++;
    current.slicesUsed++;
    enqueue(current);
    reschedule(cpu);
  } else {
    // A server runs on behalf of a thread whose slice is over: its answer must not go straight back past the equals.
    scheduler.bar = highest + 1;
    scheduler.sliceEnd = now + scheduler.sliceTicks;
  }
}
