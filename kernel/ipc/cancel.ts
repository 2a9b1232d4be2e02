/**
 * Ending a wait from outside: the thread leaves whatever queue or Reply it stands in, and is told `Cancelled`.
 */
import { KernelError } from '../../lib/abi/error.js';
import { type Endpoint, EndpointState } from '../object/endpoint.js';
import type { Notification } from '../object/notification.js';
import type { Reply } from '../object/reply.js';
import { type Tcb, ThreadState } from '../object/tcb.js';
import { wake } from '../sched/scheduler.js';
import type { ThreadQueue } from './thread-queue.js';

/** Threads whose wait is ended in one step: ring 3 chooses how many wait in one place. */
export const WAITERS_PER_STEP = 64;

/**
 * Takes a blocked thread out of its wait and leaves it inactive. A native thread finds `Cancelled` in rax; a foreign
 * one has its registers as they were at its system call or fault, so resuming it repeats neither.
 */
export function cancelWait(thread: Tcb): void {
  switch (thread.state) {
    case ThreadState.BlockedSend:
    case ThreadState.BlockedCall:
    case ThreadState.BlockedKernelMessage:
      leaveEndpoint(thread, thread.waitingOn as Endpoint);
      break;
    case ThreadState.BlockedReceive:
      releaseKept(thread);
      leaveEndpoint(thread, thread.waitingOn as Endpoint);
      break;
    case ThreadState.BlockedReply:
    case ThreadState.BlockedForeign:
      leaveReply(thread);
      break;
    case ThreadState.BlockedWait:
      (thread.waitingOn as Notification).queue.remove(thread);
      break;
    default:
      return;
  }
  if (thread.state !== ThreadState.BlockedKernelMessage && thread.state !== ThreadState.BlockedForeign) {
    thread.frame.rax = KernelError.Cancelled;
  }
  thread.waitingOn = null;
  thread.state = ThreadState.Inactive;
}

function leaveEndpoint(thread: Tcb, endpoint: Endpoint): void {
  endpoint.queue.remove(thread);
  if (endpoint.queue.isEmpty) {
    endpoint.state = EndpointState.Idle;
  }
}

/** A receiver that waits no more has no use for the Reply it would have kept a caller in: others may take it. */
export function releaseKept(thread: Tcb): void {
  const reply = thread.keeps;
  if (reply !== null) {
    reply.keeper = null;
    thread.keeps = null;
  }
}

function leaveReply(thread: Tcb): void {
  const reply = thread.keptBy;
  if (reply !== null) {
    reply.caller = null;
  }
}

/**
 * The endpoint goes: everybody in its queue goes on with `Cancelled`; foreign threads stay suspended. False after a
 * bounded number: there are more.
 */
export function endEndpoint(endpoint: Endpoint): boolean {
  return cancelQueue(endpoint.queue);
}

/** The notification goes: the same. */
export function endNotification(notification: Notification): boolean {
  if (!cancelQueue(notification.queue)) {
    return false;
  }
  const bound = notification.bound;
  if (bound !== null) {
    bound.bound = null;
    bound.signalled = 0;
    notification.bound = null;
  }
  return true;
}

function cancelQueue(queue: ThreadQueue): boolean {
  let left = WAITERS_PER_STEP;
  let thread = queue.first;
  while (thread !== null && left !== 0) {
    cancelAndGoOn(thread);
    left--;
    thread = queue.first;
  }
  return thread === null;
}

/** The Reply goes: its caller gets `Cancelled`, its keeper can take no call with it any more. */
export function endReply(reply: Reply): void {
  const caller = reply.caller;
  if (caller !== null) {
    cancelAndGoOn(caller);
  }
  const keeper = reply.keeper;
  if (keeper !== null) {
    keeper.keeps = null;
    reply.keeper = null;
  }
}

function cancelAndGoOn(thread: Tcb): void {
  const waited = thread.state;
  cancelWait(thread);
  if (waited !== ThreadState.BlockedKernelMessage && waited !== ThreadState.BlockedForeign) {
    wake(thread);
  }
}
