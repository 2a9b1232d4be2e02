/**
 * The idle thread: current when nothing is ready. It is no thread in ring 3; the CPU halts until an interrupt
 * (Resume.Idle), which then wakes somebody.
 */

import { Resume } from '../arch/x86_64/frame.js';
import { kernelRoot } from '../arch/x86_64/kernel-map.js';
import { noEndpoint } from '../object/endpoint.js';
import { type Tcb, ThreadState, useOwnFrame } from '../object/tcb.js';

export const idleThread: Tcb = reserve();

/** Must run before the first switch. */
export function initializeIdle(): void {
  idleThread.state = ThreadState.Ready;
  idleThread.resume = Resume.Idle;
  useOwnFrame(idleThread);
  idleThread.rootTable = kernelRoot();
  idleThread.handler = noEndpoint;
}
