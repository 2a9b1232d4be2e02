/**
 * The end of a fast path: straight to boot/leave.asm for the current thread. In host tests it returns, so the caller
 * still says what it would return.
 */

/** @inline */
export function leaveAtOnce(): void {
  leaveKernel();
}
