/**
 * A pid name space: the numbers of threads, processes, groups and sessions, in one ordered map, so that a number in use
 * as any of them is never given out again (POSIX.1-2017 4.13). Numbers rise and wrap at the limit, as in Linux.
 */
import { OrderedMap } from '../../lib/ordered-map';
import { release } from '../memory/heap';
import type { Process } from './process';
import type { ProcessGroup } from './process-group';
import type { Thread } from './thread';

/** Default of /proc/sys/kernel/pid_max (proc(5)). */
export const PID_LIMIT: i32 = 32768;
/** After wrapping, numbers start here, so that daemons of the boot keep the low ones (Linux's RESERVED_PIDS). */
const FIRST_AFTER_WRAP: i32 = 300;
const PID_WORDS = 512;
staticAssert(PID_LIMIT === PID_WORDS * 64, 'one bit for each number');

function bitOf(number: i64): u64 {
  return (1 as u64) << (number & 63);
}

/** All uses of one number. Lives while any of them does. */
export class PidRecord {
  number!: i32;
  thread!: Thread | null;
  process!: Process | null;
  group!: ProcessGroup | null;
}

export class PidNamespace {
  references!: u32;
  parent!: PidNamespace | null;
  level!: u32;
  last!: i32;
  init!: Process | null;
  records!: Inline<OrderedMap<PidRecord>>;
  /** A bit for each number that has a record. */
  used!: Fixed<u64, 512>;

  find(number: i32): PidRecord | null {
    if (number <= 0) return null;
    return this.records.get(number as u64);
  }

  /** A number that nothing uses, entered with an empty record; null when all are taken. */
  claim(): PidRecord | null {
    let number = this.firstFree((this.last as i64) + 1);
    if (number < 0) number = this.firstFree(FIRST_AFTER_WRAP);
    if (number < 0) return null;
    const record = new PidRecord();
    record.number = number as i32;
    this.records.set(number as u64, record);
    this.used[number >> 6] = this.used[number >> 6] | bitOf(number);
    this.last = number as i32;
    return record;
  }

  /** The first number from `start` on that nothing uses; -1 if there is none: a word of the bit set at a time. */
  private firstFree(start: i64): i64 {
    if (start >= PID_LIMIT) return -1;
    let word = start >> 6;
    let free: u64 = ~this.used[word] & ~(bitOf(start) - 1);
    while (free === 0) {
      word += 1;
      if (word >= PID_WORDS) return -1;
      free = ~this.used[word];
    }
    return (word << 6) + (trailingZeros(free) as i64);
  }

  /** Gives the number back once nothing uses it. */
  settle(record: PidRecord): void {
    if (record.thread !== null || record.process !== null || record.group !== null) return;
    this.records.delete(record.number as u64);
    this.used[record.number >> 6] = this.used[record.number >> 6] & ~bitOf(record.number);
    release(addressOf(record));
  }

  drop(): void {
    this.references -= 1;
    if (this.references === 0) release(addressOf(this));
  }
}
