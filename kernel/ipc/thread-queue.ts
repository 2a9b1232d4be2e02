/**
 * A queue of threads in arrival order, linked through the threads themselves: a thread is in one queue at most. All
 * operations take constant time.
 */
import type { Tcb } from '../object/tcb.js';

export class ThreadQueue {
  first!: Tcb | null;
  /** Means nothing while the queue is empty. */
  last!: Tcb | null;

  get isEmpty(): boolean {
    return this.first === null;
  }

  append(thread: Tcb): void {
    const last = this.last;
    thread.queueNext = null;
    if (this.first === null || last === null) {
      thread.queuePrevious = null;
      this.first = thread;
    } else {
      thread.queuePrevious = last;
      last.queueNext = thread;
    }
    this.last = thread;
  }

  prepend(thread: Tcb): void {
    const first = this.first;
    thread.queuePrevious = null;
    thread.queueNext = first;
    if (first === null) {
      this.last = thread;
    } else {
      first.queuePrevious = thread;
    }
    this.first = thread;
  }

  /** Takes out `thread`, which is in this queue. */
  remove(thread: Tcb): void {
    const next = thread.queueNext;
    const previous = thread.queuePrevious;
    if (previous === null) {
      this.first = next;
    } else {
      previous.queueNext = next;
    }
    if (next === null) {
      this.last = previous;
    } else {
      next.queuePrevious = previous;
    }
    thread.queueNext = null;
    thread.queuePrevious = null;
  }

  /** Takes out the first thread, which is `first`. Shorter than `remove`, for the fast paths. */
  removeFirst(first: Tcb): void {
    const next = first.queueNext;
    this.first = next;
    if (next !== null) {
      next.queuePrevious = null;
      first.queueNext = null;
    }
  }
}
