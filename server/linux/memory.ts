/** Mapping and unmapping memory: mmap(2), munmap(2), mprotect(2), brk(2). */

import { type AddressSpace, MMAP_BOTTOM, USER_TOP } from '../memory/address-space';
import { bringIn } from '../memory/fault';
import {
  carve,
  checkLimits,
  checkProtection,
  findLowRoom,
  findRoom,
  isFree,
  mapRequest,
  place,
  rejoin,
  replaceFrom,
} from '../memory/map';
import { MappingKind, PROT_EXEC, PROT_READ, PROT_WRITE } from '../memory/mapping';
import { protectMapping } from '../memory/protect';
import { unmapRange } from '../memory/unmap';
import { limit, RLIMIT_DATA } from '../process/limits';
import type { Thread } from '../process/thread';
import type { Inode } from '../vfs/inode';
import { createAnonymousFile } from '../vfs/tmpfs/file-system';
import { AGAIN } from '../wait/outcome';
import { EACCES, EBADF, EEXIST, EINVAL, ENODEV, ENOMEM, EOPNOTSUPP, EOVERFLOW, EPERM } from './errno';
import { MAXIMUM_OFFSET, S_IFCHR } from './file-constants';

const MAP_SHARED: u64 = 1;
const MAP_PRIVATE: u64 = 2;
const MAP_SHARED_VALIDATE: u64 = 3;
const MAP_TYPE: u64 = 15;
const MAP_FIXED: u64 = 0x10;
const MAP_ANONYMOUS: u64 = 0x20;
const MAP_GROWSDOWN: u64 = 0x100;
const MAP_LOCKED: u64 = 0x2000;
const MAP_NORESERVE: u64 = 0x4000;
const MAP_32BIT: u64 = 0x40;
const MAP_POPULATE: u64 = 0x8000;
const MAP_NONBLOCK: u64 = 0x1_0000;
const MAP_FIXED_NOREPLACE: u64 = 0x10_0000;
/** What MAP_SHARED_VALIDATE accepts (LEGACY_MAP_MASK and MAP_FIXED_NOREPLACE's kin). */
const MAP_KNOWN: u64 = 0x41f_ffff;
const PROT_KNOWN: u64 = PROT_READ | PROT_WRITE | PROT_EXEC;
const PROT_GROWSDOWN: u64 = 0x100_0000;
const PROT_GROWSUP: u64 = 0x200_0000;
const CAP_SYS_RAWIO: u32 = 17;
/** /dev/zero, major 1, minor 5: mapping it is anonymous memory (zero(4)). */
const ZERO_DEVICE: u32 = 0x105;

/** Pages that one slice unmaps, protects or fills. */
const SLICE: u64 = 4096;
const FILL_SLICE: u64 = 128;
/** What passing an area, and changing one, take off a slice's pages. */
const AREA_PASSED: i64 = 8;
const AREA_CHANGED: i64 = 64;
/** call.stage: the new mapping is being filled; before that, `progress` is where MAP_FIXED has come. */
const FILLING: u64 = 1;

export function sysMmap(thread: Thread): i64 {
  const call = thread.call;
  if (call.stage === FILLING) return fill(thread);
  const frame = thread.frame;
  const flags = frame.r10;
  if ((frame.r9 & 4095) !== 0) return -EINVAL;
  const space = thread.space;
  const length = (frame.rsi + 4095) & ~4095;
  const protection = frame.rdx & PROT_KNOWN;
  mapRequest.set(0, 0, protection, MappingKind.Plain);
  const refusal = describeBacking(thread, flags, frame.rsi, frame.r8, frame.r9);
  if (refusal !== 0) return refusal;
  const isFixed = (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) !== 0;
  const isLow = (flags & MAP_32BIT) !== 0;
  const start = isFixed ? frame.rdi : isLow ? findLowRoom(space, length) : findRoom(space, frame.rdi & ~4095, length);
  if (isFixed) {
    const problem = checkFixed(thread, space, frame.rdi, length, (flags & MAP_FIXED_NOREPLACE) !== 0);
    if (problem !== 0) return problem;
  } else if (start === 0) return -ENOMEM;
  mapRequest.start = start;
  mapRequest.end = start + length;
  mapRequest.growsDown = (flags & MAP_GROWSDOWN) !== 0;
  mapRequest.isLocked = (flags & MAP_LOCKED) !== 0 || space.locksFuture;
  mapRequest.isUnreserved = (flags & MAP_NORESERVE) !== 0;
  // What was placed in earlier slices is counted already.
  const excess = call.progress === 0 ? checkLimits(thread, space, mapRequest, length >>> 12) : 0;
  if (excess !== 0) return excess;
  let memory: Inode | null = null;
  if (mapRequest.isShared && mapRequest.inode === null) {
    memory = backingOf(space, start, call.progress);
    if (memory === null) memory = createAnonymousFile(length);
    else memory.retain();
    mapRequest.inode = memory;
  }
  let reached: u64 = start + length;
  if (isFixed) reached = replaceFrom(space, mapRequest, call.progress === 0 ? start : call.progress, SLICE);
  else place(space, mapRequest);
  if (memory !== null) memory.drop();
  if (reached < start + length) {
    call.isDirty = true;
    call.progress = reached;
    return AGAIN;
  }
  const wantsPages = (flags & MAP_POPULATE) !== 0 && (flags & MAP_NONBLOCK) === 0;
  if (!wantsPages && !mapRequest.isLocked) return start as i64;
  call.isDirty = true;
  call.stage = FILLING;
  call.first = start;
  call.second = start + length;
  call.progress = start;
  return fill(thread);
}

