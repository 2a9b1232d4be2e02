/**
 * Making mappings: where they go, and what limits them (mmap(2), brk(2), getrlimit(2)).
 *
 * The checks come first and change nothing; `place` cannot fail.
 */
import { EACCES, EAGAIN, ENOMEM } from '../linux/errno';
import { limit, RLIMIT_AS, RLIMIT_DATA, RLIMIT_MEMLOCK } from '../process/limits';
import type { Thread } from '../process/thread';
import type { Inode } from '../vfs/inode';
import { type AddressSpace, MAPPING_LIMIT, MMAP_BOTTOM, MMAP_TOP } from './address-space';
import { Mapping, MappingKind, PROT_WRITE } from './mapping';
import { totalPages } from './pages';
import { unmapRange } from './unmap';

const CAP_IPC_LOCK: u64 = 14;
const LOW_TOP: u64 = 0x8000_0000;

/** What a new mapping is to be; one request is under way at a time. */
export class MapRequest {
  start!: u64;
  end!: u64;
  protection!: u64;
  kind!: MappingKind;
  isShared!: boolean;
  growsDown!: boolean;
  isLocked!: boolean;
  mayWrite!: boolean;
  /** MAP_NORESERVE: does not count against the memory there is. */
  isUnreserved!: boolean;
  inode!: Inode | null;
  offset!: u64;

  /** Private anonymous memory. */
  set(start: u64, end: u64, protection: u64, kind: MappingKind): void {
    this.start = start;
    this.end = end;
    this.protection = protection;
    this.kind = kind;
    this.isShared = false;
    this.growsDown = false;
    this.isLocked = false;
    this.mayWrite = true;
    this.isUnreserved = false;
    this.inode = null;
    this.offset = 0;
  }
}

export const mapRequest: MapRequest = reserve();

/** The start of the highest `length` free bytes below `top` and above the lowest that may be mapped; 0: no room. */
function searchBelow(space: AddressSpace, top: u64, length: u64): u64 {
  return space.mappings.roomBelow(top, MMAP_BOTTOM, length);
}

/** Room for `length` bytes (page-aligned, not 0): at `hint` if it is free there, else as high as possible; 0: none. */
export function findRoom(space: AddressSpace, hint: u64, length: u64): u64 {
  if (length > MMAP_TOP) return 0;
  const wanted = (hint + 4095) & ~4095;
  if (
    wanted >= MMAP_BOTTOM &&
    wanted <= MMAP_TOP &&
    length <= MMAP_TOP - wanted &&
    isFree(space, wanted, wanted + length)
  ) {
    return wanted;
  }
  let start = searchBelow(space, space.searchTop, length);
  if (start === 0 && space.searchTop !== MMAP_TOP) start = searchBelow(space, MMAP_TOP, length);
  if (start !== 0) space.searchTop = start + length;
  return start;
}

/** The same below 2 GB, for code that reaches its data with 32 bits (mmap(2), MAP_32BIT). */
export function findLowRoom(space: AddressSpace, length: u64): u64 {
  return searchBelow(space, LOW_TOP, length);
}

/** Whether nothing is mapped in [start, end). */
export function isFree(space: AddressSpace, start: u64, end: u64): boolean {
  const mapping = space.findFrom(start);
  return mapping === null || mapping.start >= end;
}

/** Whether `thread` may have `pages` pages more of what `request` describes: 0, -ENOMEM or -EAGAIN. */
export function checkLimits(thread: Thread, space: AddressSpace, request: MapRequest, pages: u64): i64 {
  if (space.mappings.count >= MAPPING_LIMIT) return -ENOMEM;
  if (space.spanned + pages > limit(thread, RLIMIT_AS) >>> 12) return -ENOMEM;
  if (!request.isShared && (request.protection & PROT_WRITE) !== 0 && request.kind !== MappingKind.Stack) {
    if (space.data + pages > limit(thread, RLIMIT_DATA) >>> 12) return -ENOMEM;
    if (!request.isUnreserved && pages > totalPages()) return -ENOMEM;
  }
  if (request.isLocked && !mayLock(thread, space, pages)) return -EAGAIN;
  return 0;
}

/** RLIMIT_MEMLOCK, which does not bind a holder of CAP_IPC_LOCK. */
export function mayLock(thread: Thread, space: AddressSpace, pages: u64): boolean {
  if (thread.process.capabilities.has(CAP_IPC_LOCK)) return true;
  return space.locked + pages <= limit(thread, RLIMIT_MEMLOCK) >>> 12;
}

/** Puts the mapping that `request` describes into a range where nothing is mapped. */
export function place(space: AddressSpace, request: MapRequest): void {
  const mapping = new Mapping();
  mapping.start = request.start;
  mapping.end = request.end;
  mapping.protection = request.protection;
  mapping.kind = request.kind;
  mapping.isShared = request.isShared;
  mapping.growsDown = request.growsDown;
  mapping.isLocked = request.isLocked;
  mapping.mayWrite = request.mayWrite;
  mapping.back(request.inode, request.offset);
  space.insert(mapping);
}

/**
 * Puts the mapping that `request` describes in the place of whatever lies in its range, from `from` on, as far as about
 * `budget` pages go; gives how far it came. What is emptied belongs to the new mapping at once, so that nobody else
 * finds room there between two slices. `request` is used up.
 */
export function replaceFrom(space: AddressSpace, request: MapRequest, from: u64, budget: u64): u64 {
  const reached = unmapRange(space, from, request.end, budget);
  if (request.inode !== null) request.offset += from - request.start;
  request.start = from;
  request.end = reached;
  place(space, request);
  return reached;
}

/** Cuts `mapping` so that it lies within [start, end), which it meets; gives the part that does. */
export function carve(space: AddressSpace, mapping: Mapping, start: u64, end: u64): Mapping {
  const part = mapping.start < start ? space.split(mapping, start) : mapping;
  if (part.end > end) space.split(part, end);
  return part;
}

/** After attributes changed: joins `mapping` with its neighbours where they are alike again. */
export function rejoin(space: AddressSpace, mapping: Mapping): void {
  space.joinWithNext(mapping);
  if (mapping.start === 0) return;
  const before = space.find(mapping.start - 1);
  if (before !== null) space.joinWithNext(before);
}

/** Whether a mapping may be given `protection` (PROT_*): 0 or -EACCES. */
export function checkProtection(mapping: Mapping, protection: u64): i64 {
  return (protection & PROT_WRITE) !== 0 && mapping.isShared && !mapping.mayWrite ? -EACCES : 0;
}
