/**
 * What a system call remembers between its slices: its handler runs again from the start each time, so whatever must
 * survive is here. All zero when a call begins; cleared when it ends.
 */
import type { SelectSets } from '../linux/select';
import type { AddressSpace } from '../memory/address-space';
import { release } from '../memory/heap';
import type { File } from '../vfs/file';

export class CallState {
  /** Bytes, pages or entries already done. */
  progress!: u64;
  /** When to give up, in nanoseconds of the monotonic clock; 0: never. */
  deadline!: u64;
  /** How far a call of several steps has come; the handler's own numbering. */
  stage!: u64;
  first!: u64;
  second!: u64;
  /** An open in progress, a space being copied: one reference each, dropped by clear(). */
  file!: File | null;
  space!: AddressSpace | null;
  /** What select is asked for, and what it has found. */
  sets!: SelectSets | null;
  /** True once anything above was set, or the call blocked. */
  isDirty!: boolean;
  /** True when the handler runs again because its timer fired. */
  isExpired!: boolean;

  clear(): void {
    this.progress = 0;
    this.deadline = 0;
    this.stage = 0;
    this.first = 0;
    this.second = 0;
    const file = this.file;
    this.file = null;
    if (file !== null) file.drop();
    const space = this.space;
    this.space = null;
    if (space !== null) space.drop();
    const sets = this.sets;
    this.sets = null;
    if (sets !== null) release(addressOf(sets));
    this.isDirty = false;
    this.isExpired = false;
  }
}
