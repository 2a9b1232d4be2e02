/** What a process has used (getrusage(2)): times in TSC ticks, and counts. */

export class Usage {
  userTicks!: u64;
  systemTicks!: u64;
  minorFaults!: u64;
  majorFaults!: u64;
  voluntarySwitches!: u64;
  involuntarySwitches!: u64;
  /** Largest resident set seen, in pages. */
  maximumResident!: u64;

  add(other: Usage): void {
    this.userTicks += other.userTicks;
    this.systemTicks += other.systemTicks;
    this.minorFaults += other.minorFaults;
    this.majorFaults += other.majorFaults;
    this.voluntarySwitches += other.voluntarySwitches;
    this.involuntarySwitches += other.involuntarySwitches;
    if (other.maximumResident > this.maximumResident) this.maximumResident = other.maximumResident;
  }
}
