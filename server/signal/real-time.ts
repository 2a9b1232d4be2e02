/**
 * Queues of real-time signals (signal(7), "Real-time signals"): one for each number, in order of arrival. Root may allow a
 * million of them, so nothing goes through them all but the chore that frees what was discarded.
 */
import { release } from '../memory/heap';
import { budget, spend } from '../wait/budget';
import { begin, Chore } from '../wait/chores';
import { SIGNAL_COUNT, SIGRTMIN } from './numbers';
import { SignalInformation } from './pending';

class Queue {
  first!: SignalInformation | null;
  last!: SignalInformation | null;
  count!: u32;
}

export class RealTimeQueues {
  of!: Fixed<Inline<Queue>, 33>;
  count!: u32;

  /** Puts `entry` behind the others of its number. */
  append(entry: SignalInformation): void {
    const queue: Queue = this.of[entry.signal - SIGRTMIN];
    const last = queue.last;
    if (last === null) queue.first = entry;
    else last.next = entry;
    queue.last = entry;
    queue.count += 1;
    this.count += 1;
  }

  /** Copies the oldest instance of `signal` to `into` and frees it; false if it was the last of its number. */
  take(signal: u32, into: SignalInformation): boolean {
    const queue: Queue = this.of[signal - SIGRTMIN];
    const entry = queue.first;
    if (entry === null) return false;
    into.copyFrom(entry);
    queue.first = entry.next;
    if (entry.next === null) queue.last = null;
    queue.count -= 1;
    this.count -= 1;
    release(addressOf(entry));
    return queue.count !== 0;
  }

  /** Forgets all of one number; gives how many there were. */
  discard(signal: u32): u32 {
    const queue: Queue = this.of[signal - SIGRTMIN];
    const first = queue.first;
    const last = queue.last;
    if (first === null || last === null) return 0;
    const count = queue.count;
    queue.first = null;
    queue.last = null;
    queue.count = 0;
    this.count -= count;
    last.next = discarded;
    discarded = first;
    let worker = chore;
    if (worker === null) {
      worker = new DiscardingChore();
      chore = worker;
    }
    begin(worker);
    return count;
  }
}

staticAssert(SIGNAL_COUNT - SIGRTMIN === 32, 'there are 33 real-time signals');

/** What nobody will take any more. */
let discarded: SignalInformation | null = null;

class DiscardingChore extends Chore {
  override slice(): boolean {
    while (budget > 0) {
      const entry = discarded;
      if (entry === null) return true;
      spend(1);
      discarded = entry.next;
      release(addressOf(entry));
    }
    return discarded === null;
  }
}

let chore: DiscardingChore | null = null;
