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
  effectiveUid!: u32;
  savedUid!: u32;
  fileUid!: u32;
  gid!: u32;
  effectiveGid!: u32;
  savedGid!: u32;
  fileGid!: u32;
  groupCount!: u32;
  groups!: Fixed<u32, 64>;

  retain(): void {
    this.references += 1;
  }

  drop(): void {
    this.references -= 1;
    if (this.references === 0) release(addressOf(this));
  }

  /** Whether `gid` is the file-system group or a supplementary one. */
  isInGroup(gid: u32): boolean {
    if (this.fileGid === gid) return true;
    for (let index: u32 = 0; index < this.groupCount; index++) {
      if (this.groups[index] === gid) return true;
    }
    return false;
  }

  copy(): Credentials {
    const other = new Credentials();
    other.references = 1;
    other.uid = this.uid;
    other.effectiveUid = this.effectiveUid;
    other.savedUid = this.savedUid;
    other.fileUid = this.fileUid;
    other.gid = this.gid;
    other.effectiveGid = this.effectiveGid;
    other.savedGid = this.savedGid;
    other.fileGid = this.fileGid;
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