/** The file behind the shared memory that was placed from `start` up to `end` so far; null: there is none. */
function backingOf(space: AddressSpace, start: u64, end: u64): Inode | null {
  const placed = end === 0 ? null : space.find(start);
  return placed !== null && placed.start === start && placed.end === end && placed.isShared ? placed.inode : null;
}

/** The part of mmap's checks that concerns what is mapped; fills the backing of `mapRequest`. */
function describeBacking(thread: Thread, flags: u64, length: u64, descriptor: u64, offset: u64): i64 {
  const kind = flags & MAP_TYPE;
  const file = (flags & MAP_ANONYMOUS) !== 0 ? null : thread.files.get(descriptor & 0xffff_ffff);
  if ((flags & MAP_ANONYMOUS) === 0 && file === null) return -EBADF;
  if (length === 0) return -EINVAL;
  if (length > USER_TOP) return -ENOMEM;
  const rounded = (length + 4095) & ~4095;
  // Offsets are signed, but for a device that takes any (mm/mmap.c, file_mmap_ok).
  if (offset + rounded < offset || (file !== null && offset + rounded > MAXIMUM_OFFSET)) return -EOVERFLOW;
  if (kind !== MAP_SHARED && kind !== MAP_PRIVATE && kind !== MAP_SHARED_VALIDATE) return -EINVAL;
  if (kind === MAP_SHARED_VALIDATE && (file === null || (flags & ~MAP_KNOWN) !== 0))
    return file === null ? -EINVAL : -EOPNOTSUPP;
  mapRequest.isShared = kind !== MAP_PRIVATE;
  if (file === null) return 0;
  if (file.isPathOnly) return -EBADF;
  const wantsWrite = mapRequest.isShared && (mapRequest.protection & PROT_WRITE) !== 0;
  if (!file.readable || (wantsWrite && !file.writable)) return -EACCES;
  if (file.inode.kind === S_IFCHR && file.inode.rdev === ZERO_DEVICE) return 0;
  if (!file.inode.isMappable()) return -ENODEV;
  if (mapRequest.isShared) mapRequest.mayWrite = file.writable;
  mapRequest.inode = file.inode;
  mapRequest.offset = offset;
  return 0;
}

/** MAP_FIXED: the address must be aligned, in user space, and not in the lowest pages. */
function checkFixed(thread: Thread, space: AddressSpace, start: u64, length: u64, keepsOthers: boolean): i64 {
  if (start > USER_TOP - length) return -ENOMEM;
  if ((start & 4095) !== 0) return -EINVAL;
  if (start < MMAP_BOTTOM && !thread.process.capabilities.has(CAP_SYS_RAWIO)) return -EPERM;
  if (keepsOthers && !isFree(space, start, start + length)) return -EEXIST;
  return 0;
}

/** Brings in the pages of a new mapping, as far as there is memory (MAP_POPULATE is best effort). */
function fill(thread: Thread): i64 {
  const call = thread.call;
  const space = thread.space;
  let left: u64 = FILL_SLICE;
  while (call.progress < call.second && left !== 0) {
    const mapping = space.find(call.progress);
    if (mapping === null) break;
    const isWrite = (mapping.protection & PROT_WRITE) !== 0;
    if (mapping.protection === 0 || bringIn(space, mapping, call.progress, isWrite) !== 0) break;
    call.progress += 4096;
    left--;
  }
  return left === 0 && call.progress < call.second ? AGAIN : (call.first as i64);
}

