/**
 * Signals that were sent and not yet taken, for a process or a thread.
 *
 * Standard signals coalesce and keep the first siginfo; real-time ones queue (signal(7), "Queueing and delivery
 * semantics"). The lowest number is taken first.
 */
import { release } from '../memory/heap';
import { bitOf, SIGNAL_COUNT, SIGRTMIN } from './numbers';
import { RealTimeQueues } from './real-time';

/** What siginfo_t carries (sigaction(2)). */
export class SignalInformation {
  next!: SignalInformation | null;
  signal!: u32;
  code!: i32;
  error!: i32;
  pid!: i32;
  uid!: u32;
  status!: i32;
  /** si_addr of a fault, or si_value of sigqueue. */
  value!: u64;
  userTime!: u64;
  systemTime!: u64;

  copyFrom(other: SignalInformation): void {
    this.signal = other.signal;
    this.code = other.code;
    this.error = other.error;
    this.pid = other.pid;
    this.uid = other.uid;
    this.status = other.status;
    this.value = other.value;
    this.userTime = other.userTime;
    this.systemTime = other.systemTime;
  }
}

export class PendingSignals {
  set!: u64;
  queued!: u32;
  /** The standard ones, each at most once. */
  first!: SignalInformation | null;
  /** Null while there are none. */
  realTime!: RealTimeQueues | null;

  /** Adds a copy of `information`. False when a queued (real-time) signal finds `limit` already waiting. */
  add(information: SignalInformation, limit: u64): boolean {
    const bit = bitOf(information.signal);
    const isRealTime = information.signal >= SIGRTMIN;
    if (isRealTime) {
      if ((this.queued as u64) >= limit) return false;
    } else if ((this.set & bit) !== 0) return true;
    const entry = new SignalInformation();
    entry.copyFrom(information);
    this.set |= bit;
    this.queued += 1;
    if (isRealTime) {
      let queues = this.realTime;
      if (queues === null) {
        queues = new RealTimeQueues();
        this.realTime = queues;
      }
      queues.append(entry);
    } else {
      entry.next = this.first;
      this.first = entry;
    }
    return true;
  }

  /** Takes the oldest instance of `signal`, which is in the set, into `into`. */
  take(signal: u32, into: SignalInformation): void {
    const queues = this.realTime;
    if (signal >= SIGRTMIN) {
      if (queues === null) return;
      this.queued -= 1;
      if (queues.take(signal, into)) return;
      this.set &= ~bitOf(signal);
      this.dropEmptyQueues(queues);
      return;
    }
    let previous: SignalInformation | null = null;
    let entry = this.first;
    while (entry !== null && entry.signal !== signal) {
      previous = entry;
      entry = entry.next;
    }
    this.set &= ~bitOf(signal);
    if (entry === null) return;
    into.copyFrom(entry);
    this.unlink(entry, previous);
  }

  /** Forgets every instance of the signals in `signals`. */
  discard(signals: u64): void {
    if ((this.set & signals) === 0) return;
    let previous: SignalInformation | null = null;
    let entry = this.first;
    while (entry !== null) {
      const next: SignalInformation | null = entry.next;
      if ((bitOf(entry.signal) & signals) !== 0) this.unlink(entry, previous);
      else previous = entry;
      entry = next;
    }
    const queues = this.realTime;
    if (queues !== null) {
      for (let signal = SIGRTMIN; signal <= SIGNAL_COUNT; signal++) {
        if ((bitOf(signal) & signals) !== 0) this.queued -= queues.discard(signal);
      }
      this.dropEmptyQueues(queues);
    }
    this.set &= ~signals;
  }

  private dropEmptyQueues(queues: RealTimeQueues): void {
    if (queues.count !== 0) return;
    this.realTime = null;
    release(addressOf(queues));
  }

  private unlink(entry: SignalInformation, previous: SignalInformation | null): void {
    if (previous === null) this.first = entry.next;
    else previous.next = entry.next;
    this.queued -= 1;
    release(addressOf(entry));
  }
}
