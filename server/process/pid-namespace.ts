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

  find(number: i32): PidRecord | null {
    if (number <= 0) return null;
    return this.records.get(number as u64);
  }

  /** A number that nothing uses, entered with an empty record; null when all are taken. */
  claim(): PidRecord | null {
    let candidate = this.last + 1;
    let tries: i32 = 0;
    while (tries < PID_LIMIT) {
      if (candidate >= PID_LIMIT) candidate = FIRST_AFTER_WRAP;
      if (this.records.get(candidate as u64) === null) {
        const record = new PidRecord();
        record.number = candidate as i32;
        this.records.set(candidate as u64, record);
        this.last = candidate as i32;
        return record;
      }
      candidate += 1;
      tries += 1;
    }
    return null;
  }

  /** Gives the number back once nothing uses it. */
  settle(record: PidRecord): void {
    if (record.thread !== null || record.process !== null || record.group !== null) return;
    this.records.delete(record.number as u64);
    release(addressOf(record));
  }

  drop(): void {
    this.references -= 1;
    if (this.references === 0) release(addressOf(this));
  }
}
