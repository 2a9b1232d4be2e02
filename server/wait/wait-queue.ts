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

/** What wants to hear of every wake-up without being a thread that waits: epoll's interest in a file. */
export abstract class Watcher {
  /** Its entries, one for each queue. */
  entries!: WaitEntry | null;

  /** Something happened at a queue. It may wake threads, and nothing else that changes this queue. */
  abstract notified(): void;
}

export class WaitEntry {
  thread!: Thread;
  /** Set instead of `thread` in the entries of a watcher. */
  watcher!: Watcher | null;
  queue!: WaitQueue | null;
  next!: WaitEntry | null;
  previous!: WaitEntry | null;
  /** The next entry of the same thread or watcher. */
  sibling!: WaitEntry | null;
}

export class WaitQueue {
  first!: WaitEntry | null;
  last!: WaitEntry | null;
  /** Entries of watchers, which stay when they are told. */
  watchers!: WaitEntry | null;

  get isEmpty(): boolean {
    return this.first === null && this.watchers === null;
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

/** Whom `enlist` enters instead of the thread: set while a file is asked to register a watcher. */
let registrant: Watcher | null = null;

/** From now on `enlist` enters `watcher`; null: threads again. */
export function enlistFor(watcher: Watcher | null): void {
  registrant = watcher;
}

function addWatcher(watcher: Watcher, queue: WaitQueue): void {
  const entry = new WaitEntry();
  const first = queue.watchers;
  entry.watcher = watcher;
  entry.sibling = watcher.entries;
  watcher.entries = entry;
  entry.queue = queue;
  entry.next = first;
  if (first !== null) first.previous = entry;
  queue.watchers = entry;
}

/** Takes `watcher` out of every queue. */
export function stopWatching(watcher: Watcher): void {
  let entry = watcher.entries;
  watcher.entries = null;
  while (entry !== null) {
    const following: WaitEntry | null = entry.sibling;
    const previous = entry.previous;
    const next = entry.next;
    const queue = entry.queue;
    if (previous !== null) previous.next = next;
    else if (queue !== null) queue.watchers = next;
    if (next !== null) next.previous = previous;
    release(addressOf(entry));
    entry = following;
  }
}

function tellWatchers(queue: WaitQueue): void {
  let entry = queue.watchers;
  while (entry !== null) {
    const watcher = entry.watcher;
    if (watcher !== null) watcher.notified();
    entry = entry.next;
  }
}

/** Makes `thread` wait in `queue` too; for calls that wait for several things. */
export function enlist(thread: Thread, queue: WaitQueue): void {
  const watcher = registrant;
  if (watcher !== null) {
    addWatcher(watcher, queue);
    return;
  }
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

export function wakeAll(queue: WaitQueue): void {
  if (queue.watchers !== null) tellWatchers(queue);
  while (true) {
    const entry = queue.first;
    if (entry === null) return;
    wake(entry.thread);
  }
}
