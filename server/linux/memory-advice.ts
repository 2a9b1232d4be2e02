/**
 * What a program tells or asks about its mapped memory: madvise(2), msync(2), mincore(2), mlock(2) and its family. Nothing
 * is ever paged out here, so locking is accounting, and advice about the future is only checked.
 */
import { setByteAt } from '../../lib/arch/x86_64/bytes';
import { type AddressSpace, USER_TOP } from '../memory/address-space';
import { copyOut } from '../memory/copy';
import { bringIn } from '../memory/fault';
import { carve, mayLock, rejoin } from '../memory/map';
import { type Mapping, PROT_WRITE } from '../memory/mapping';
import { pageIndex } from '../memory/page-chunk';
import { removePages } from '../memory/unmap';
import type { Thread } from '../process/thread';
import { AGAIN } from '../wait/outcome';
import { EAGAIN, EFAULT, EINVAL, EIO, ENOMEM } from './errno';

const MADV_DONTNEED: u64 = 4;
const MADV_FREE: u64 = 8;
const MADV_DONTFORK: u64 = 10;
const MADV_DOFORK: u64 = 11;
const MADV_WIPEONFORK: u64 = 18;
const MADV_KEEPONFORK: u64 = 19;
const MADV_POPULATE_READ: u64 = 22;
const MADV_POPULATE_WRITE: u64 = 23;
const MS_ASYNC: u64 = 1;
const MS_INVALIDATE: u64 = 2;
const MS_SYNC: u64 = 4;
const MLOCK_ONFAULT: u64 = 1;
const MCL_CURRENT: u64 = 1;
const MCL_FUTURE: u64 = 2;
const MCL_ONFAULT: u64 = 4;

/** Pages handled in one slice. */
const SLICE: u64 = 4096;
/** How many pages that are looked at bringing one in counts for. */
const PAGE_COST: i64 = 31;
/** call.stage: everything is marked, pages are being brought in. */
const FILLING: u64 = 1;
/** Areas passed, and areas changed, in one slice. */
const AREA_SLICE: u64 = 1024;
const MARK_SLICE: u64 = 128;
/** Pages that one round of mincore reports. */
const REPORT_PAGES: u64 = 1024;
const report: Fixed<u8, 1024> = reserve();

/** Start and end of a range argument; `end` 0: it is not in user space. */
function endOf(start: u64, length: u64): u64 {
  if (start > USER_TOP || length > USER_TOP - start) return 0;
  return (start + length + 4095) & ~4095;
}

export function sysMadvise(thread: Thread): i64 {
  const frame = thread.frame;
  const advice = frame.rdx;
  const start = frame.rdi;
  if (!isAdvice(advice) || (start & 4095) !== 0) return -EINVAL;
  if (frame.rsi === 0) return 0;
  const end = endOf(start, frame.rsi);
  if (end === 0) return -EINVAL;
  const call = thread.call;
  const space = thread.space;
  let at: u64 = call.progress === 0 ? start : call.progress;
  let left: i64 = SLICE as i64;
  while (at < end) {
    const mapping = space.findFrom(at);
    if (mapping === null || mapping.start >= end) return -ENOMEM;
    if (mapping.start > at) {
      call.second = 1;
      at = mapping.start;
    }
    call.isDirty = true;
    call.progress = at;
    if (left <= 0) return AGAIN;
    const before = space.resident;
    const stop: u64 = end < mapping.end ? end : mapping.end;
    const outcome = advise(space, mapping, at, end, advice);
    if (outcome < 0) return outcome;
    at = outcome as u64;
    left = at < stop ? 0 : left - 24 - costOf(before, space.resident);
  }
  return call.second === 1 ? -ENOMEM : 0;
}

/** What pages that went or came cost a slice: bringing one in is as dear as dropping 32. */
function costOf(before: u64, after: u64): i64 {
  return after < before ? ((before - after) as i64) : ((after - before) as i64) * (PAGE_COST + 1);
}

function isAdvice(advice: u64): boolean {
  return advice <= MADV_DONTNEED || advice === MADV_FREE || (advice >= MADV_DONTFORK && advice <= MADV_POPULATE_WRITE);
}

