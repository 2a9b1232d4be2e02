/**
 * Advisory locks: flock(2) locks whole files for an open file description, fcntl(2) locks byte ranges for a process
 * (whose descriptor table stands for it) or, as F_OFD_*, for a description. The two kinds do not see each other.
 *
 * Invariants: ranges of one owner and kind do not overlap; neighbours of one type are left unmerged, which nobody can
 * observe but by F_GETLK, which then reports the first. A file has a bounded number of locks, so that looking at all of
 * them takes no longer than a request may; what one owner has is found and let go of at once, however many others have.
 */
import { OrderedMap } from '../../lib/ordered-map';
import { ENOLCK } from '../linux/errno';
import { release } from '../memory/heap';
import { budget, spend } from '../wait/budget';
import { begin, Chore } from '../wait/chores';
import { WaitQueue, wakeAll } from '../wait/wait-queue';
import type { File } from './file';
import type { Inode } from './inode';

export const LOCK_READ: u32 = 0;
export const LOCK_WRITE: u32 = 1;
export const LOCK_NONE: u32 = 2;

/** Locks that one file can have: more are refused with ENOLCK (POSIX.1-2017 fcntl()). */
const MOST_LOCKS: u64 = 8192;

export class FileLock {
  next!: FileLock | null;
  owner!: LockOwner;
  isFlock!: boolean;
  type!: u32;
  /** The owner's process, for F_GETLK; -1 if a description owns it. */
  process!: i32;
  start!: u64;
  /** One past the last byte. */
  end!: u64;
}

/** What one owner has of one file's locks; at least one. */
export class LockOwner {
  /** The address of the FileTable or File. */
  address!: u64;
  first!: FileLock | null;
  count!: u64;
  next!: LockOwner | null;
  previous!: LockOwner | null;
}

/** The locks of a file that has any. */
export class FileLocks {
  owners!: Inline<OrderedMap<LockOwner>>;
  firstOwner!: LockOwner | null;
  count!: u64;
}

/** All who wait for some lock: few ever do, so one queue serves, and each looks again when any lock goes. */
export const lockWaiters: WaitQueue = reserve();

/** A lock that keeps `owner` from `type` on the range; null if none does. */
export function findConflict(
  inode: Inode,
  owner: u64,
  isFlock: boolean,
  type: u32,
  start: u64,
  end: u64,
): FileLock | null {
  const locks = inode.locks;
  let holder: LockOwner | null = locks === null ? null : locks.firstOwner;
  while (holder !== null) {
    let lock: FileLock | null = holder.address === owner ? null : holder.first;
    while (lock !== null) {
      if (lock.isFlock === isFlock && lock.start < end && start < lock.end) {
        if (lock.type === LOCK_WRITE || type === LOCK_WRITE) return lock;
      }
      lock = lock.next;
    }
    holder = holder.next;
  }
  return null;
}

/** So many steps Linux goes along a chain of waiters (fs/locks.c, MAX_DEADLK_ITERATIONS). */
const LONGEST_CHAIN: u64 = 10;
/** Waiters that are looked at: among more of them a deadlock may go unnoticed, as in a longer chain. */
const MOST_LOOKS: u64 = 20000;

/**
 * Whether `owner` would wait for itself by waiting for a lock of `holder`'s: EDEADLK (fcntl(2)). Who waits keeps its
 * owner and whom it waits for in `call.first` and `call.second`.
 */
export function wouldDeadlock(owner: u64, holder: u64): boolean {
  let next = holder;
  let left: u64 = MOST_LOOKS;
  for (let step: u64 = 0; step < LONGEST_CHAIN; step++) {
    let entry = lockWaiters.first;
    while (entry !== null && entry.thread.call.first !== next) {
      if (left === 0) return false;
      left -= 1;
      entry = entry.next;
    }
    if (entry === null) return false;
    next = entry.thread.call.second;
    if (next === owner) return true;
  }
  return false;
}

function ownerOf(inode: Inode, owner: u64): LockOwner | null {
  const locks = inode.locks;
  return locks === null ? null : locks.owners.get(owner);
}

/**
 * Sets or (LOCK_NONE) removes `owner`'s lock on a range that has no conflict, replacing what it had there. 0, or -ENOLCK
 * and nothing has changed.
 */
export function setLock(
  process: i32,
  inode: Inode,
  owner: u64,
  isFlock: boolean,
  type: u32,
  start: u64,
  end: u64,
): i64 {
  const locks = inode.locks;
  let mine = ownerOf(inode, owner);
  // One that is cut in two makes one more, and the new one another.
  const isFull = locks !== null && locks.count + 2 > MOST_LOCKS;
  if (isFull && (type !== LOCK_NONE || (mine !== null && wouldSplit(mine, isFlock, start, end)))) return -ENOLCK;
  if (type === LOCK_NONE && mine === null) return 0;
  if (mine === null) mine = addOwner(inode, owner);
  const isLess = cut(inode, mine, isFlock, start, end, type);
  if (type !== LOCK_NONE) add(inode, mine, isFlock, type, process, start, end);
  if (mine.first === null) removeOwner(inode, mine);
  if (isLess) wakeAll(lockWaiters);
  return 0;
}

