/**
 * Where threads wait, and how they are woken.
 *
 * A thread may stand in several queues at once (poll). Waking takes it out of all of them and puts it on the list of
 * deferred work, once; its handler then runs again from the start. Order in a queue is order of arrival.
 */

import { release } from '../memory/heap';
import type { Thread } from '../process/thread';
import { BLOCKED } from './outcome';
import { defer } from './work';

export class WaitEntry {
  thread!: Thread;
  queue!: WaitQueue | null;
  next!: WaitEntry | null;
  previous!: WaitEntry | null;
  /** The next entry of the same thread. */
  sibling!: WaitEntry | null;
}

export class WaitQueue {
  first!: WaitEntry | null;
  last!: WaitEntry | null;

  get isEmpty(): boolean {
    return this.first === null;
  }

  append(entry: WaitEntry): void {
    entry.queue = this;
    entry.next = null;
    entry.previous = this.last;
    const last = this.last;
    if (last === null) this.first = entry;
    else last.next = entry;
    this.last = entry;
  }

  remove(entry: WaitEntry): void {
    const previous = entry.previous;
    const next = entry.next;
    if (previous === null) this.first = next;
    else previous.next = next;
    if (next === null) this.last = previous;
    else next.previous = previous;
    entry.queue = null;
  }
}

/** Makes `thread` wait in `queue` too; for calls that wait for several things. */
export function enlist(thread: Thread, queue: WaitQueue): void {
  let entry: WaitEntry = thread.waitEntry;
  if (entry.queue !== null) {
    entry = new WaitEntry();
    entry.sibling = thread.moreEntries;
    thread.moreEntries = entry;
  }
  entry.thread = thread;
  queue.append(entry);
}

/** Makes `thread` wait in `queue`; the caller returns what this returns. */
export function block(thread: Thread, queue: WaitQueue): i64 {
  enlist(thread, queue);
  return BLOCKED;
}

/** Takes `thread` out of every queue it stands in. */
export function leaveQueues(thread: Thread): void {
  const own: WaitEntry = thread.waitEntry;
  const queue = own.queue;
  if (queue !== null) queue.remove(own);
  let entry = thread.moreEntries;
  thread.moreEntries = null;
  while (entry !== null) {
    const next: WaitEntry | null = entry.sibling;
    const other = entry.queue;
    if (other !== null) other.remove(entry);
    release(addressOf(entry));
    entry = next;
  }
}

/** Wakes `thread` wherever it waits: its handler runs again soon. Harmless if it does not wait. */
export function wake(thread: Thread): void {
  leaveQueues(thread);
  defer(thread);
}

/** Wakes the thread that has waited longest; false if nobody waited. */
export function wakeOne(queue: WaitQueue): boolean {
  const entry = queue.first;
  if (entry === null) return false;
  wake(entry.thread);
  return true;
}

export function wakeAll(queue: WaitQueue): void {
  while (true) {
    const entry = queue.first;
    if (entry === null) return;
    wake(entry.thread);
  }
}
