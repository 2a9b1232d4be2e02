/**
 * A thread of a client: what Linux calls a task.
 *
 * Invariants: a thread InCall is blocked in the kernel waiting for our answer, so its registers are ours to change; one
 * InUser must be suspended first. It is answered exactly once per call. `attention` is zero unless something besides
 * the answer is due, so the common path tests one word.
 */
import type { Frame } from '../../lib/abi/frame';
import type { KernelThread } from '../kernel/threads';
import type { AddressSpace } from '../memory/address-space';
import { PendingSignals } from '../signal/pending';
import { Timer } from '../time/timer';
import type { FileSystemContext } from '../vfs/context';
import type { FileTable } from '../vfs/file-table';
import type { MountNamespace } from '../vfs/mount';
import { WaitEntry } from '../wait/wait-queue';
import { ATTENTION_SIGNAL } from './attention';
import { CallState } from './call-state';
import type { Credentials } from './credentials';
import type { Process } from './process';

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
  /** The kernel objects it runs on (server/kernel/threads.ts); null once it is dead. */
  kernelThread!: KernelThread | null;
  /** Where its Reply lies in our CNode: answers name it. */
  reply!: u64;
  number!: i32;
  /** The number the current call came with, and what happens to it on a restart. */
  callNumber!: u64;
  call!: Inline<CallState>;
  /** ERESTART* that the finished call asked for; 0: none. Settled when the thread leaves the server. */
  restart!: u32;
  /** Deadline of an interrupted sleep that is restarted: it goes on, not anew. 0: none. */
  restartDeadline!: u64;
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
  /** What sigtimedwait waits for: unblocked meanwhile, but not to be dropped for being ignored. */
  awaited!: u64;
  pending!: Inline<PendingSignals>;
  alternateStack!: u64;
  alternateSize!: u64;
  alternateFlags!: u32;
  /** CLONE_CHILD_CLEARTID: cleared and woken as a futex at exit (set_tid_address(2)). */
  clearTid!: u64;
  robustList!: u64;
  /** Where the walk of the robust list stands, and how many entries it has seen (process/futex.ts). */
  robustNext!: u64;
  robustCount!: u64;
  robustLength!: u64;
  /** The parent that waits in vfork until this thread execs or exits. */
  vforkParent!: Thread | null;
  /** The child that this thread waits for in vfork. */
  vforkChild!: Thread | null;
  /** A futex wait in progress (process/futex.ts): which word, of which space, and for which wakers. */
  futexAddress!: u64;
  futexSpace!: u64;
  futexBits!: u32;
  exitStatus!: u32;
  /** When it was made, in nanoseconds since boot. */
  startTime!: u64;
  /** Ticks on the CPU that its process has been charged with. */
  countedTicks!: u64;
  name!: Fixed<u8, 16>;

  get space(): AddressSpace {
    return this.process.space;
  }

  get files(): FileTable {
    return this.process.files;
  }

  get fileSystem(): FileSystemContext {
    return this.process.fileSystem;
  }

  get mounts(): MountNamespace {
    return this.process.mounts;
  }

  get credentials(): Credentials {
    return this.process.credentials;
  }

  /** The effective capabilities, bit n is capability n (capabilities(7)). */
  get capabilities(): u64 {
    return this.process.capabilities.effective;
  }

  /** A signal wants this thread: blocking calls give up with -ERESTARTSYS or -EINTR. */
  hasSignal(): boolean {
    if ((this.attention & ATTENTION_SIGNAL) === 0) return false;
    if (((this.pending.set | this.process.pending.set) & ~this.mask) !== 0) return true;
    // Another thread has taken it.
    this.attention &= ~ATTENTION_SIGNAL;
    return false;
  }
}
