/**
 * Calling a whole process in: each thread whose attention word says that it must stop or die is taken out of user mode,
 * and out of its wait if it is to die. A suspended thread costs a kernel call, so of thousands that run, the budget's
 * worth is called in at once and the rest in slices; until its turn a thread goes on as if the signal came a little
 * later, but none of its calls is answered any more.
 */
import { suspendThread } from '../kernel/threads';
import { release } from '../memory/heap';
import { notify } from '../signal/send';
import { stopCompleted } from '../signal/stop';
import { budget, spend } from '../wait/budget';
import { begin, Chore } from '../wait/chores';
import { ATTENTION_EXIT, ATTENTION_STOP } from './attention';
import type { Process } from './process';
import { Activity, type Thread } from './thread';

/** What suspending a thread takes, in units of the budget. */
const SUSPENSION: i64 = 20;

export class Recall extends Chore {
  /** Null once the process is gone. */
  process!: Process | null;
  /** The thread whose turn it is; null: all have been called in. */
  next!: Thread | null;
  /** A stop is under way, of which the parent is told when it is complete. */
  isStop!: boolean;

  override slice(): boolean {
    const process = this.process;
    if (process !== null) {
      this.next = callInSome(this.next);
      if (this.next !== null) return false;
      process.recall = null;
      if (this.isStop) stopCompleted(process);
    }
    release(addressOf(this));
    return true;
  }
}

/** Calls in `thread` and those behind it, as far as the budget goes; gives the first whose turn has not come. */
function callInSome(first: Thread | null): Thread | null {
  let thread = first;
  while (thread !== null && budget > 0) {
    spend(1);
    if ((thread.attention & ATTENTION_EXIT) !== 0) notify(thread);
    else if ((thread.attention & ATTENTION_STOP) !== 0 && thread.activity === Activity.InUser) hold(thread);
    thread = thread.nextInProcess;
  }
  return thread;
}

/** Takes a thread out of user mode. */
export function hold(thread: Thread): void {
  spend(SUSPENSION);
  suspendThread(thread);
  thread.activity = Activity.Held;
  thread.wasSuspended = true;
}

/**
 * Calls in every thread of `process`, from the first again if that was under way. False if some are left to a chore;
 * with `isStop` that one says when the stop is complete.
 */
export function callIn(process: Process, isStop: boolean): boolean {
  const rest = callInSome(process.firstThread);
  let recall = process.recall;
  if (recall === null) {
    if (rest === null) return true;
    recall = new Recall();
    recall.process = process;
    process.recall = recall;
    begin(recall);
  }
  recall.next = rest;
  recall.isStop = isStop && rest !== null;
  return rest === null;
}

/** Whether a stop of `process` is under way that is not complete. */
export function isStopping(process: Process): boolean {
  const recall = process.recall;
  return recall !== null && recall.isStop;
}

/** A stop is taken back. */
export function cancelRecall(process: Process): void {
  const recall = process.recall;
  if (recall === null) return;
  recall.next = null;
  recall.isStop = false;
}

/** `thread` leaves its process. */
export function recallWithout(process: Process, thread: Thread): void {
  const recall = process.recall;
  if (recall !== null && recall.next === thread) recall.next = thread.nextInProcess;
}

/** The record of `process` goes. */
export function endRecall(process: Process): void {
  const recall = process.recall;
  if (recall !== null) recall.process = null;
}
