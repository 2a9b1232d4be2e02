/**
 * Work that is left for the moment a thread goes back to ring 3 with a slow flag set.
 */
import { SlowFlag } from '../arch/x86_64/frame.js';
import type { Tcb } from '../object/tcb.js';

/** Called by the exit path while a flag other than SlowFlag.Fpu is set; clears what it has dealt with. */
export function pendingWork(thread: Tcb): void {
  thread.slowFlags &= SlowFlag.Fpu;
}
