/** mremap(2): growing, shrinking and moving a mapping. */
import { type AddressSpace, MMAP_BOTTOM, USER_TOP } from '../memory/address-space';
import { checkLimits, findRoom, isFree, mapRequest, place, replaceFrom } from '../memory/map';
import { type Mapping, MappingKind } from '../memory/mapping';
import { movePages } from '../memory/move';
import { unmapRange } from '../memory/unmap';
import type { Thread } from '../process/thread';
import { AGAIN } from '../wait/outcome';
import { EFAULT, EINVAL, ENOMEM, EPERM } from './errno';

const MREMAP_MAYMOVE: u64 = 1;
const MREMAP_FIXED: u64 = 2;
const MREMAP_DONTUNMAP: u64 = 4;
/** Pages unmapped or moved in one slice. */
const SLICE: u64 = 4096;

/** call.stage: nothing is decided; the mapping moves to `call.first`. */
const MOVING: u64 = 1;

export function sysMremap(thread: Thread): i64 {
  const frame = thread.frame;
  const start = frame.rdi;
  const flags = frame.r10;
  const oldLength = (frame.rsi + 4095) & ~4095;
  const newLength = (frame.rdx + 4095) & ~4095;
  if (thread.call.stage === MOVING) return move(thread, start, oldLength, newLength, flags);
  if ((flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)) !== 0 || (start & 4095) !== 0) return -EINVAL;
  if ((flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) !== 0 && (flags & MREMAP_MAYMOVE) === 0) return -EINVAL;
  if ((flags & MREMAP_DONTUNMAP) !== 0 && oldLength !== newLength) return -EINVAL;
  if (newLength === 0 || frame.rdx > USER_TOP) return -EINVAL;
  if (start > USER_TOP || oldLength > USER_TOP - start) return -EINVAL;
  const space = thread.space;
  if ((flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) !== 0) return moveToFixed(thread, start, oldLength, newLength, flags);
  if (oldLength >= newLength && oldLength !== 0) return shrink(thread, start, start + newLength, start + oldLength);
  const mapping = space.find(start);
  const problem = checkSource(mapping, start, oldLength);
  if (problem !== 0 || mapping === null) return problem === 0 ? -EFAULT : problem;
  describe(mapping, start);
  const excess = checkLimits(thread, space, mapRequest, (newLength - oldLength) >>> 12);
  if (excess !== 0) return excess;
  const end = start + oldLength;
  const newEnd = start + newLength;
  if (oldLength !== 0 && end === mapping.end && newEnd <= USER_TOP && isFree(space, end, newEnd)) {
    mapRequest.start = end;
    mapRequest.end = newEnd;
    mapRequest.offset = mapping.inode === null ? 0 : mapping.offset + (end - mapping.start);
    place(space, mapRequest);
    return start as i64;
  }
  if ((flags & MREMAP_MAYMOVE) === 0) return -ENOMEM;
  return begin(thread, start, oldLength, newLength, findRoom(space, 0, newLength), flags);
}

/** Whether [start, start + length) can be moved as one: 0, -EFAULT or -EINVAL. */
function checkSource(mapping: Mapping | null, start: u64, length: u64): i64 {
  if (mapping === null) return -EFAULT;
  if (length === 0 && !mapping.isShared) return -EINVAL;
  return length > mapping.end - start ? -EFAULT : 0;
}

/** Describes a mapping like `mapping`, of what it maps at `start`, in `mapRequest`. */
function describe(mapping: Mapping, start: u64): void {
  mapRequest.set(0, 0, mapping.protection, mapping.kind === MappingKind.Heap ? MappingKind.Plain : mapping.kind);
  mapRequest.isShared = mapping.isShared;
  mapRequest.growsDown = mapping.growsDown;
  mapRequest.isLocked = mapping.isLocked;
  mapRequest.mayWrite = mapping.mayWrite;
  mapRequest.inode = mapping.inode;
  mapRequest.offset = mapping.inode === null ? 0 : mapping.offset + (start - mapping.start);
}

