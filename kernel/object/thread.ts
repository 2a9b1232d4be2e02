/**
 * A thread's life: initialized by retype, resumed, suspended, ended.
 */
import { currentCpu } from '../arch/x86_64/cpu.js';
import { discardFpu, resetFpu } from '../arch/x86_64/fpu.js';
import { Resume, SlowFlag } from '../arch/x86_64/frame.js';
import { cancelWait, releaseKept } from '../ipc/cancel.js';
import { dequeue, reschedule, wake } from '../sched/scheduler.js';
import { noEndpoint } from './endpoint.js';
import { type Tcb, ThreadState, useOwnFrame } from './tcb.js';

/** Completes a zeroed TCB: inactive, native, and its FPU registers kept apart from everybody's. */
export function initializeThread(thread: Tcb): void {
  useOwnFrame(thread);
  thread.resume = Resume.Full;
  thread.handler = noEndpoint;
  thread.usesFpu = true;
  thread.slowFlags = SlowFlag.Fpu;
  resetFpu(thread.fpu);
}

/** Makes an inactive thread ready; the caller has checked that it has what it needs. */
export function resume(thread: Tcb): void {
  wake(thread);
}

/** Stops a thread, whatever it does; a wait ends as if it had been cancelled. Afterwards it is inactive. */
export function suspend(thread: Tcb): void {
  if (thread.state === ThreadState.Inactive) {
    return;
  }
  if (thread.queued) {
    dequeue(thread);
  } else if (thread.state === ThreadState.Ready) {
    thread.state = ThreadState.Inactive;
    const cpu = currentCpu();
    if (cpu.current === thread) {
      reschedule(cpu);
    }
  } else {
    cancelWait(thread);
  }
  thread.state = ThreadState.Inactive;
}

/** The last capability to the thread has gone: it stops for ever. Its slots are emptied by the caller. */
export function endThread(thread: Tcb): void {
  suspend(thread);
  discardFpu(thread);
  releaseKept(thread);
}
