/**
 * A notification: a word of signals. Signalling ors a badge into the word; waiting takes the whole word and clears
 * it. Either threads wait and the word is 0, or nobody waits. One thread may be bound to it: a signal then also ends
 * that thread's wait on an endpoint.
 */
import { ThreadQueue } from '../ipc/thread-queue.js';
import { KernelObject } from './kernel-object.js';
import type { Tcb } from './tcb.js';

export class Notification extends KernelObject {
  queue!: Inline<ThreadQueue>;
  word!: u64;
  /** The thread bound to it. */
  bound!: Tcb | null;
}

staticAssert(sizeOf<Notification>() <= 64, 'a notification takes 2^NOTIFICATION_BITS bytes');
