/**
 * How a thread goes back to ring 3 (boot/leave.asm), beside the frame it left (lib/abi/arch/x86_64/frame.ts).
 */

/** boot/constants.inc knows these numbers. */
export enum Resume {
  /** Native, after an operation: seven registers are loaded, the rest cleared. */
  Light = 0,
  /** Foreign, after a system call: everything but rcx and r11. */
  Sysret = 1,
  /** Everything, by IRETQ: after faults and interrupts, at start, and when a server changed the registers. */
  Full = 2,
  /** Not a thread: the CPU halts until an interrupt. */
  Idle = 3,
}

/** Bits of `tcb.slowFlags`: while one is set, each exit calls kernel_before_resume. Others belong to the scheduler. */
export enum SlowFlag {
  /** Set for ever in a native thread that uses the FPU; foreign threads are checked without it. */
  Fpu = 1,
}

/** What lies right behind the frame in a foreign thread's UTCB page (lib/abi/utcb.ts). */
export class UserBases {
  fsBase!: u64;
  gsBase!: u64;
}