/** Takes advice on the part of `mapping` in [at, end), or on as much of it as a slice may do; gives where that ends. */
function advise(space: AddressSpace, mapping: Mapping, at: u64, end: u64, advice: u64): i64 {
  const stop: u64 = end < mapping.end ? end : mapping.end;
  if (advice === MADV_DONTNEED || advice === MADV_FREE) {
    if (mapping.isLocked) return -EINVAL;
    if (advice === MADV_FREE && (mapping.isShared || mapping.inode !== null)) return -EINVAL;
    return removePages(space, at, stop, SLICE) as i64;
  }
  if (advice === MADV_DONTFORK || advice === MADV_DOFORK) {
    const part = carve(space, mapping, at, stop);
    part.staysOnFork = advice === MADV_DONTFORK;
    rejoin(space, part);
    return stop as i64;
  }
  if (advice === MADV_WIPEONFORK || advice === MADV_KEEPONFORK) {
    if (advice === MADV_WIPEONFORK && (mapping.isShared || mapping.inode !== null)) return -EINVAL;
    const part = carve(space, mapping, at, stop);
    part.isWipedOnFork = advice === MADV_WIPEONFORK;
    rejoin(space, part);
    return stop as i64;
  }
  if (advice === MADV_POPULATE_READ || advice === MADV_POPULATE_WRITE) {
    return populate(space, mapping, at, stop, advice === MADV_POPULATE_WRITE);
  }
  return stop as i64;
}

/** Brings in the pages that are not there; gives where it stopped, at most a slice further on. */
function populate(space: AddressSpace, mapping: Mapping, start: u64, stop: u64, isWrite: boolean): i64 {
  if (mapping.protection === 0 || (isWrite && (mapping.protection & PROT_WRITE) === 0)) return -EINVAL;
  let at = start;
  let left: i64 = SLICE as i64;
  while (at < stop && left > 0) {
    left--;
    if (!isAccessible(space, at, isWrite)) {
      const outcome = bringIn(space, mapping, at, isWrite);
      if (outcome !== 0) return outcome === -EIO ? -EFAULT : outcome;
      left -= PAGE_COST;
    }
    at += 4096;
  }
  return at as i64;
}

/** Whether a page is there for this kind of access. */
function isAccessible(space: AddressSpace, address: u64, isWrite: boolean): boolean {
  const chunk = space.chunkAt(address);
  if (chunk === null) return false;
  return (((isWrite ? chunk.writable : chunk.readable) >>> pageIndex(address)) & 1) !== 0;
}

/** Everything is in memory and shared pages are the file's own, so there is nothing to write back. */
export function sysMsync(thread: Thread): i64 {
  const frame = thread.frame;
  const flags = frame.rdx;
  if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) !== 0 || (frame.rdi & 4095) !== 0) return -EINVAL;
  if ((flags & MS_ASYNC) !== 0 && (flags & MS_SYNC) !== 0) return -EINVAL;
  if (frame.rsi === 0) return 0;
  const end = endOf(frame.rdi, frame.rsi);
  if (end === 0) return -ENOMEM;
  const call = thread.call;
  let at: u64 = call.progress === 0 ? frame.rdi : call.progress;
  for (let left: u64 = AREA_SLICE; at < end; left--) {
    if (left === 0) {
      call.progress = at;
      return AGAIN;
    }
    const mapping = thread.space.find(at);
    if (mapping === null) return -ENOMEM;
    at = mapping.end;
  }
  return 0;
}

export function sysMincore(thread: Thread): i64 {
  const frame = thread.frame;
  const call = thread.call;
  const start = frame.rdi;
  if ((start & 4095) !== 0) return -EINVAL;
  const end = endOf(start, frame.rsi);
  if (end === 0) return -ENOMEM;
  const first: u64 = start + (call.progress << 12);
  if (first >= end) return 0;
  let count: u64 = (end - first) >>> 12;
  if (count > REPORT_PAGES) count = REPORT_PAGES;
  for (let page: u64 = 0; page < count; page++) {
    const presence = presenceOf(thread.space, first + (page << 12));
    if (presence < 0) return presence;
    setByteAt(addressOf(report) + page, presence as u64);
  }
  if (copyOut(thread.space, frame.rdx + call.progress, addressOf(report), count) !== count) return -EFAULT;
  call.isDirty = true;
  call.progress += count;
  return first + (count << 12) < end ? AGAIN : 0;
}

/** 1 if the page is in memory, 0 if not, -ENOMEM if nothing is mapped there. */
function presenceOf(space: AddressSpace, address: u64): i64 {
  const mapping = space.find(address);
  if (mapping === null) return -ENOMEM;
  const chunk = space.chunkAt(address);
  if (chunk !== null && ((chunk.present >>> pageIndex(address)) & 1) !== 0) return 1;
  const inode = mapping.inode;
  return inode !== null && inode.page(mapping.fileIndex(address), false) !== 0 ? 1 : 0;
}

export function sysMlock(thread: Thread): i64 {
  return lockRange(thread, true, true);
}