export function sysMunmap(thread: Thread): i64 {
  const start = thread.frame.rdi;
  const length = thread.frame.rsi;
  if ((start & 4095) !== 0 || length === 0 || start > USER_TOP || length > USER_TOP - start) return -EINVAL;
  const end = (start + length + 4095) & ~4095;
  const call = thread.call;
  const reached = unmapRange(thread.space, call.progress === 0 ? start : call.progress, end, SLICE);
  if (reached >= end) return 0;
  call.isDirty = true;
  call.progress = reached;
  return AGAIN;
}

export function sysMprotect(thread: Thread): i64 {
  const frame = thread.frame;
  const start = frame.rdi;
  const grows = frame.rdx & (PROT_GROWSDOWN | PROT_GROWSUP);
  const protection = frame.rdx & ~grows;
  if (grows === (PROT_GROWSDOWN | PROT_GROWSUP) || (start & 4095) !== 0) return -EINVAL;
  if (frame.rsi === 0) return 0;
  if (frame.rsi > USER_TOP) return -ENOMEM;
  const end = start + ((frame.rsi + 4095) & ~4095);
  if (end <= start || end > USER_TOP) return -ENOMEM;
  if ((protection & ~(PROT_KNOWN | 8)) !== 0) return -EINVAL;
  const space = thread.space;
  const call = thread.call;
  let at: u64 = call.progress === 0 ? start : call.progress;
  let first = start;
  if (grows === PROT_GROWSDOWN) {
    const stack = space.find(start);
    if (stack === null || !stack.growsDown) return -EINVAL;
    first = stack.start;
    if (call.progress === 0) at = first;
  } else if (grows !== 0) return -EINVAL;
  return protectSlice(thread, space, at, end, protection & PROT_KNOWN);
}

/** mprotect from `start` on, as much as a slice may do. */
function protectSlice(thread: Thread, space: AddressSpace, start: u64, end: u64, protection: u64): i64 {
  let at = start;
  let left: i64 = SLICE as i64;
  while (at < end) {
    if (left <= 0) {
      thread.call.isDirty = true;
      thread.call.progress = at;
      return AGAIN;
    }
    const mapping = space.findFrom(at);
    if (mapping === null || mapping.start > at) return -ENOMEM;
    const problem = checkProtection(mapping, protection);
    if (problem !== 0) return problem;
    if (mapping.protection === protection) {
      at = mapping.end;
      left -= AREA_PASSED;
      continue;
    }
    const becomesData = !mapping.isShared && (protection & PROT_WRITE) !== 0 && (mapping.protection & PROT_WRITE) === 0;
    const limitEnd: u64 = at + (SLICE << 12) < end ? at + (SLICE << 12) : end;
    const part = carve(space, mapping, at, limitEnd);
    if (becomesData && space.data + part.pages > limit(thread, RLIMIT_DATA) >>> 12) return -ENOMEM;
    at = part.end;
    left -= (part.pages as i64) + AREA_CHANGED;
    protectMapping(space, part, protection);
    rejoin(space, part);
  }
  return 0;
}

/** Moves the end of the heap. Whatever goes wrong, the answer is where it is now. */
export function sysBrk(thread: Thread): i64 {
  const space = thread.space;
  const wanted = thread.frame.rdi;
  const current = space.breakEnd;
  if (wanted < space.breakStart || wanted > USER_TOP) return current as i64;
  const newEnd = (wanted + 4095) & ~4095;
  const oldEnd = (current + 4095) & ~4095;
  if (newEnd < oldEnd) {
    const call = thread.call;
    const reached = unmapRange(space, call.progress === 0 ? newEnd : call.progress, oldEnd, SLICE);
    if (reached < oldEnd) {
      call.isDirty = true;
      call.progress = reached;
      return AGAIN;
    }
  } else if (newEnd > oldEnd) {
    if (wanted - space.breakStart + (space.dataEnd - space.dataStart) > limit(thread, RLIMIT_DATA))
      return current as i64;
    if (!isFree(space, oldEnd, newEnd + 4096)) return current as i64;
    mapRequest.set(oldEnd, newEnd, PROT_READ | PROT_WRITE, MappingKind.Heap);
    mapRequest.isLocked = space.locksFuture;
    if (checkLimits(thread, space, mapRequest, (newEnd - oldEnd) >>> 12) !== 0) return current as i64;
    place(space, mapRequest);
  }
  space.breakEnd = wanted;
  return wanted as i64;
}
