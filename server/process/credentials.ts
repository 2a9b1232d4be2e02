/**
 * User and group identities (credentials(7)). Immutable once shared: a change copies (`own`), so that threads and open
 * files may keep the set that was in force.
 */
import { release } from '../memory/heap';

/** Supplementary groups kept per set; Linux allows 65536, POSIX requires at least 8 (NGROUPS_MAX). */
export const MAXIMUM_GROUPS: u32 = 64;

export class Credentials {
  references!: u32;
  uid!: u32;
  euid!: u32;
  suid!: u32;
  fsuid!: u32;
  gid!: u32;
  egid!: u32;
  sgid!: u32;
  fsgid!: u32;
  groupCount!: u32;
  /** In ascending order. */
  groups!: Fixed<u32, 64>;
  /** What was last looked for among the groups: the directories of a path are mostly one group's. */
  lastAsked!: u32;
  lastAnswer!: boolean;
  hasAnswer!: boolean;

  retain(): void {
    this.references += 1;
  }

  drop(): void {
    this.references -= 1;
    if (this.references === 0) release(addressOf(this));
  }

  /** Whether `gid` is the file-system group or a supplementary one. */
  inGroup(gid: u32): boolean {
    if (this.fsgid === gid) return true;
    if (this.groupCount === 0) return false;
    if (this.hasAnswer && this.lastAsked === gid) return this.lastAnswer;
    this.lastAsked = gid;
    this.lastAnswer = this.searchGroups(gid);
    this.hasAnswer = true;
    return this.lastAnswer;
  }

  private searchGroups(gid: u32): boolean {
    let low: u64 = 0;
    let high: u64 = this.groupCount;
    while (low < high) {
      const middle: u64 = (low + high) >> 1;
      if (this.groups[middle] === gid) return true;
      if (this.groups[middle] < gid) low = middle + 1;
      else high = middle;
    }
    return false;
  }

  /** Puts the supplementary groups in order, as Linux does (kernel/groups.c, groups_sort): every path looks some up. */
  sortGroups(): void {
    for (let count: u64 = 1; count < this.groupCount; count++) {
      const gid = this.groups[count];
      let index: u64 = count;
      while (index !== 0 && this.groups[index - 1] > gid) {
        this.groups[index] = this.groups[index - 1];
        index -= 1;
      }
      this.groups[index] = gid;
    }
  }

  copy(): Credentials {
    const other = new Credentials();
    other.references = 1;
    other.uid = this.uid;
    other.euid = this.euid;
    other.suid = this.suid;
    other.fsuid = this.fsuid;
    other.gid = this.gid;
    other.egid = this.egid;
    other.sgid = this.sgid;
    other.fsgid = this.fsgid;
    other.groupCount = this.groupCount;
    for (let index: u32 = 0; index < this.groupCount; index++) other.groups[index] = this.groups[index];
    return other;
  }
}

/** root's: every identity 0. */
export function rootCredentials(): Credentials {
  const credentials = new Credentials();
  credentials.references = 1;
  return credentials;
}
