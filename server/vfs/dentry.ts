/**
 * A name in a directory, and through `parent` the path of what it names: getcwd, `..`, /proc/PID/fd and mount points
 * all go by it. tmpfs keeps its directories as dentries; procfs makes one per lookup.
 *
 * Invariants: a dentry holds a reference to its inode and to its parent, so a path can be followed up as long as anyone
 * holds its end. A dentry linked in a tmpfs directory is held by that directory. The root of a file system has no parent.
 */
import { copyMemory, sameBytes } from '../../lib/arch/x86_64/bytes';
import { allocate, release } from '../memory/heap';
import type { Inode } from './inode';
import { Name } from './name';
import { noteLeft } from './reaper';

/** Names up to this length lie in the dentry itself. */
const SHORT_NAME: u64 = 32;

export class Dentry {
  references!: u32;
  nameLength!: u16;
  /** Unlinked or removed: its path reads "… (deleted)". */
  isDeleted!: boolean;
  nameHash!: u64;
  nameAddress!: u64;
  parent!: Dentry | null;
  inode!: Inode;
  /** How many mounts cover this name, wherever its file system is mounted. */
  mountCount!: u32;
  /** In the directory's list, newest first; `cookie` falls along it. */
  next!: Dentry | null;
  previous!: Dentry | null;
  cookie!: u64;
  nextInBucket!: Dentry | null;
  shortName!: Fixed<u8, 32>;

  retain(): void {
    this.references += 1;
  }

  drop(): void {
    this.references -= 1;
    if (this.references === 0) freeDentry(this);
  }

  matches(name: Name): boolean {
    return (
      this.nameHash === name.hash &&
      (this.nameLength as u64) === name.length &&
      sameBytes(this.nameAddress, name.address, name.length)
    );
  }

  /** Takes a copy of `name`'s bytes. */
  setName(name: Name): void {
    this.forgetName();
    this.nameLength = name.length as u16;
    this.nameHash = name.hash;
    this.nameAddress = name.length > SHORT_NAME ? allocate(name.length) : addressOf(this.shortName);
    copyMemory(this.nameAddress, name.address, name.length);
  }

  /** The two exchange their names. */
  swapName(other: Dentry): void {
    const name = swappedName;
    const address = allocate((this.nameLength as u64) + 1);
    copyMemory(address, this.nameAddress, this.nameLength);
    name.set(address, this.nameLength);
    const others = otherName;
    others.set(other.nameAddress, other.nameLength);
    this.setName(others);
    other.setName(name);
    release(address);
  }

  forgetName(): void {
    if ((this.nameLength as u64) > SHORT_NAME) release(this.nameAddress);
    this.nameLength = 0;
  }
}

const swappedName: Name = reserve();
const otherName: Name = reserve();

/** A dentry with one reference, the caller's. Takes over the caller's reference to `inode`, adds one to `parent`. */
export function createDentry(parent: Dentry | null, name: Name, inode: Inode): Dentry {
  const dentry = new Dentry();
  dentry.references = 1;
  dentry.inode = inode;
  dentry.parent = parent;
  if (parent !== null) parent.retain();
  dentry.setName(name);
  return dentry;
}

/** Parents that go with one dentry at once: a process may let go of many dentries in one slice. */
const PARENTS_AT_ONCE: u64 = 16;

/** Dentries that nobody holds, linked by `next`: the depths of a removed tree, to be freed a slice at a time. */
export let dentriesToReap: Dentry | null = null;

/** Frees a dentry that nobody holds, and then its parents as far as that leaves them unheld too. */
function freeDentry(first: Dentry): void {
  let dentry: Dentry | null = first;
  for (let left: u64 = PARENTS_AT_ONCE; dentry !== null; left--) {
    if (left === 0) {
      dentry.next = dentriesToReap;
      dentriesToReap = dentry;
      noteLeft();
      return;
    }
    const parent: Dentry | null = dentry.parent;
    dentry.forgetName();
    dentry.inode.drop();
    release(addressOf(dentry));
    if (parent === null) return;
    parent.references -= 1;
    dentry = parent.references === 0 ? parent : null;
  }
}

/** Frees a slice of what `dentriesToReap` holds. */
export function reapDentries(): void {
  const dentry = dentriesToReap;
  if (dentry === null) return;
  dentriesToReap = dentry.next;
  dentry.next = null;
  freeDentry(dentry);
}

/** Directories that `isAbove` may still pass for a request; 0: its last answer is not to be relied on. */
export let stepsLeft: u64 = 0;

/** Before the first `isAbove` of a request. */
export function allowSteps(count: u64): void {
  stepsLeft = count;
}

/** Takes the place of so many steps. */
export function useSteps(count: u64): void {
  stepsLeft = count < stepsLeft ? stepsLeft - count : 0;
}

/** Whether `ancestor` is `dentry` or above it in the same file system. */
export function isAbove(ancestor: Dentry, dentry: Dentry): boolean {
  let here: Dentry | null = dentry;
  let left: u64 = stepsLeft;
  while (here !== null && left !== 0) {
    if (here === ancestor) break;
    here = here.parent;
    left -= 1;
  }
  stepsLeft = left;
  return here === ancestor;
}
