/**
 * Stopping and continuing whole processes, and telling the parent (POSIX.1-2017 2.4.3; wait(2)).
 */

import { suspendThread } from '../kernel/threads';
import { ATTENTION_SIGNAL, ATTENTION_STOP } from '../process/attention';
import { Life, type Process } from '../process/process';
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
  process.hasStopReport = true;
  process.hasContinueReport = false;
  let thread = process.firstThread;
  while (thread !== null) {
    thread.attention |= ATTENTION_STOP;
    if (thread.activity === Activity.InUser) {
      suspendThread(thread);
      thread.activity = Activity.Held;
      thread.wasSuspended = true;
    }
    thread = thread.nextInProcess;
  }
  reportToParent(process, CLD_STOPPED, signal);
}

/** Lets a stopped process go on. */
export function continueProcess(process: Process): void {
  if (process.life !== Life.Stopped) return;
  process.life = Life.Running;
  process.hasStopReport = false;
  process.hasContinueReport = true;
  let thread = process.firstThread;
  while (thread !== null) {
    thread.attention &= ~ATTENTION_STOP;
    if (thread.activity === Activity.Held || (thread.attention & ATTENTION_SIGNAL) !== 0) defer(thread);
    thread = thread.nextInProcess;
  }
  reportToParent(process, CLD_CONTINUED, SIGCONT);
}
