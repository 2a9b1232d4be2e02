/**
 * A thread's FPU state as data: copied to another thread, and to and from the bulk area of a UTCB. What comes from
 * ring 3 is made valid before the processor sees it.
 */
import { UTCB_DATA_BYTES, type Utcb } from '../../../../lib/abi/utcb.js';
import { discardFpu, FpuState, flushFpu, sanitizeFpu } from '../../../arch/x86_64/fpu.js';
import type { Tcb } from '../../tcb.js';

/** `to` gets the state that `from` has now. */
export function copyFpu(to: Tcb, from: Tcb): void {
  flushFpu(from);
  discardFpu(to);
  copyBytes(addressOf(to.fpu), addressOf(from.fpu), sizeOf<FpuState>());
}

/** Copies the thread's state to the UTCB; returns its size. */
export function readFpu(thread: Tcb, utcb: Utcb): u64 {
  flushFpu(thread);
  copyBytes(addressOf(utcb.data), addressOf(thread.fpu), sizeOf<FpuState>());
  return sizeOf<FpuState>();
}

/** The thread's state becomes what the UTCB says, as far as the processor can have it. */
export function writeFpu(thread: Tcb, utcb: Utcb): void {
  discardFpu(thread);
  copyBytes(addressOf(thread.fpu), addressOf(utcb.data), sizeOf<FpuState>());
  sanitizeFpu(thread.fpu);
}

staticAssert(sizeOf<FpuState>() <= UTCB_DATA_BYTES, 'the FPU state fits into the bulk area');
