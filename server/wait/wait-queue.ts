/**
 * Where threads wait, and how they are woken.
 *
 * A thread may stand in several queues at once (poll). Waking takes it out of all of them and puts it on the list of
 * deferred work, once; its handler then runs again from the start. Order in a queue is order of arrival.
 *
 * Of a crowd that is woken, those whom the budget does not cover follow in slices (waking.ts). Invariant: only a queue
 * that is not empty is being woken, so what a queue lies in may go as soon as nobody waits there.
 */

import { release } from '../memory/heap';
import type { Thread } from '../process/thread';
import { budget, spend } from './budget';
import { BLOCKED } from './outcome';
import { stopWaking, type Waking, wakeLater } from './waking';
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
  /** Which of the queue's arrivals this is; a thread's, not a watcher's. */
  arrival!: u64;
}

export class WaitQueue {
  first!: WaitEntry | null;
  last!: WaitEntry | null;
  /** A ring of watchers, which stay when they are told: the one to be told first. */
  watchers!: WaitEntry | null;
  watcherCount!: u32;
  /** Entries of threads that there ever were. */
  arrivals!: u64;
  /** The rest of a crowd is being woken. */
  waking!: Waking | null;

  get isEmpty(): boolean {
    return this.first === null && this.watchers === null;
  }

  append(entry: WaitEntry): void {
    this.arrivals += 1;
    entry.arrival = this.arrivals;
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
    if (this.waking !== null && this.isEmpty) stopWaking(this);
  }

  /** Puts a watcher's entry where it will be told last. */
  addWatcher(entry: WaitEntry): void {
    const first = this.watchers;
    const last = first === null ? null : first.previous;
    entry.queue = this;
    entry.next = first === null ? entry : first;
    entry.previous = last === null ? entry : last;
    if (first === null || last === null) this.watchers = entry;
    else {
      last.next = entry;
      first.previous = entry;
    }
    this.watcherCount += 1;
  }

  removeWatcher(entry: WaitEntry): void {
    const previous = entry.previous;
    const next = entry.next;
    if (previous !== null) previous.next = next;
    if (next !== null) next.previous = previous;
    if (this.watchers === entry) this.watchers = next === entry ? null : next;
    this.watcherCount -= 1;
    if (this.waking !== null && this.isEmpty) stopWaking(this);
  }

  /** Tells the watcher whose turn it is. */
  tellNext(): void {
    const entry = this.watchers;
    if (entry === null) return;
    spend(1);
    this.watchers = entry.next;
    const watcher = entry.watcher;
    if (watcher !== null) watcher.notified();
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
  entry.watcher = watcher;
  entry.sibling = watcher.entries;
  watcher.entries = entry;
  queue.addWatcher(entry);
}

/** Takes `watcher` out of every queue. */
export function stopWatching(watcher: Watcher): void {
  let entry = watcher.entries;
  watcher.entries = null;
  while (entry !== null) {
    const following: WaitEntry | null = entry.sibling;
    const queue = entry.queue;
    if (queue !== null) queue.removeWatcher(entry);
    release(addressOf(entry));
    entry = following;
  }
}

/** Whatever the budget: who writes to a file that no more sets watch finds them ready when the write returns. */
const TOLD_AT_ONCE: u64 = 64;

function tellWatchers(queue: WaitQueue): void {
  const count: u64 = queue.watcherCount;
  for (let left: u64 = count; left !== 0; left--) {
    if (budget <= 0 && count - left >= TOLD_AT_ONCE) {
      wakeLater(queue).untold = left;
      return;
    }
    queue.tellNext();
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
    spend(1);
    entry = next;
  }
}

/** Wakes `thread` wherever it waits: its handler runs again soon. Harmless if it does not wait. */
export function wake(thread: Thread): void {
  spend(1);
  leaveQueues(thread);
  defer(thread);
}

export function wakeAll(queue: WaitQueue): void {
  if (queue.watchers !== null) tellWatchers(queue);
  while (true) {
    const entry = queue.first;
    if (entry === null) return;
    if (budget <= 0) {
      wakeLater(queue).until = queue.arrivals;
      return;
    }
    wake(entry.thread);
  }
}
