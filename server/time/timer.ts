/**
 * Timers in order of their deadlines, and the kernel's Clock armed for the first. Deadlines are nanoseconds of monotonic
 * time; those of the same nanosecond are a list.
 *
 * The loop's own pause stands apart from them: more timers may come due at once than one turn lets fire, and the chore
 * that goes on with them waits for the pause to end.
 */
import { OrderedMap } from '../../lib/ordered-map';
import { setClockDeadline } from '../kernel/clock';
import type { Process } from '../process/process';
import type { Thread } from '../process/thread';
import { budget } from '../wait/budget';
import { begin, Chore } from '../wait/chores';
import { wake } from '../wait/wait-queue';
import { alarmFired } from './alarm';
import { monotonicNanoseconds, tickOf } from './clock';
import { cpuWatchFired } from './cpu-timers';

/** Embedded in its owner: a thread (a call's time-out) or a process (ITIMER_REAL, processor time). */
export class Timer {
  /** 0: not armed. */
  deadline!: u64;
  thread!: Thread | null;
  process!: Process | null;
  /** Others with the same deadline. */
  next!: Timer | null;
  previous!: Timer | null;
}

const timers: OrderedMap<Timer> = reserve();
/** What the kernel was last asked for; 0: nothing. */
let armedFor: u64 = 0;
/** When the loop's pause ends; 0: there is none. */
export let pauseEnd: u64 = 0;

function armFirst(): void {
  const firing = chore;
  // What is due is let fire by the chore, whose turn comes without the Clock.
  const first = firing !== null && firing.isUnderway ? null : timers.atLeast(0);
  let deadline: u64 = first === null ? 0 : first.deadline;
  if (pauseEnd !== 0 && (deadline === 0 || pauseEnd < deadline)) deadline = pauseEnd;
  if (deadline === armedFor) return;
  armedFor = deadline;
  setClockDeadline(deadline === 0 ? 0 : tickOf(deadline));
}

function insert(timer: Timer, deadline: u64): void {
  const at: u64 = deadline === 0 ? 1 : deadline;
  const others = timers.get(at);
  timer.deadline = at;
  timer.previous = null;
  timer.next = others;
  if (others !== null) others.previous = timer;
  timers.set(at, timer);
  armFirst();
}

/** Takes a timer that is armed out. */
function remove(timer: Timer): void {
  const next = timer.next;
  const previous = timer.previous;
  if (next !== null) next.previous = previous;
  if (previous !== null) previous.next = next;
  else if (next !== null) timers.set(timer.deadline, next);
  else timers.delete(timer.deadline);
  timer.deadline = 0;
}

export function cancelTimer(timer: Timer): void {
  if (timer.deadline === 0) return;
  remove(timer);
  // The Clock may fire once for nothing; rearming here would cost every sleep that ends early a kernel call.
}

/** Deadlines from here on never come (292 years); sleeps without end need no timer. */
const NEVER: u64 = 0x7fff_ffff_ffff_ffff;

/** Wakes `thread` from the call it is in at `deadline`. Harmless to repeat while it is armed. */
export function armTimeout(thread: Thread, deadline: u64): void {
  const timer: Timer = thread.timer;
  if (timer.deadline !== 0 || deadline >= NEVER) return;
  timer.thread = thread;
  thread.call.isDirty = true;
  insert(timer, deadline);
}

/** Arms `process`'s alarm for `deadline`. */
export function armAlarm(process: Process, deadline: u64): void {
  armProcessTimer(process.alarm, process, deadline);
}

/** Arms one of `process`'s timers for `deadline`. */
export function armProcessTimer(timer: Timer, process: Process, deadline: u64): void {
  cancelTimer(timer);
  timer.process = process;
  insert(timer, deadline);
}

/** Lets the loop pause until `end`, whatever was said before. */
export function pauseUntil(end: u64): void {
  pauseEnd = end;
  armFirst();
}

export function endPause(): void {
  pauseEnd = 0;
}

/** More timers have come due at once than one turn lets fire. */
class FiringChore extends Chore {
  override slice(): boolean {
    if (!fireDue()) return false;
    armFirst();
    return true;
  }
}

let chore: FiringChore | null = null;

/** The Clock's signal: lets every timer fire whose time has come. */
export function clockTicked(): void {
  armedFor = 0;
  if (pauseEnd !== 0 && pauseEnd <= monotonicNanoseconds()) pauseEnd = 0;
  if (!fireDue()) {
    let firing = chore;
    if (firing === null) {
      firing = new FiringChore();
      chore = firing;
    }
    begin(firing);
  }
  armFirst();
}

/** Fires what is due, as far as the budget goes; true if that was all of it. */
function fireDue(): boolean {
  const now = monotonicNanoseconds();
  while (true) {
    const timer = timers.atLeast(0);
    if (timer === null || timer.deadline > now) return true;
    if (budget <= 0) return false;
    remove(timer);
    const thread = timer.thread;
    const process = timer.process;
    if (thread !== null) {
      thread.call.isExpired = true;
      wake(thread);
    } else if (process !== null) {
      if (timer === process.cpuWatch) cpuWatchFired(process);
      else alarmFired(process);
    }
  }
}
