/**
 * Generating signals (POSIX.1-2017 2.4.1; signal(7)): who gets it, what it cancels, whom it wakes.
 *
 * A signal that nobody blocks and whose action is to ignore it is dropped here, so `attention` stays zero. The first
 * process is immune to signals it has no handler for (kill(2), NOTES).
 */

import { ATTENTION_EXIT, ATTENTION_SIGNAL, ATTENTION_STOP } from '../process/attention';
import { RLIMIT_SIGPENDING } from '../process/limits';
import { Life, type Process } from '../process/process';
import { hold } from '../process/recall';
import { Activity, type Thread } from '../process/thread';
import { spend } from '../wait/budget';
import { wake } from '../wait/wait-queue';
import { defer } from '../wait/work';
import { bitOf, KILL_AND_STOP, SI_KERNEL, SI_USER, SIGCONT, SIGKILL, STOP_SIGNALS } from './numbers';
import { SignalInformation } from './pending';
import { continueProcess } from './stop';

const scratch: SignalInformation = reserve();

/** The information of a signal that the system itself sends. */
export function fromKernel(signal: u32): SignalInformation {
  return describe(signal, SI_KERNEL);
}

/** What a thread brings upon itself by a call, SIGPIPE or SIGXFSZ: as in Linux, it is named as the sender. */
export function raise(thread: Thread, signal: u32): void {
  const information = describe(signal, SI_USER);
  information.pid = thread.process.number;
  information.uid = thread.credentials.uid;
  sendToThread(thread, information);
}

/** An empty information record for `signal`, valid until the next one is asked for. */
export function describe(signal: u32, code: i32): SignalInformation {
  scratch.signal = signal;
  scratch.code = code;
  scratch.error = 0;
  scratch.pid = 0;
  scratch.uid = 0;
  scratch.status = 0;
  scratch.value = 0;
  scratch.userTime = 0;
  scratch.systemTime = 0;
  return scratch;
}

/** Signals that could be taken by `thread` now. */
export function deliverable(thread: Thread): u64 {
  return (thread.pending.set | thread.process.pending.set) & ~thread.mask;
}

/** Brings ATTENTION_SIGNAL in line after the mask or the pending sets changed. */
export function reconsider(thread: Thread): void {
  if (deliverable(thread) !== 0) thread.attention |= ATTENTION_SIGNAL;
  else thread.attention &= ~ATTENTION_SIGNAL;
}

/** Makes `thread` look at its attention word soon: out of a blocking call, or out of user mode. */
export function notify(thread: Thread): void {
  if (thread.activity === Activity.InCall) wake(thread);
  else if (thread.activity === Activity.InUser) {
    hold(thread);
    defer(thread);
  } else if (thread.activity === Activity.Held && (thread.attention & ATTENTION_STOP) === 0) {
    defer(thread);
  }
}

/** A stop signal cancels a pending SIGCONT and the reverse; SIGCONT continues a stopped process whatever its action. */
function cancelOpposite(process: Process, signal: u32): void {
  if (signal === SIGCONT) {
    discardEverywhere(process, STOP_SIGNALS);
    if (process.life === Life.Stopped) continueProcess(process);
  } else if ((bitOf(signal) & STOP_SIGNALS) !== 0) {
    discardEverywhere(process, bitOf(SIGCONT));
  }
}

/** Forgets what is pending of `signals`. Threads that were to take some look once for nothing. */
export function discardEverywhere(process: Process, signals: u64): void {
  process.pending.discard(signals);
  let thread = process.firstThread;
  while (thread !== null) {
    if ((thread.pending.set & signals) !== 0) thread.pending.discard(signals);
    thread = thread.nextInProcess;
  }
}

/** Whether the signal ends here: ignored and not blocked by `thread`, or aimed at init's default action. */
function isDropped(process: Process, thread: Thread, signal: u32): boolean {
  const bit = bitOf(signal);
  const dispositions = process.dispositions;
  if (process.isInit && (dispositions.caught & bit) === 0 && (thread.mask & bit & ~KILL_AND_STOP) === 0) return true;
  if (((thread.mask | thread.awaited) & bit) !== 0) return false;
  return dispositions.ignores(signal);
}

/** Sends to one thread (tgkill, faults). False if the queue limit refuses a real-time signal. */
export function sendToThread(thread: Thread, information: SignalInformation): boolean {
  const process = thread.process;
  if (thread.activity === Activity.Dead || process.life === Life.Zombie) return true;
  const signal = information.signal;
  if (signal === SIGKILL) return sendToProcess(process, information);
  cancelOpposite(process, signal);
  if (isDropped(process, thread, signal)) return true;
  if (!thread.pending.add(information, process.limits.of[RLIMIT_SIGPENDING].current)) return false;
  if ((thread.mask & bitOf(signal)) === 0) {
    thread.attention |= ATTENTION_SIGNAL;
    notify(thread);
  }
  return true;
}

/** The thread that takes a signal to the process: the first that does not block it. */
function chooseThread(process: Process, signal: u32): Thread | null {
  const bit = bitOf(signal);
  let thread = process.firstThread;
  while (thread !== null) {
    if ((thread.mask & bit) === 0 && mayTake(thread)) return thread;
    thread = thread.nextInProcess;
  }
  return null;
}

/** Whether it will come by a signal that is sent to its process: one that is ending does not look any more. */
function mayTake(thread: Thread): boolean {
  return thread.activity !== Activity.Dead && (thread.attention & ATTENTION_EXIT) === 0;
}

/** A thread of `process` has ended that might have been the one to take what is pending: others are told. */
export function retarget(process: Process): void {
  let left = process.pending.set;
  let thread = process.firstThread;
  while (thread !== null && left !== 0) {
    if ((left & ~thread.mask) !== 0 && mayTake(thread)) {
      left &= thread.mask;
      notify(thread);
    }
    thread = thread.nextInProcess;
  }
}

/** Sends to a process. Zombies accept and ignore it. False if the queue limit refuses a real-time signal. */
export function sendToProcess(process: Process, information: SignalInformation): boolean {
  if (process.life === Life.Zombie || process.life === Life.Gone || process.life === Life.Exiting) return true;
  spend(3);
  const first = process.firstThread;
  if (first === null) return true;
  const signal = information.signal;
  cancelOpposite(process, signal);
  const chosen = chooseThread(process, signal);
  if (isDropped(process, chosen === null ? first : chosen, signal)) return true;
  if (!process.pending.add(information, process.limits.of[RLIMIT_SIGPENDING].current)) return false;
  const bit = bitOf(signal);
  let thread: Thread | null = first;
  while (thread !== null) {
    if ((thread.mask & bit) === 0) thread.attention |= ATTENTION_SIGNAL;
    // A stopped process dies too. The thread that takes the signal calls the others in.
    if (signal === SIGKILL) thread.attention &= ~ATTENTION_STOP;
    thread = thread.nextInProcess;
  }
  if (chosen !== null) notify(chosen);
  return true;
}