/** The record of an owner that has no lock of `inode` yet; the caller adds one. */
function addOwner(inode: Inode, address: u64): LockOwner {
  let locks = inode.locks;
  if (locks === null) {
    locks = new FileLocks();
    inode.locks = locks;
  }
  const owner = new LockOwner();
  const first = locks.firstOwner;
  owner.address = address;
  owner.next = first;
  if (first !== null) first.previous = owner;
  locks.firstOwner = owner;
  locks.owners.set(address, owner);
  return owner;
}

/** Takes an owner with all its locks off the file; the last one takes the file's record along. */
function removeOwner(inode: Inode, owner: LockOwner): void {
  const locks = inode.locks;
  if (locks === null) return;
  const next = owner.next;
  const previous = owner.previous;
  if (previous === null) locks.firstOwner = next;
  else previous.next = next;
  if (next !== null) next.previous = previous;
  locks.owners.delete(owner.address);
  locks.count -= owner.count;
  if (locks.firstOwner === null) {
    inode.locks = null;
    release(addressOf(locks));
  }
  if (!freeSome(owner)) freeLater(owner);
}

function add(inode: Inode, owner: LockOwner, isFlock: boolean, type: u32, process: i32, start: u64, end: u64): void {
  const lock = new FileLock();
  lock.owner = owner;
  lock.isFlock = isFlock;
  lock.type = type;
  lock.process = process;
  lock.start = start;
  lock.end = end;
  lock.next = owner.first;
  owner.first = lock;
  countLocks(inode, owner, 1);
}

function countLocks(inode: Inode, owner: LockOwner, change: i64): void {
  const locks = inode.locks;
  if (locks !== null) locks.count += change as u64;
  owner.count += change as u64;
}

/** Whether taking the range away leaves two parts of one lock. */
function wouldSplit(owner: LockOwner, isFlock: boolean, start: u64, end: u64): boolean {
  let lock: FileLock | null = owner.first;
  while (lock !== null) {
    if (lock.isFlock === isFlock && lock.start < start && lock.end > end) return true;
    lock = lock.next;
  }
  return false;
}

/**
 * Takes the range out of the owner's locks; one that reaches beyond both ends becomes two. True if somebody may now get
 * what he could not, given that a lock of `type` takes their place.
 */
function cut(inode: Inode, owner: LockOwner, isFlock: boolean, start: u64, end: u64, type: u32): boolean {
  let lock: FileLock | null = owner.first;
  let previous: FileLock | null = null;
  let isLess = false;
  while (lock !== null) {
    const next: FileLock | null = lock.next;
    const overlaps = lock.isFlock === isFlock && lock.start < end && start < lock.end;
    if (overlaps && (type === LOCK_NONE || lock.type === LOCK_WRITE)) isLess = true;
    if (!overlaps) {
      previous = lock;
    } else if (lock.start < start) {
      if (lock.end > end) add(inode, owner, isFlock, lock.type, lock.process, end, lock.end);
      lock.end = start;
      previous = lock;
    } else if (lock.end > end) {
      lock.start = end;
      previous = lock;
    } else {
      if (previous === null) owner.first = next;
      else previous.next = next;
      countLocks(inode, owner, -1);
      release(addressOf(lock));
    }
    lock = next;
  }
  return isLess;
}

function removeOwned(inode: Inode, address: u64): void {
  const owner = ownerOf(inode, address);
  if (owner === null) return;
  removeOwner(inode, owner);
  wakeAll(lockWaiters);
}

/** A descriptor table closed a file of this inode: its record locks go. */
export function releaseOwnedLocks(inode: Inode, owner: u64): void {
  removeOwned(inode, owner);
}

/** The last reference to an open file is gone: its own locks go. */
export function releaseFileLocks(inode: Inode, file: File): void {
  removeOwned(inode, addressOf(file));
}

/** Locks of an owner that are freed at once: a process may let go of thousands of files in a row. */
const FREED_AT_ONCE: u64 = 16;

/** Frees an owner that has left its file, and its locks; false: some are left. */
function freeSome(owner: LockOwner): boolean {
  for (let left: u64 = FREED_AT_ONCE; left !== 0; left--) {
    const lock: FileLock | null = owner.first;
    if (lock === null) break;
    owner.first = lock.next;
    release(addressOf(lock));
  }
  if (owner.first !== null) return false;
  release(addressOf(owner));
  return true;
}

/** Owners that have left their files, linked by `next`. */
let firstLeft: LockOwner | null = null;

class LockReaper extends Chore {
  override slice(): boolean {
    while (budget > 0) {
      const owner = firstLeft;
      if (owner === null) return true;
      spend(FREED_AT_ONCE as i64);
      const next: LockOwner | null = owner.next;
      if (freeSome(owner)) firstLeft = next;
    }
    return firstLeft === null;
  }
}

let reaper: LockReaper | null = null;

function freeLater(owner: LockOwner): void {
  let chore = reaper;
  if (chore === null) {
    chore = new LockReaper();
    reaper = chore;
  }
  owner.next = firstLeft;
  firstLeft = owner;
  begin(chore);
}
