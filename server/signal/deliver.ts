/**
 * Delivery: what happens to a thread that is about to return to user mode with `attention` set (signal(7)).
 *
 * Order: exit, then signals (synchronous ones first, then the lowest number), then a stop. A restartable call is
 * restarted or ends with EINTR here, as the first signal's action says ("Interruption of system calls").
 */

import { setUpSignalFrame } from '../arch/x86_64/signal-frame';
import { EINTR, ERESTART_RESTARTBLOCK, ERESTARTNOHAND, ERESTARTNOINTR, ERESTARTSYS } from '../linux/errno';
import { traceSignal } from '../linux/trace';
import {
  ATTENTION_EXIT,
  ATTENTION_MASK,
  ATTENTION_SIGNAL,
  ATTENTION_STOP,
  ATTENTION_TRACE,
} from '../process/attention';
import { exitGroup } from '../process/exit';
import type { Process } from '../process/process';
import { isOrphaned } from '../process/process-group';
import type { Thread } from '../process/thread';
import { type Disposition, SA_NODEFER, SA_RESETHAND, SA_RESTART, SIG_DFL, SIG_IGN } from './dispositions';
import {
  bitOf,
  IGNORED_BY_DEFAULT,
  KILL_AND_STOP,
  SIGKILL,
  SIGNAL_COUNT,
  SIGSEGV,
  SIGSTOP,
  STOP_SIGNALS,
  SYNCHRONOUS,
} from './numbers';
import { SignalInformation } from './pending';
import { deliverable, reconsider } from './send';
import { stopProcess } from './stop';

/** Length of the `syscall` instruction: a restart goes back by it (Intel SDM 2B, SYSCALL: 0F 05). */
const SYSCALL_LENGTH: u64 = 2;

const taken: SignalInformation = reserve();

/** Takes the next signal for `thread` into `taken`; 0 when there is none. */
function takeNext(thread: Thread): u32 {
  const ready = deliverable(thread);
  if (ready === 0) return 0;
  let choice = ready & SYNCHRONOUS;
  if ((ready & bitOf(SIGKILL)) !== 0) choice = bitOf(SIGKILL);
  else if (choice === 0) choice = ready;
  let signal: u32 = 1;
  while ((choice & bitOf(signal)) === 0) signal += 1;
  if ((thread.pending.set & bitOf(signal)) !== 0) thread.pending.take(signal, taken);
  else thread.process.pending.take(signal, taken);
  return signal;
}

/** Goes back to the `syscall` instruction with the number it came with. */
export function restartCall(thread: Thread): void {
  thread.frame.rax = thread.callNumber;
  thread.frame.rip -= SYSCALL_LENGTH;
  thread.restart = 0;
  thread.restoresAll = true;
}

/** Decides about an interrupted call now that a handler with `flags` is to run. */
function settleRestart(thread: Thread, flags: u64): void {
  const restart = thread.restart as i64;
  if (restart === 0) return;
  if (restart === ERESTARTNOINTR || (restart === ERESTARTSYS && (flags & SA_RESTART) !== 0)) {
    restartCall(thread);
    return;
  }
  thread.restart = 0;
  thread.restartDeadline = 0;
  thread.frame.rax = -EINTR as u64;
}

/** Runs the handler of `signal`: false if its frame cannot be written. */
function enterHandler(thread: Thread, signal: u32): boolean {
  const process = thread.process;
  const disposition: Disposition = process.dispositions.of[signal];
  settleRestart(thread, disposition.flags);
  const maskToRestore = thread.hasSavedMask ? thread.savedMask : thread.mask;
  if (!setUpSignalFrame(thread, signal, taken, disposition, maskToRestore)) return false;
  thread.hasSavedMask = false;
  thread.attention &= ~ATTENTION_MASK;
  thread.mask |= disposition.mask;
  if ((disposition.flags & SA_NODEFER) === 0) thread.mask |= bitOf(signal);
  thread.mask &= ~KILL_AND_STOP;
  if ((disposition.flags & SA_RESETHAND) !== 0) process.dispositions.disarm(signal);
  thread.restoresAll = true;
  return true;
}

/** The default action of `signal`. Returns true if the thread is not to go on by itself (it exits). */
function defaultAction(process: Process, signal: u32): boolean {
  const bit = bitOf(signal);
  if ((bit & IGNORED_BY_DEFAULT) !== 0) return false;
  if ((bit & STOP_SIGNALS) !== 0) {
    if (signal === SIGSTOP || !isOrphaned(process.group)) stopProcess(process, signal);
    return false;
  }
  if (process.isInit && signal !== SIGSEGV && (bit & SYNCHRONOUS) === 0) return false;
  exitGroup(process, signal);
  return true;
}

/**
 * Takes signals until none is left or one stops or ends the process; `attention` then says what is due.
 */
export function attend(thread: Thread): void {
  while ((thread.attention & (ATTENTION_EXIT | ATTENTION_STOP)) === 0) {
    const signal = takeNext(thread);
    if (signal === 0) break;
    if ((thread.attention & ATTENTION_TRACE) !== 0) traceSignal(thread, signal);
    const process = thread.process;
    const handler = process.dispositions.of[signal].handler;
    if (handler === SIG_IGN) continue;
    if (handler === SIG_DFL || signal === SIGKILL || signal === SIGSTOP) {
      if (defaultAction(process, signal)) return;
      continue;
    }
    if (!enterHandler(thread, signal)) {
      // No stack to run on: SIGSEGV cannot be handled either (sigaction(2), "force").
      process.dispositions.reset(SIGSEGV);
      exitGroup(process, SIGSEGV);
      return;
    }
  }
  reconsider(thread);
  if ((thread.attention & (ATTENTION_EXIT | ATTENTION_STOP)) !== 0) return;
  if (thread.hasSavedMask) {
    thread.hasSavedMask = false;
    thread.attention &= ~ATTENTION_MASK;
    thread.mask = thread.savedMask;
    reconsider(thread);
  }
}

/** Forces a fault's signal on `thread`: it is delivered even if blocked or ignored, by the default action then. */
export function forceSignal(thread: Thread, information: SignalInformation): void {
  const process = thread.process;
  const signal = information.signal;
  const bit = bitOf(signal);
  const handler = process.dispositions.of[signal].handler;
  if ((thread.mask & bit) !== 0 || handler === SIG_IGN) {
    process.dispositions.disarm(signal);
    thread.mask &= ~bit;
  }
  thread.pending.add(information, SIGNAL_COUNT as u64);
  thread.attention |= ATTENTION_SIGNAL;
}

/** The restart codes are no errors of Linux's: tells them apart. */
export function isRestartCode(result: i64): boolean {
  return (
    result === -ERESTARTSYS ||
    result === -ERESTARTNOINTR ||
    result === -ERESTARTNOHAND ||
    result === -ERESTART_RESTARTBLOCK
  );
}
