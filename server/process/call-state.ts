/**
 * What a system call remembers between its slices: its handler runs again from the start each time, so whatever must
 * survive is here. All zero when a call begins; cleared when it ends.
 */
export class CallState {
  /** Bytes, pages or entries already done. */
  progress!: u64;
  /** When to give up, in nanoseconds of the monotonic clock; 0: never. */
  deadline!: u64;
  /** How far a call of several steps has come; the handler's own numbering. */
  stage!: u64;
  first!: u64;
  second!: u64;
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
    this.isDirty = false;
    this.isExpired = false;
  }
}
