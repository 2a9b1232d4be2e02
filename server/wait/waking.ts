/**
 * Waking crowds: of the threads and watchers at a wait queue, those whom the budget of one turn did not cover, a slice at
 * a time.
 *
 * Invariants: a queue has a record here exactly while it is being woken, and none once nobody waits there. Threads that
 * arrive meanwhile are not woken. The count of watchers may be too high when some leave: then others are told once more
 * than they need, which is harmless.
 */
import { release } from '../memory/heap';
import { budget } from './budget';
import { begin, Chore } from './chores';
import { type WaitQueue, wake } from './wait-queue';

/** What remains to be done at one queue. */
export class Waking {
  queue!: WaitQueue;
  /** The last arrival that is to be woken, and how many watchers are to be told. */
  until!: u64;
  untold!: u64;
  next!: Waking | null;
  previous!: Waking | null;
}

let first: Waking | null = null;
let last: Waking | null = null;

class WakingChore extends Chore {
  override slice(): boolean {
    while (budget > 0) {
      const waking = first;
      if (waking === null) return true;
      const queue = waking.queue;
      const entry = queue.first;
      if (waking.untold !== 0 && queue.watchers !== null) {
        waking.untold -= 1;
        queue.tellNext();
      } else if (entry !== null && entry.arrival <= waking.until) wake(entry.thread);
      else stopWaking(queue);
    }
    // Another queue's turn: this one may be woken anew again and again.
    const waking = first;
    if (waking !== null) {
      unlink(waking);
      append(waking);
    }
    return waking === null;
  }
}

let chore: WakingChore | null = null;

function append(waking: Waking): void {
  const before = last;
  waking.next = null;
  waking.previous = before;
  if (before === null) first = waking;
  else before.next = waking;
  last = waking;
}

function unlink(waking: Waking): void {
  const next = waking.next;
  const previous = waking.previous;
  if (previous === null) first = next;
  else previous.next = next;
  if (next === null) last = previous;
  else next.previous = previous;
}

/** The record of what remains to be done at `queue`, where somebody waits; the caller enters the number. */
export function wakeLater(queue: WaitQueue): Waking {
  const known = queue.waking;
  if (known !== null) return known;
  const waking = new Waking();
  waking.queue = queue;
  queue.waking = waking;
  append(waking);
  let worker = chore;
  if (worker === null) {
    worker = new WakingChore();
    chore = worker;
  }
  begin(worker);
  return waking;
}

/** Nobody is left at `queue`, or everybody has been woken. */
export function stopWaking(queue: WaitQueue): void {
  const waking = queue.waking;
  if (waking === null) return;
  queue.waking = null;
  unlink(waking);
  release(addressOf(waking));
}
