/**
 * The event loop: receive, dispatch, answer. One request at a time, none for long.
 *
 * A call that can be answered at once costs one receive-and-answer operation. One that cannot leaves its thread in a
 * wait queue, and its handler runs again when it is woken (wait/work.ts). While there is deferred work the loop only
 * polls for messages, and takes one message and one piece of work in turn, so neither starves the other.
 *
 * We run before every program. So after each slice of lengthy work (a long call's, or a chore of ours) there is a pause, in
 * which programs that can run get as much time as the slice took; no slice begins before it ends.
 */
import { ForeignAnswer, KernelMessage } from '../lib/abi/operation';
import {
  answer,
  answerAndReceive,
  messageLabel,
  messageWord0,
  messageWord1,
  messageWord2,
  receiveIfAny,
  threadOf,
} from './arch/x86_64/messages';
import { resumeThread } from './kernel/threads';
import { dispatch } from './linux/dispatch';
import { handleFault } from './linux/faults';
import { traceCall } from './linux/trace';
import { hasReserve } from './memory/heap';
import { replenish } from './memory/out-of-memory';
import { ATTENTION_EXIT, ATTENTION_MASK, ATTENTION_SIGNAL, ATTENTION_STOP, ATTENTION_TRACE } from './process/attention';
import { exitThread } from './process/exit';
import { walkRobustList } from './process/futex';
import { isAnyoneRunning } from './process/pids';
import { Activity, type Thread } from './process/thread';
import { attend, isRestartCode, restartCall } from './signal/deliver';
import { bitOf, SIGKILL } from './signal/numbers';
import { monotonicNanoseconds } from './time/clock';
import { cancelTimer, clockTicked, endPause, pauseEnd, pauseUntil } from './time/timer';
import { consoleInterrupt } from './tty/console';
import { hostInterrupt } from './tty/host-channel';
import { refill } from './wait/budget';
import { doChore, firstChore } from './wait/chores';
import { AGAIN, BLOCKED, NO_REPLY, REGISTERS_SET } from './wait/outcome';
import { defer, deferSlice, lengthy, postpone, prompt } from './wait/work';

/** Bits of the server's notification. */
export const CLOCK_EVENT: u64 = 1;
export const CONSOLE_EVENT: u64 = 2;
export const HOST_EVENT: u64 = 4;

/** Smallest result that is an errno; anything lower is an outcome (wait/outcome.ts). */
const LOWEST_ERROR: i64 = -4095;
/** Stands for "this call is a fault" in Thread.callNumber: no system call has the number. */
const FAULT_CALL: u64 = 0xffff_ffff_ffff_ffff;

/** Whom to answer together with the next receive. */
let pendingReply: u64 = 0;
let pendingLabel: u64 = 0;

/** Short pieces of work follow one another for so long before programs get their share: 100,000 instructions and up. */
const SLICE_NANOSECONDS: u64 = 100000;

export function serve(): never {
  while (true) {
    const reply = pendingReply;
    pendingReply = 0;
    const badge =
      prompt.first === null && !hasLengthyWork() ? answerAndReceive(reply, pendingLabel) : receiveAmidWork(reply);
    if (badge !== 0) receive(badge);
    const thread = prompt.take();
    if (thread !== null) {
      goOn(thread);
      if (prompt.first !== null) giveWay();
      else if (promptSince !== 0) endBurst(monotonicNanoseconds());
    } else if (pauseEnd === 0 && hasLengthyWork()) doSlice();
  }
}

/** When the threads that were woken began to go on without a pause; 0: none do. */
let promptSince: u64 = 0;

/** One event may wake a thousand threads: when going on with them has taken a slice's time, the rest is lengthy work. */
function giveWay(): void {
  const now = monotonicNanoseconds();
  if (promptSince === 0) promptSince = now;
  if (now - promptSince < SLICE_NANOSECONDS) return;
  postpone();
  endBurst(now);
}

/** Threads went on one after another until `now`: programs' share begins, or is longer by as much. */
function endBurst(now: u64): void {
  const taken = now - promptSince;
  promptSince = 0;
  if (pauseEnd !== 0) pauseUntil(pauseEnd + taken);
  else if (hasLengthyWork() && isAnyoneRunning()) pauseUntil(now + taken);
}

function hasLengthyWork(): boolean {
  return lengthy.first !== null || firstChore !== null;
}

/** Answers, and receives: waiting if programs have their share, else only what is there. */
function receiveAmidWork(reply: u64): u64 {
  if (prompt.first === null && pauseEnd !== 0) {
    if (reply !== 0 || isAnyoneRunning()) return answerAndReceive(reply, pendingLabel);
    endPause();
  }
  if (reply !== 0) answer(reply, pendingLabel);
  return receiveIfAny();
}

/** Whether the last slice was a long call's. */
let wasCall = false;

/** Slices of long calls and of chores in turn: one, or as many short ones. */
function doSlice(): void {
  const begun = monotonicNanoseconds();
  let now = begun;
  while (hasLengthyWork() && now - begun < SLICE_NANOSECONDS) {
    const thread = wasCall && firstChore !== null ? null : lengthy.take();
    wasCall = thread !== null;
    if (thread !== null) goOn(thread);
    else {
      refill();
      doChore();
    }
    now = monotonicNanoseconds();
    if (prompt.first !== null) break;
  }
  if (!hasLengthyWork() || !isAnyoneRunning()) return;
  pauseUntil(now + (now - begun));
}

