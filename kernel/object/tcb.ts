/**
 * A thread: how code runs. What it can reach, its capability space and address space, it only refers to, through
 * capabilities in slots of its own; those are part of the derivation tree, so revoking any of them reaches the thread.
 * Beside the slots the fields cache what the fast paths need; threadSlotCleared (thread-slots.ts) keeps them true.
 */
import { Frame } from '../../lib/abi/frame.js';
import { TCB_BITS } from '../../lib/abi/object-kind.js';
import type { Utcb } from '../../lib/abi/utcb.js';
import type { FpuState } from '../arch/x86_64/fpu.js';
import type { Resume } from '../arch/x86_64/frame.js';
import type { Capability } from './capability.js';
import type { CNode } from './cnode.js';
import type { Endpoint } from './endpoint.js';
import { KernelObject } from './kernel-object.js';
import type { Notification } from './notification.js';
import type { Reply } from './reply.js';

export enum ThreadState {
  /** Not to run: new, or suspended. */
  Inactive = 0,
  /** The current thread of a CPU, or in a run queue. */
  Ready = 1,
  /** In an endpoint's queue, to send without waiting for an answer. */
  BlockedSend = 2,
  /** In an endpoint's queue, to call. */
  BlockedCall = 3,
  /** In an endpoint's queue, to receive. */
  BlockedReceive = 4,
  /** Its call was received; a Reply keeps it. */
  BlockedReply = 5,
  /** In its handler's queue with a system call or a fault. */
  BlockedKernelMessage = 6,
  /** Its system call or fault was received; a Reply keeps it. */
  BlockedForeign = 7,
  /** In a notification's queue. */
  BlockedWait = 8,
}

/** The thread's own slots, in the order of `slots`. */
export enum ThreadSlot {
  CSpace = 0,
  VSpace = 1,
  Utcb = 2,
  Handler = 3,
  Reply = 4,
  Notification = 5,
}

/** log2 of the number of slots. */
export const THREAD_SLOT_RADIX = 3;

export class Tcb extends KernelObject {
  slots!: Fixed<Inline<Capability>, 8>;

  /** FPU registers while they are not in the CPU. */
  fpu!: Inline<FpuState>;

  /** Registers of a native thread; those of a foreign one are in its UTCB. Its end must be 16-byte aligned. */
  frame!: Inline<Frame>;
  /** The frame in use, and its end, which becomes TSS.RSP0. */
  registers!: Frame;
  frameEnd!: u64;
  /** Physical address of the root page table; 0 without a VSpace. */
  rootTable!: u64;

  /** How it goes back to ring 3. boot/leave.asm reads this byte, three of zero and `slowFlags` as one word. */
  resume!: Resume;
  alwaysZero!: Fixed<u8, 3>;
  /** SlowFlag bits: work that keeps this thread off the fast paths. */
  slowFlags!: u32;

  state!: ThreadState;
  priority!: u8;
  /** What SetPriority by this thread may give at most. */
  maximumPriority!: u8;
  foreign!: boolean;
  usesFpu!: boolean;
  /** In a run queue. */
  queued!: boolean;
  /** A blocked sender's capability had the Grant right. */
  mayGrant!: boolean;
  /** Not 0: the bound notification has signals, so the next Receive takes the slow path. */
  signalled!: u32;
  cpu!: u32;

  /** The root CNode's slots if the CSpace is flat; see cspaceLimit. */
  cspace!: CNode;
  /** How many slots a flat CSpace has; 0 sends every lookup through the full resolution. */
  cspaceLimit!: u64;
  /** Where system calls and faults go; `noEndpoint` if nowhere. */
  handler!: Endpoint;
  /** What the handler sees as badge. */
  handlerBadge!: u64;
  /** The Reply bound to a foreign thread. */
  foreignReply!: Reply | null;
  utcb!: Utcb | null;
  utcbAddress!: u64;

  queueNext!: Tcb | null;
  queuePrevious!: Tcb | null;
  /** The endpoint or notification in whose queue it is. */
  waitingOn!: KernelObject | null;
  /** The Reply for its next caller. */
  keeps!: Reply | null;
  /** The Reply that keeps it, while it waits for an answer; a foreign thread has always the same one. */
  keptBy!: Reply | null;
  /** A blocked sender's badge. */
  sendBadge!: u64;
  bound!: Notification | null;

  /** The last fault; a vector of SYSTEM_CALL_VECTOR means a system call. */
  faultVector!: u64;
  faultError!: u64;
  faultAddress!: u64;

  /** TSC ticks run, times switched to, times preempted, slices used up. */
  timeUsed!: u64;
  switches!: u64;
  preemptions!: u64;
  slicesUsed!: u64;

  /** Neither running nor about to: its registers may be changed. */
  get isStopped(): boolean {
    return this.state === ThreadState.Inactive;
  }
}

/** `faultVector` of a system call: no exception has this number. */
export const SYSTEM_CALL_VECTOR = 256;

staticAssert(sizeOf<Tcb>() <= 1 << TCB_BITS, 'a TCB takes 2^TCB_BITS bytes');
staticAssert(((offsetOf<Tcb>('frame') + 176) & 15) === 0, 'the processor aligns the stack it pushes on to 16');
staticAssert((offsetOf<Tcb>('resume') & 7) === 0, 'resume and slowFlags are one aligned word');
staticAssert(offsetOf<Tcb>('slowFlags') === offsetOf<Tcb>('resume') + 4, 'and slowFlags its high half');
staticAssert((offsetOf<Tcb>('fpu') & 63) === 0, 'XSAVE needs 64-byte alignment');

/** A native thread's registers are in its TCB. */
export function useOwnFrame(thread: Tcb): void {
  thread.registers = thread.frame;
  thread.frameEnd = addressOf(thread.frame) + sizeOf<Frame>();
}

/** A foreign thread's registers are in its UTCB page, which must be there. */
export function useUtcbFrame(thread: Tcb, utcb: Utcb): void {
  thread.registers = utcb.frame;
  thread.frameEnd = addressOf(utcb.frame) + sizeOf<Frame>();
}
