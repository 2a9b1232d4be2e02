/**
 * What the kernel keeps per CPU, at GS:0 while in ring 0. Assembly knows the fields by name (layout.inc). The task
 * state segment lies inside, so that setting where the next interrupt's frame goes is one store to `frameEnd`.
 */
import type { Tcb } from '../../object/tcb.js';

/** One processor. Everything is written only by that processor. */
export class Cpu {
  /** This object's address, for the one load that finds it. */
  self!: u64;
  /** The thread that runs, or goes back to ring 3 next. */
  current!: Tcb;
  /** Where every kernel entry starts its stack. */
  kernelStackTop!: u64;
  /** The user's rsp, for the first instructions of `syscall`. */
  scratch!: u64;
  /** What CR3 holds. */
  loadedRoot!: u64;
  /** Whose FPU state and FS and GS base the registers hold, if any thread's. */
  fpuOwner!: Tcb | null;
  /** What the last load of FS and GS base put there. */
  loadedFsBase!: u64;
  loadedGsBase!: u64;
  /** Local APIC identifier. */
  apicId!: u32;

  // The task state segment (SDM 3A figure 8-11), from here: an odd multiple of 4, so that its 64-bit fields are aligned.
  taskReserved!: u32;
  /** RSP0: the end of the current thread's frame. */
  frameEnd!: u64;
  rsp1!: u64;
  rsp2!: u64;
  taskReserved1!: u64;
  /** Stacks for NMI, double fault and machine check, then unused ones. */
  interruptStack!: Fixed<u64, 7>;
  taskReserved2!: u64;
  taskReserved3!: u16;
  ioMapBase!: u16;

  /** 0 for the CPU that booted. */
  index!: u32;
  /** The global descriptor table: null, kernel code and data, user data and code, task state (two words). */
  descriptors!: Fixed<u64, 8>;
}

export const TASK_STATE_BYTES = 104;
staticAssert(
  offsetOf<Cpu>('ioMapBase') + 2 - offsetOf<Cpu>('taskReserved') === TASK_STATE_BYTES,
  'the task state segment has the size the processor reads',
);
staticAssert(offsetOf<Cpu>('self') === 0, 'cpuSelf reads GS:0');

/** The CPU that the loader started. */
export const bootCpu: Cpu = reserve();

/** The CPU that runs this. */
export function currentCpu(): Cpu {
  return reference<Cpu>(cpuSelf());
}
