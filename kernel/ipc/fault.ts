/**
 * Faults, and system calls that find no waiting handler: the thread stops, and its handler gets the message as soon
 * as it receives. A thread without a handler that could answer is suspended.
 */
import { type Cpu, currentCpu } from '../arch/x86_64/cpu.js';
import { type Endpoint, EndpointState, noEndpoint } from '../object/endpoint.js';
import { type Tcb, ThreadState } from '../object/tcb.js';
import { suspend } from '../object/thread.js';
import { threadPanic } from '../panic.js';
import { isRootTask } from '../root-task.js';
import { handOver } from '../sched/scheduler.js';
import { blockOn, keepCaller, removeFirstThread, takeKeeping } from './send.js';
import { transferKernelMessage } from './transfer.js';

/** @entry kernel_fault */
export function deliverFault(thread: Tcb, vector: u64, errorCode: u64, address: u64): void {
  thread.faultVector = vector;
  thread.faultError = errorCode;
  thread.faultAddress = address;
  const utcb = thread.utcb;
  if (thread.foreign && utcb !== null) {
    utcb.faultAddress = address;
  }
  sendKernelMessage(thread);
}

/** Stops the current thread with what its fault fields say, and tells its handler. */
export function sendKernelMessage(thread: Tcb): void {
  const endpoint = thread.handler;
  if (endpoint === noEndpoint) {
    if (isRootTask(thread)) {
      threadPanic('the root task has failed', thread);
    }
    suspend(thread);
    return;
  }
  const cpu = currentCpu();
  const receiver = endpoint.state === EndpointState.Receiving ? endpoint.queue.first : null;
  if (receiver === null) {
    thread.state = ThreadState.BlockedKernelMessage;
    blockOn(cpu, endpoint, thread, EndpointState.Sending);
    return;
  }
  giveKernelMessage(cpu, thread, endpoint, receiver);
}

function giveKernelMessage(cpu: Cpu, thread: Tcb, endpoint: Endpoint, receiver: Tcb): void {
  const reply = thread.foreignReply !== null ? thread.foreignReply : takeKeeping(receiver);
  if (reply === null) {
    suspend(thread);
    return;
  }
  removeFirstThread(endpoint, receiver);
  transferKernelMessage(thread, receiver);
  keepCaller(reply, thread, ThreadState.BlockedForeign);
  handOver(cpu, receiver);
}
