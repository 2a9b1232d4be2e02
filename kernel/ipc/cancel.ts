/**
 * Ending a wait from outside: the thread leaves whatever queue or Reply it stands in, and is told `Cancelled`.
 */
import { KernelError } from '../../lib/abi/error.js';
import { type Endpoint, EndpointState } from '../object/endpoint.js';
import type { Notification } from '../object/notification.js';
import type { Reply } from '../object/reply.js';
import { type Tcb, ThreadState } from '../object/tcb.js';
import { wake } from '../sched/scheduler.js';

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

/** The endpoint goes: everybody in its queue goes on with `Cancelled`; foreign threads stay suspended. */
export function endEndpoint(endpoint: Endpoint): void {
  let thread = endpoint.queue.first;
  while (thread !== null) {
    cancelAndGoOn(thread);
    thread = endpoint.queue.first;
  }
}

/** The notification goes: the same. */
export function endNotification(notification: Notification): void {
  let thread = notification.queue.first;
  while (thread !== null) {
    cancelAndGoOn(thread);
    thread = notification.queue.first;
  }
  const bound = notification.bound;
  if (bound !== null) {
    bound.bound = null;
    bound.signalled = 0;
    notification.bound = null;
  }
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