/** Handles the message that `badge` came with. */
function receive(badge: u64): void {
  const label = messageLabel();
  if (label === KernelMessage.SystemCall) {
    const thread = threadOf(badge);
    thread.callNumber = messageWord0();
    thread.activity = Activity.InCall;
    const result = hasReserve() || replenish(thread) ? dispatch(thread, thread.callNumber) : AGAIN;
    if (result >= LOWEST_ERROR && thread.attention === 0 && !thread.call.isDirty) {
      thread.frame.rax = result as u64;
      thread.activity = Activity.InUser;
      pendingReply = thread.reply;
      pendingLabel = ForeignAnswer.Resume;
      return;
    }
    settle(thread, result);
    return;
  }
  if (label === KernelMessage.Fault) {
    receiveFault(threadOf(badge), messageWord0(), messageWord1(), messageWord2());
    return;
  }
  events(badge);
}

function receiveFault(thread: Thread, vector: u64, address: u64, errorCode: u64): void {
  thread.callNumber = FAULT_CALL;
  thread.activity = Activity.InCall;
  const outcome = handleFault(thread, vector, address, errorCode);
  if (outcome === 0 && thread.attention === 0) {
    thread.activity = Activity.InUser;
    pendingReply = thread.reply;
    pendingLabel = ForeignAnswer.Resume;
    return;
  }
  if (outcome === AGAIN) {
    thread.call.first = vector;
    thread.call.second = address;
    thread.call.stage = errorCode;
    settle(thread, AGAIN);
  } else settle(thread, REGISTERS_SET);
}

/** Interrupts and the clock. */
function events(bits: u64): void {
  refill();
  if ((bits & CLOCK_EVENT) !== 0) {
    clockTicked();
  }
  if ((bits & CONSOLE_EVENT) !== 0) consoleInterrupt();
  if ((bits & HOST_EVENT) !== 0) hostInterrupt();
}

/** A thread's turn: its handler runs again, or it leaves the server if nothing keeps it. */
function goOn(thread: Thread): void {
  refill();
  // It was woken in the middle of a call that then ended by itself, say by a signal that it sent to itself.
  if (thread.activity === Activity.InUser) return;
  if (thread.activity === Activity.Held) {
    leave(thread);
    return;
  }
  if ((thread.attention & ATTENTION_EXIT) !== 0 || isKilled(thread)) {
    finishCall(thread);
    leave(thread);
    return;
  }
  if (!hasReserve() && !replenish(thread)) {
    defer(thread);
    return;
  }
  if (thread.callNumber === FAULT_CALL) {
    const outcome = handleFault(thread, thread.call.first, thread.call.second, thread.call.stage);
    settle(thread, outcome === 0 ? REGISTERS_SET : outcome);
  } else settle(thread, dispatch(thread, thread.callNumber));
}

/** Killed threads do not go on with their calls: that might take memory, which is perhaps why they were killed. */
function isKilled(thread: Thread): boolean {
  return (thread.attention & ATTENTION_SIGNAL) !== 0 && (thread.process.pending.set & bitOf(SIGKILL)) !== 0;
}

/** What becomes of a thread whose handler returned `result`. */
export function settle(thread: Thread, result: i64): void {
  if (result === BLOCKED || result === AGAIN) {
    thread.call.isDirty = true;
    if (result === AGAIN) deferSlice(thread);
    return;
  }
  if (result === NO_REPLY) return;
  if ((thread.attention & ATTENTION_TRACE) !== 0 && thread.callNumber !== FAULT_CALL) traceCall(thread, result);
  if (result === REGISTERS_SET) thread.restoresAll = true;
  else if (isRestartCode(result)) thread.restart = (0 - result) as u32;
  else thread.frame.rax = result as u64;
  finishCall(thread);
  leave(thread);
}

function finishCall(thread: Thread): void {
  if (thread.timer.deadline !== 0) cancelTimer(thread.timer);
  if (thread.call.isDirty) thread.call.clear();
}

/** Lets `thread` go back to user mode, unless it is to exit or to be held; signals are delivered on the way. */
export function leave(thread: Thread): void {
  while (true) {
    const attention = thread.attention;
    if ((attention & ATTENTION_EXIT) !== 0) {
      if (walkRobustList(thread)) exitThread(thread);
      else {
        thread.activity = Activity.Held;
        deferSlice(thread);
      }
      return;
    }
    if ((attention & ATTENTION_STOP) !== 0) {
      thread.activity = Activity.Held;
      return;
    }
    if ((attention & (ATTENTION_SIGNAL | ATTENTION_MASK)) === 0) break;
    attend(thread);
  }
  if (thread.restart !== 0) restartCall(thread);
  const isFull = thread.restoresAll;
  thread.restoresAll = false;
  thread.activity = Activity.InUser;
  if (thread.wasSuspended) {
    thread.wasSuspended = false;
    resumeThread(thread);
  } else answer(thread.reply, isFull ? ForeignAnswer.ResumeFull : ForeignAnswer.Resume);
}
