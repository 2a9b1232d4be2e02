/**
 * Signals that were sent and not yet taken, for a process or a thread.
 *
 * Standard signals coalesce and keep the first siginfo; real-time ones queue (signal(7), "Queueing and delivery
 * semantics"). The lowest number is taken first.
 */
import { release } from '../memory/heap';
import { bitOf, SIGRTMIN } from './numbers';

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
  first!: SignalInformation | null;
  last!: SignalInformation | null;

  /** Adds a copy of `information`. False when a queued (real-time) signal finds `limit` already waiting. */
  add(information: SignalInformation, limit: u64): boolean {
    const bit = bitOf(information.signal);
    if (information.signal < SIGRTMIN) {
      if ((this.set & bit) !== 0) return true;
    } else if ((this.queued as u64) >= limit) {
      return false;
    }
    const entry = new SignalInformation();
    entry.copyFrom(information);
    this.set |= bit;
    this.queued += 1;
    const last = this.last;
    if (last === null) this.first = entry;
    else last.next = entry;
    this.last = entry;
    return true;
  }

  /** Takes the oldest instance of `signal`, which is in the set, into `into`. */
  take(signal: u32, into: SignalInformation): void {
    let previous: SignalInformation | null = null;
    let entry = this.first;
    while (entry !== null && entry.signal !== signal) {
      previous = entry;
      entry = entry.next;
    }
    if (entry === null) {
      this.set &= ~bitOf(signal);
      return;
    }
    into.copyFrom(entry);
    this.unlink(entry, previous);
    let other = this.first;
    while (other !== null && other.signal !== signal) other = other.next;
    if (other === null) this.set &= ~bitOf(signal);
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
    this.set &= ~signals;
  }

  private unlink(entry: SignalInformation, previous: SignalInformation | null): void {
    if (previous === null) this.first = entry.next;
    else previous.next = entry.next;
    if (this.last === entry) this.last = previous;
    this.queued -= 1;
    release(addressOf(entry));
  }
}
