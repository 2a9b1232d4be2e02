/**
 * Signals: one-way, never blocking, collected in the notification's word.
 */
import { type Endpoint, EndpointState } from '../object/endpoint.js';
import type { Notification } from '../object/notification.js';
import { type Tcb, ThreadState } from '../object/tcb.js';
import { wake } from '../sched/scheduler.js';

/** Adds `badge` to the word; a thread that waits for it, or the bound thread waiting on an endpoint, takes it at once. */
export function signal(notification: Notification, badge: u64): void {
  const waiter = notification.queue.first;
  if (waiter !== null) {
    notification.queue.removeFirst(waiter);
    giveSignals(waiter, notification.word | badge);
    notification.word = 0;
    return;
  }
  const bound = notification.bound;
  if (bound !== null && bound.state === ThreadState.BlockedReceive) {
    const endpoint = bound.waitingOn as Endpoint;
    endpoint.queue.remove(bound);
    if (endpoint.queue.isEmpty) {
      endpoint.state = EndpointState.Idle;
    }
    bound.signalled = 0;
    giveSignals(bound, notification.word | badge);
    notification.word = 0;
    return;
  }
  notification.word |= badge;
  if (bound !== null && notification.word !== 0) {
    bound.signalled = 1;
  }
}

/** Ends a thread's wait with signals: they are its badge, and the message is empty. */
function giveSignals(thread: Tcb, badge: u64): void {
  thread.waitingOn = null;
  thread.frame.rax = 0;
  thread.frame.rdi = badge;
  thread.frame.rsi = 0;
  wake(thread);
}

/** Takes the signals of a notification whose word is not 0, as the answer to `thread`'s operation. */
export function takeSignals(notification: Notification, thread: Tcb): void {
  thread.frame.rax = 0;
  thread.frame.rdi = notification.word;
  thread.frame.rsi = 0;
  notification.word = 0;
  const bound = notification.bound;
  if (bound !== null) {
    bound.signalled = 0;
  }
}
