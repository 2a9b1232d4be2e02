/**
 * A thread of a client: what Linux calls a task.
 *
 * Invariants: a thread InCall is blocked in the kernel waiting for our answer, so its registers are ours to change; one
 * InUser must be suspended first. It is answered exactly once per call. `attention` is zero unless something besides
 * the answer is due, so the common path tests one word.
 */
import type { Frame } from '../../lib/abi/frame';
import { Timer } from '../time/timer';
import { WaitEntry } from '../wait/wait-queue';
import { CallState } from './call-state';
import type { Process } from './process';
import { PendingSignals } from '../signal/pending';
import { ATTENTION_SIGNAL } from './attention';

export enum Activity {
  /** Made, but never run. */
  Embryo,
  /** Running, or ready to run, outside the server. */
  InUser,
  /** Waiting for our answer. */
  InCall,
  /** Its call is complete, or it was suspended in user mode; goes on when its process is continued. */
  Held,
  /** Exited; only its record remains until it is reaped or joined. */
  Dead,
}

export class Thread {
  /** The saved registers, in the UTCB page. */
  frame!: Frame;
  process!: Process;
  /** ATTENTION_* bits (process/attention.ts). */
  attention!: u32;
  activity!: Activity;
  isDeferred!: boolean;
  /** True while Held after being suspended in user mode: it must be resumed, not answered. */
  wasSuspended!: boolean;
  /** True if the registers were set as a whole: the answer must restore all of them. */
  restoresAll!: boolean;
  /** Kernel objects: see server/kernel. */
  tcb!: u32;
  reply!: u32;
  utcbPage!: u32;
  number!: i32;
  /** The number the current call came with, and what happens to it on a restart. */
  callNumber!: u64;
  call!: Inline<CallState>;
  /** Referenced by the call in progress (a File, a Mapping, …), dropped by the handler. */
  nextInProcess!: Thread | null;
  nextDeferred!: Thread | null;
  waitEntry!: Inline<WaitEntry>;
  moreEntries!: WaitEntry | null;
  timer!: Inline<Timer>;
  /** Blocked signals; bit n-1 is signal n. */
  mask!: u64;
  /** The mask to return to once a handler was set up during sigsuspend, ppoll and the like. */
  savedMask!: u64;
  hasSavedMask!: boolean;
  pending!: Inline<PendingSignals>;
  alternateStack!: u64;
  alternateSize!: u64;
  alternateFlags!: u32;
  /** CLONE_CHILD_CLEARTID: cleared and woken as a futex at exit (set_tid_address(2)). */
  clearTid!: u64;
  robustList!: u64;
  robustLength!: u64;
  /** The parent that waits in vfork until this thread execs or exits. */
  vforkParent!: Thread | null;
  /** A futex wait in progress: where, and in whose memory. */
  futexAddress!: u64;
  futexBits!: u32;
  futexKey!: u64;
  exitStatus!: u32;
  /** Time on the CPU in TSC ticks when last asked of the kernel. */
  startTime!: u64;
  name!: Fixed<u8, 16>;

  /** A signal wants this thread: blocking calls give up with -ERESTARTSYS or -EINTR. */
  hasSignal(): boolean {
    return (this.attention & ATTENTION_SIGNAL) !== 0;
  }
}