export function sysMlock2(thread: Thread): i64 {
  if ((thread.frame.rdx & ~MLOCK_ONFAULT) !== 0) return -EINVAL;
  return lockRange(thread, true, thread.frame.rdx === 0);
}

export function sysMunlock(thread: Thread): i64 {
  return lockRange(thread, false, false);
}

function lockRange(thread: Thread, locks: boolean, fills: boolean): i64 {
  const frame = thread.frame;
  const start = frame.rdi & ~4095;
  const end = endOf(start, frame.rsi + (frame.rdi & 4095));
  if (end === 0) return -ENOMEM;
  if (start === end) return 0;
  const space = thread.space;
  const call = thread.call;
  if (call.stage !== FILLING) {
    if (call.progress === 0 && locks && !mayLock(thread, space, (end - start) >>> 12)) return -ENOMEM;
    const marked = markLocked(thread, start, end, locks);
    if (marked !== 0 || !fills) return marked;
    call.isDirty = true;
    call.stage = FILLING;
    call.progress = start;
  }
  return fillLocked(thread, end);
}

/** Marks every mapping in a range; -ENOMEM if a part of it is not mapped, with what comes before that marked. */
function markLocked(thread: Thread, start: u64, end: u64, locks: boolean): i64 {
  const space = thread.space;
  let at: u64 = thread.call.progress === 0 ? start : thread.call.progress;
  for (let left: u64 = MARK_SLICE; at < end; left--) {
    if (left === 0) {
      thread.call.progress = at;
      return AGAIN;
    }
    const mapping = space.findFrom(at);
    if (mapping === null || mapping.start > at) return -ENOMEM;
    if (mapping.isLocked === locks) {
      at = mapping.end;
      continue;
    }
    const part = carve(space, mapping, at, end);
    at = part.end;
    setLocked(space, part, locks);
    rejoin(space, part);
  }
  return 0;
}

function setLocked(space: AddressSpace, mapping: Mapping, locks: boolean): void {
  space.uncount(mapping, mapping.pages);
  mapping.isLocked = locks;
  space.count(mapping, mapping.pages);
}

/** Brings in the pages from `call.progress` to `end`, a slice at a time. */
function fillLocked(thread: Thread, end: u64): i64 {
  const call = thread.call;
  let rounds: u64 = 64;
  while (call.progress < end) {
    const mapping = thread.space.findFrom(call.progress);
    if (mapping === null) return 0;
    if (rounds === 0) return AGAIN;
    const from: u64 = mapping.start > call.progress ? mapping.start : call.progress;
    const stop: u64 = mapping.end < end ? mapping.end : end;
    if (!mapping.isLocked || mapping.protection === 0) {
      call.progress = mapping.end;
      rounds--;
      continue;
    }
    const reached = populate(thread.space, mapping, from, stop, (mapping.protection & PROT_WRITE) !== 0);
    if (reached < 0) return reached === -ENOMEM ? -EAGAIN : -ENOMEM;
    call.progress = reached as u64;
    if (call.progress < stop) return AGAIN;
    rounds = 0;
  }
  return 0;
}

export function sysMlockall(thread: Thread): i64 {
  const flags = thread.frame.rdi;
  if (flags === 0 || (flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) !== 0 || flags === MCL_ONFAULT) return -EINVAL;
  const space = thread.space;
  const call = thread.call;
  if (call.stage !== FILLING) {
    if (call.progress === 0) {
      if (!mayLock(thread, space, (flags & MCL_CURRENT) !== 0 ? space.spanned - space.locked : 0)) return -ENOMEM;
      space.locksFuture = (flags & MCL_FUTURE) !== 0;
      if ((flags & MCL_CURRENT) === 0) return 0;
    }
    const marked = markAll(thread, true);
    if (marked !== 0) return marked;
    if ((flags & MCL_ONFAULT) !== 0) return 0;
    call.isDirty = true;
    call.stage = FILLING;
    call.progress = 4096;
  }
  const outcome = fillLocked(thread, USER_TOP);
  return outcome === AGAIN ? AGAIN : 0;
}

export function sysMunlockall(thread: Thread): i64 {
  thread.space.locksFuture = false;
  return markAll(thread, false);
}

/** Marks every mapping there is, a slice at a time: 0 or AGAIN. */
function markAll(thread: Thread, locks: boolean): i64 {
  const space = thread.space;
  let mapping = space.findFrom(thread.call.progress);
  for (let left: u64 = AREA_SLICE; mapping !== null; left--) {
    if (left === 0) {
      thread.call.progress = mapping.start;
      return AGAIN;
    }
    if (mapping.isLocked !== locks) setLocked(space, mapping, locks);
    mapping = space.mappings.after(mapping);
  }
  return 0;
}