/** Unmaps what lies beyond the new end. */
function shrink(thread: Thread, start: u64, newEnd: u64, end: u64): i64 {
  if (newEnd === end) return thread.space.find(start) === null ? -EFAULT : (start as i64);
  const call = thread.call;
  const reached = unmapRange(thread.space, call.progress === 0 ? newEnd : call.progress, end, SLICE);
  if (reached >= end) return start as i64;
  call.isDirty = true;
  call.progress = reached;
  return AGAIN;
}

/** MREMAP_FIXED and MREMAP_DONTUNMAP: to an address that is given, where whatever is mapped goes; or to a free one. */
function moveToFixed(thread: Thread, start: u64, oldLength: u64, newLength: u64, flags: u64): i64 {
  const space = thread.space;
  const isGiven = (flags & MREMAP_FIXED) !== 0;
  const target: u64 = isGiven ? thread.frame.r8 : findRoom(space, thread.frame.r8, newLength);
  if (isGiven) {
    if ((target & 4095) !== 0 || target > USER_TOP || newLength > USER_TOP - target) return -EINVAL;
    if (target < start + oldLength && start < target + newLength) return -EINVAL;
    if (target < MMAP_BOTTOM) return -EPERM;
  }
  const mapping = space.find(start);
  const problem = checkSource(mapping, start, oldLength < newLength ? oldLength : newLength);
  if (problem !== 0 || mapping === null) return problem === 0 ? -EFAULT : problem;
  if ((flags & MREMAP_DONTUNMAP) !== 0 && (mapping.isShared || mapping.inode !== null)) return -EINVAL;
  return begin(thread, start, oldLength, newLength, target, flags);
}

/**
 * Makes the new mapping at `target` (0: there is no room), with MREMAP_FIXED in the place of what is there, a slice at a
 * time; its pages follow.
 */
function begin(thread: Thread, start: u64, oldLength: u64, newLength: u64, target: u64, flags: u64): i64 {
  const space = thread.space;
  const mapping = space.find(start);
  if (target === 0) return -ENOMEM;
  if (mapping === null) return -EFAULT;
  describe(mapping, start);
  // What only moves was counted when it was mapped.
  const counted: u64 = (flags & MREMAP_DONTUNMAP) !== 0 ? 0 : oldLength;
  const more: u64 = newLength > counted ? newLength - counted : 0;
  const call = thread.call;
  const excess = call.progress === 0 ? checkLimits(thread, space, mapRequest, more >>> 12) : 0;
  if (excess !== 0) return excess;
  const end = target + newLength;
  mapRequest.start = target;
  mapRequest.end = end;
  call.isDirty = true;
  if ((flags & MREMAP_FIXED) !== 0) {
    call.progress = replaceFrom(space, mapRequest, call.progress === 0 ? target : call.progress, SLICE);
    if (call.progress < end) return AGAIN;
  } else place(space, mapRequest);
  if (oldLength === 0) return target as i64;
  call.stage = MOVING;
  call.first = target;
  call.progress = 0;
  return move(thread, start, oldLength, newLength, flags);
}

/** Moves a slice of pages and takes the old mapping away behind them. */
function move(thread: Thread, start: u64, oldLength: u64, newLength: u64, flags: u64): i64 {
  const space: AddressSpace = thread.space;
  const call = thread.call;
  const shared: u64 = oldLength < newLength ? oldLength : newLength;
  let left: u64 = 2;
  while (call.progress < oldLength) {
    if (left === 0) return AGAIN;
    let end: u64 = call.progress + (SLICE << 10);
    if (end > oldLength) end = oldLength;
    const low = start + call.progress;
    if (call.progress < shared) {
      const top: u64 = end < shared ? end : shared;
      const target = space.find(call.first + call.progress);
      // Another thread has unmapped it since.
      if (target === null || target.end < call.first + top) return -EFAULT;
      movePages(space, low, start + top, call.first + call.progress);
      target.gainedPages();
      end = top;
    }
    if ((flags & MREMAP_DONTUNMAP) === 0 && unmapRange(space, low, start + end, SLICE) < start + end) return AGAIN;
    call.progress = end;
    left--;
  }
  return call.first as i64;
}
