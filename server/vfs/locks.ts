/**
 * Advisory locks: flock(2) locks whole files for an open file description, fcntl(2) locks byte ranges for a process
 * (whose descriptor table stands for it) or, as F_OFD_*, for a description. The two kinds do not see each other.
 *
 * Invariant: ranges of one owner and kind do not overlap; neighbours of one type are left unmerged, which nobody can
 * observe but by F_GETLK, which then reports the first.
 */
import { release } from '../memory/heap';
import { WaitQueue, wakeAll } from '../wait/wait-queue';
import type { File } from './file';
import type { Inode } from './inode';

export const LOCK_READ: u32 = 0;
export const LOCK_WRITE: u32 = 1;
export const LOCK_NONE: u32 = 2;

export class FileLock {
  next!: FileLock | null;
  /** The address of the FileTable or File that owns it. */
  owner!: u64;
  isFlock!: boolean;
  type!: u32;
  /** The owner's process, for F_GETLK; -1 if a description owns it. */
  process!: i32;
  start!: u64;
  /** One past the last byte. */
  end!: u64;
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
  let lock: FileLock | null = inode.firstLock;
  while (lock !== null) {
    if (lock.isFlock === isFlock && lock.owner !== owner && lock.start < end && start < lock.end) {
      if (lock.type === LOCK_WRITE || type === LOCK_WRITE) return lock;
    }
    lock = lock.next;
  }
  return null;
}

/** So many steps Linux goes along a chain of waiters (fs/locks.c, MAX_DEADLK_ITERATIONS). */
const LONGEST_CHAIN: u64 = 10;

/**
 * Whether `owner` would wait for itself by waiting for a lock of `holder`'s: EDEADLK (fcntl(2)). Who waits keeps its
 * owner and whom it waits for in `call.first` and `call.second`.
 */
export function wouldDeadlock(owner: u64, holder: u64): boolean {
  let next = holder;
  for (let step: u64 = 0; step < LONGEST_CHAIN; step++) {
    let entry = lockWaiters.first;
    while (entry !== null && entry.thread.call.first !== next) entry = entry.next;
    if (entry === null) return false;
    next = entry.thread.call.second;
    if (next === owner) return true;
  }
  return false;
}

/** Sets or (LOCK_NONE) removes `owner`'s lock on a range that has no conflict, replacing what it had there. */
export function setLock(
  process: i32,
  inode: Inode,
  owner: u64,
  isFlock: boolean,
  type: u32,
  start: u64,
  end: u64,
): void {
  cut(inode, owner, isFlock, start, end);
  if (type !== LOCK_NONE) add(inode, owner, isFlock, type, process, start, end);
  wakeAll(lockWaiters);
}

function add(inode: Inode, owner: u64, isFlock: boolean, type: u32, process: i32, start: u64, end: u64): void {
  const lock = new FileLock();
  lock.owner = owner;
  lock.isFlock = isFlock;
  lock.type = type;
  lock.process = process;
  lock.start = start;
  lock.end = end;
  lock.next = inode.firstLock;
  inode.firstLock = lock;
}

/** Takes the range out of the owner's locks; one that reaches beyond both ends becomes two. */
function cut(inode: Inode, owner: u64, isFlock: boolean, start: u64, end: u64): void {
  let lock: FileLock | null = inode.firstLock;
  let previous: FileLock | null = null;
  while (lock !== null) {
    const next: FileLock | null = lock.next;
    const overlaps = lock.owner === owner && lock.isFlock === isFlock && lock.start < end && start < lock.end;
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
      if (previous === null) inode.firstLock = next;
      else previous.next = next;
      release(addressOf(lock));
    }
    lock = next;
  }
}

function removeOwned(inode: Inode, owner: u64, flockToo: boolean): void {
  let lock: FileLock | null = inode.firstLock;
  let previous: FileLock | null = null;
  while (lock !== null) {
    const next: FileLock | null = lock.next;
    if (lock.owner === owner && (flockToo || !lock.isFlock)) {
      if (previous === null) inode.firstLock = next;
      else previous.next = next;
      release(addressOf(lock));
    } else {
      previous = lock;
    }
    lock = next;
  }
  wakeAll(lockWaiters);
}

/** A descriptor table closed a file of this inode: its record locks go. */
export function releaseOwnedLocks(inode: Inode, owner: u64): void {
  removeOwned(inode, owner, false);
}

/** The last reference to an open file is gone: its own locks go. */
export function releaseFileLocks(inode: Inode, file: File): void {
  removeOwned(inode, addressOf(file), true);
}
