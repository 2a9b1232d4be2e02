/**
 * Stopping and continuing whole processes, and telling the parent (POSIX.1-2017 2.4.3; wait(2)).
 */

import { ATTENTION_SIGNAL, ATTENTION_STOP } from '../process/attention';
import { Life, type Process } from '../process/process';
import { callIn, cancelRecall, isStopping } from '../process/recall';
import { Activity } from '../process/thread';
import { wakeAll } from '../wait/wait-queue';
import { defer } from '../wait/work';
import { SA_NOCLDSTOP } from './dispositions';
import { CLD_CONTINUED, CLD_STOPPED, SIGCHLD, SIGCONT } from './numbers';
import { SignalInformation } from './pending';
import { sendToProcess } from './send';

const report: SignalInformation = reserve();

/** Tells the parent of a stop or continuation: SIGCHLD unless it asked not to be told, and a wake-up for wait. */
function reportToParent(process: Process, code: i32, status: u32): void {
  const parent = process.parent;
  if (parent === null) return;
  if ((parent.dispositions.of[SIGCHLD].flags & SA_NOCLDSTOP) === 0) {
    // A record of its own: the caller is about to queue the signal that brought the change.
    const information = report;
    information.signal = SIGCHLD;
    information.code = code;
    information.pid = process.number;
    information.uid = process.credentials.uid;
    information.status = status as i32;
    sendToProcess(parent, information);
  }
  wakeAll(parent.childEvents);
}

/** Stops every thread of `process` because of `signal`. */
export function stopProcess(process: Process, signal: u32): void {
  if (process.life !== Life.Running) return;
  process.life = Life.Stopped;
  process.stopSignal = signal;
  process.hasContinueReport = false;
  let thread = process.firstThread;
  while (thread !== null) {
    thread.attention |= ATTENTION_STOP;
    thread = thread.nextInProcess;
  }
  if (callIn(process, true)) stopCompleted(process);
}

/** Every thread of `process` is held: the parent is told. */
export function stopCompleted(process: Process): void {
  process.hasStopReport = true;
  reportToParent(process, CLD_STOPPED, process.stopSignal);
}

/**
 * Lets a stopped process go on. From a stop that was not complete nothing can be continued: the parent hears of the stop
 * then (Linux: prepare_signal).
 */
export function continueProcess(process: Process): void {
  if (process.life !== Life.Stopped) return;
  const wasComplete = !isStopping(process);
  process.life = Life.Running;
  process.hasStopReport = false;
  process.hasContinueReport = wasComplete;
  let thread = process.firstThread;
  while (thread !== null) {
    thread.attention &= ~ATTENTION_STOP;
    if (thread.activity === Activity.Held || (thread.attention & ATTENTION_SIGNAL) !== 0) defer(thread);
    thread = thread.nextInProcess;
  }
  if (wasComplete) reportToParent(process, CLD_CONTINUED, SIGCONT);
  else {
    cancelRecall(process);
    reportToParent(process, CLD_STOPPED, process.stopSignal);
  }
}
