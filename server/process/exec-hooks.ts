/**
 * What execve changes besides memory (execve(2), "Effect on process attributes"), and how a process is left with one
 * thread before it happens.
 */

import { resetFpu, setGsBase } from '../kernel/threads';
import { SIGCHLD } from '../signal/numbers';
import { AGAIN, BLOCKED } from '../wait/outcome';
import { ATTENTION_EXIT } from './attention';
import { releaseMemoryHolders } from './exit';
import { walkRobustList } from './futex';
import { forgetThread, rootPids } from './pids';
import { callIn } from './recall';
import type { Thread } from './thread';

/**
 * Ends the other threads of the caller's process: BLOCKED until it is alone, AGAIN while its robust list is walked, then 0. The survivor takes over the
 * process's number (execve(2): "all threads other than the calling thread are destroyed").
 */
export function killOtherThreads(thread: Thread): i64 {
  const process = thread.process;
  if (process.threadCount === 1) {
    if (!walkRobustList(thread)) return AGAIN;
    if (thread.number !== process.number) {
      forgetThread(thread);
      thread.number = process.number;
      const record = rootPids.find(process.number);
      if (record !== null) record.thread = thread;
    }
    return 0;
  }
  process.loneThread = thread;
  let other = process.firstThread;
  while (other !== null) {
    if (other !== thread) other.attention |= ATTENTION_EXIT;
    other = other.nextInProcess;
  }
  callIn(process, false);
  return BLOCKED;
}

/** After the point of no return: everything of the old program that does not survive. */
export function executed(thread: Thread): void {
  const process = thread.process;
  if (process.dispositions.references > 1) {
    const own = process.dispositions.copy();
    process.dispositions.drop();
    process.dispositions = own;
  }
  process.dispositions.resetHandlers();
  if (process.files.references > 1) {
    const own = process.files.clone();
    process.files.drop();
    process.files = own;
  }
  process.files.closeOnExec();
  // Whatever clone was told: the parent is to wait for an ordinary child (Linux: de_thread).
  process.exitSignal = SIGCHLD;
  thread.alternateStack = 0;
  thread.alternateSize = 0;
  thread.alternateFlags = 0;
  thread.robustList = 0;
  thread.clearTid = 0;
  process.hasExeced = true;
  process.parentDeathSignal = 0;
  setGsBase(thread, 0);
  resetFpu(thread);
  thread.restoresAll = true;
}

/** Gives up the old memory on behalf of others: robust futexes, clear_child_tid, a parent in vfork. Before the switch. */
export function leaveMemory(thread: Thread): void {
  releaseMemoryHolders(thread);
}
