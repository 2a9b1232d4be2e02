/**
 * Bringing pages in: demand-zero, file pages, copy-on-write, growing stacks. The same code serves faults of clients and
 * the server's own copying for them.
 *
 * A read fault on a file brings in up to 16 neighbours that the file has in memory, and a write to a page that has
 * become ours alone takes its neighbours of the same kind along, because a page more costs a few instructions and a
 * fault more than a thousand.
 */
import { MapRights } from '../../lib/abi/rights';
import { copyMemory } from '../../lib/arch/x86_64/bytes';
import { mapFrames, protectPages } from '../kernel/vspace';
import { EACCES, EFAULT, EIO, ENOMEM } from '../linux/errno';
import type { Thread } from '../process/thread';
import type { Inode } from '../vfs/inode';
import { type AddressSpace, USER_TOP } from './address-space';
import { type Mapping, PROT_EXEC, PROT_WRITE } from './mapping';
import { ALL_PAGES, type PageChunk, pageIndex, pagesWithin } from './page-chunk';
import { addressOfPage, allocatePage, allocateRawPage, dropPage, pageReferences, retainPage } from './pages';

/** Bits of the error code of a page fault (Intel SDM 3A 4.7). */
const FAULT_WRITE: u64 = 2;
const FAULT_FETCH: u64 = 16;
/** Pages between a stack and what lies below it (Linux's stack_guard_gap). */
const STACK_GAP: u64 = 1 << 20;
/** Pages that a read fault on a file brings in at most, in their natural alignment. */
const AROUND: u64 = 16;

/** The page of zeros that untouched anonymous memory reads as. */
let zeroPage: u32 = 0;

/** Makes the page of zeros; once, at boot. */
export function makeZeroPage(): void {
  zeroPage = allocatePage();
}

/**
 * Answers a page fault of `thread`: 0 when the page is there now, -EFAULT (nothing mapped), -EACCES (mapped, but not
 * for this), -EIO (beyond the end of the file) or -ENOMEM.
 */
export function resolveFault(thread: Thread, address: u64, errorCode: u64): i64 {
  const isWrite = (errorCode & FAULT_WRITE) !== 0;
  const problem = findForAccess(thread.space, address, isWrite, (errorCode & FAULT_FETCH) !== 0);
  if (problem !== 0) return problem;
  const mapping = thread.space.recentMapping;
  return mapping === null ? -EFAULT : bringIn(thread.space, mapping, address, isWrite);
}

/** Checks an access and leaves the mapping in `space.recentMapping`. */
function findForAccess(space: AddressSpace, address: u64, isWrite: boolean, isFetch: boolean): i64 {
  if (address >= USER_TOP) return -EFAULT;
  let mapping = space.find(address);
  if (mapping === null) {
    mapping = growStack(space, address);
    if (mapping === null) return -EFAULT;
  }
  const protection: u64 = mapping.protection;
  if (protection === 0) return -EACCES;
  if (isWrite && (protection & PROT_WRITE) === 0) return -EACCES;
  if (isFetch && (protection & PROT_EXEC) === 0) return -EACCES;
  return 0;
}

/** Makes the page of `address` accessible for the server's own use; the same results as `resolveFault`. */
export function bringInForServer(space: AddressSpace, address: u64, isWrite: boolean): i64 {
  const problem = findForAccess(space, address, isWrite, false);
  if (problem !== 0) return problem;
  const mapping = space.recentMapping;
  return mapping === null ? -EFAULT : bringIn(space, mapping, address, isWrite);
}

/** Extends the stack just above `address` down to it, if there is one and its limit allows; null otherwise. */
function growStack(space: AddressSpace, address: u64): Mapping | null {
  const mapping = space.mappings.atLeast(address);
  if (mapping === null || !mapping.growsDown) return null;
  const start = address & ~4095;
  if (mapping.end - start > space.stackLimit) return null;
  const below = start === 0 ? null : space.mappings.atMost(start);
  if (below !== null && below.end + STACK_GAP > start) return null;
  space.count(mapping, (mapping.start - start) >>> 12);
  mapping.start = start;
  space.mappings.refresh(mapping);
  space.recentMapping = mapping;
  return mapping;
}

/** What the kernel may allow for a page of `mapping`. */
export function rightsFor(mapping: Mapping, isWritable: boolean): u64 {
  const protection: u64 = mapping.protection;
  if (protection === 0) return 0;
  return 1 | (protection & PROT_EXEC) | (isWritable ? PROT_WRITE : 0);
}

/** Sees to it that the page of `address`, to which `mapping` allows the access, is there for it. */
export function bringIn(space: AddressSpace, mapping: Mapping, address: u64, isWrite: boolean): i64 {
  const chunk = space.makeChunk(address);
  const bit: u64 = 1 << pageIndex(address);
  if ((chunk.present & bit) !== 0) {
    if (isWrite && (chunk.writable & bit) === 0) return makeWritable(space, mapping, chunk, address);
    chunk.readable |= bit;
    const around = pagesWithin(chunk.number, mapping.start, mapping.end) & chunk.readable & windowOf(address);
    return mapRuns(space, mapping, chunk, around, MapRights.Replace) ? 0 : -ENOMEM;
  }
  const inode = mapping.inode;
  if (inode === null) return bringInZeros(space, mapping, chunk, address, isWrite);
  const index = mapping.fileIndex(address & ~4095);
  if (index >= (inode.size + 4095) >>> 12) return -EIO;
  if (!isWrite || mapping.isShared) return bringInFile(space, mapping, inode, chunk, address, isWrite);
  const source: u64 = inode.page(index, false);
  return addPage(space, mapping, chunk, address, source === 0 ? allocatePage() : copyOfPage(source), true);
}

/** Untouched anonymous memory: a page of its own to write to, the common page of zeros to read. */
function bringInZeros(space: AddressSpace, mapping: Mapping, chunk: PageChunk, address: u64, isWrite: boolean): i64 {
  if (isWrite) return addPage(space, mapping, chunk, address, allocatePage(), true);
  retainPage(zeroPage);
  return addPage(space, mapping, chunk, address, zeroPage, false);
}

/** A page with the contents of another; 0 when memory is out. */
function copyOfPage(source: u64): u32 {
  const frame = allocateRawPage();
  if (frame !== 0) copyMemory(addressOfPage(frame), addressOfPage(source), 4096);
  return frame;
}

/** Records `frame`, whose reference the space takes over, as the page of `address`, and maps it. */
function addPage(
  space: AddressSpace,
  mapping: Mapping,
  chunk: PageChunk,
  address: u64,
  frame: u32,
  isWritable: boolean,
): i64 {
  if (frame === 0) return -ENOMEM;
  const index = pageIndex(address);
  note(space, chunk, index, frame, isWritable);
  return mapFrames(space.kit, address & ~4095, frame, 1, rightsFor(mapping, isWritable)) ? 0 : -ENOMEM;
}

function note(space: AddressSpace, chunk: PageChunk, index: u64, frame: u32, isWritable: boolean): void {
  const bit: u64 = 1 << index;
  chunk.frames[index] = frame;
  chunk.present |= bit;
  chunk.readable |= bit;
  if (isWritable) chunk.writable |= bit;
  space.resident++;
}

/** The bits of the AROUND pages, in their natural alignment, that `address` is one of. */
function windowOf(address: u64): u64 {
  return 0xffff << (pageIndex(address) & ~(AROUND - 1));
}

/** Pages of a file as they are: the one at `address` and, for a read, those around it that are in memory. */
function bringInFile(
  space: AddressSpace,
  mapping: Mapping,
  inode: Inode,
  chunk: PageChunk,
  address: u64,
  isWrite: boolean,
): i64 {
  const isWritable = mapping.isShared && (mapping.protection & PROT_WRITE) !== 0;
  const wanted = pageIndex(address);
  const first: u64 = inode.page(mapping.fileIndex(address & ~4095), mapping.isShared);
  if (first === 0) {
    if (mapping.isShared) return -ENOMEM;
    return bringInZeros(space, mapping, chunk, address, false);
  }
  retainPage(first);
  note(space, chunk, wanted, first, isWritable);
  let added: u64 = 1 << wanted;
  if (!isWrite) added |= bringInAround(space, mapping, inode, chunk, address, isWritable);
  return mapRuns(space, mapping, chunk, added, 0) ? 0 : -ENOMEM;
}

/** Records what the file has around `address` and the space has not; gives the bits of those pages. */
function bringInAround(
  space: AddressSpace,
  mapping: Mapping,
  inode: Inode,
  chunk: PageChunk,
  address: u64,
  isWritable: boolean,
): u64 {
  let bits = windowOf(address) & pagesWithin(chunk.number, mapping.start, mapping.end) & ~chunk.present;
  const limit = (inode.size + 4095) >>> 12;
  let added: u64 = 0;
  while (bits !== 0) {
    const index = trailingZeros(bits);
    bits &= bits - 1;
    const filePage = mapping.fileIndex(chunk.start + (index << 12));
    if (filePage >= limit) break;
    const frame = inode.page(filePage, false);
    if (frame === 0) continue;
    retainPage(frame);
    note(space, chunk, index, frame, isWritable);
    added |= 1 << index;
  }
  return added;
}

/** Maps the pages in `bits`, which are present, one invocation for each run of neighbouring frames. */
function mapRuns(space: AddressSpace, mapping: Mapping, chunk: PageChunk, bits: u64, flags: u64): boolean {
  let left = bits;
  while (left !== 0) {
    const first = trailingZeros(left);
    const frame: u64 = chunk.frames[first];
    const writable: u64 = (chunk.writable >>> first) & 1;
    let count: u64 = 1;
    while (first + count < 64 && ((left >>> (first + count)) & 1) !== 0) {
      if ((chunk.frames[first + count] as u64) !== frame + count) break;
      if (((chunk.writable >>> (first + count)) & 1) !== writable) break;
      count++;
    }
    const rights = rightsFor(mapping, writable !== 0) | flags;
    if (!mapFrames(space.kit, chunk.start + (first << 12), frame, count, rights)) return false;
    left &= ~runOf(first, count);
  }
  return true;
}

/** `count` (1 to 64) set bits from bit `first` up. */
function runOf(first: u64, count: u64): u64 {
  return (ALL_PAGES >>> (64 - count)) << first;
}

/** A write to a page that is there for reading only: a copy of it, unless nobody else has it. */
function makeWritable(space: AddressSpace, mapping: Mapping, chunk: PageChunk, address: u64): i64 {
  const index = pageIndex(address);
  const frame = chunk.frames[index];
  let mine = frame;
  if (!mapping.isShared && pageReferences(frame) !== 1) {
    mine = frame === zeroPage ? allocatePage() : copyOfPage(frame);
    if (mine === 0) return -ENOMEM;
    chunk.frames[index] = mine;
  }
  const bit: u64 = 1 << index;
  chunk.writable |= bit;
  chunk.readable |= bit;
  const isMapped = mapFrames(space.kit, address & ~4095, mine, 1, rightsFor(mapping, true) | MapRights.Replace);
  if (mine !== frame) dropPage(frame);
  else if (!mapping.isShared) reclaim(space, mapping, chunk);
  return isMapped ? 0 : -ENOMEM;
}

/** Pages of a private writable mapping that only we still have (the other half of a fork is gone) are ours to write. */
function reclaim(space: AddressSpace, mapping: Mapping, chunk: PageChunk): void {
  let bits = chunk.readable & ~chunk.writable & pagesWithin(chunk.number, mapping.start, mapping.end);
  let ours: u64 = 0;
  while (bits !== 0) {
    const index = trailingZeros(bits);
    bits &= bits - 1;
    if (pageReferences(chunk.frames[index]) === 1) ours |= 1 << index;
  }
  chunk.writable |= ours;
  const rights = rightsFor(mapping, true);
  while (ours !== 0) {
    const first = trailingZeros(ours);
    const count = trailingZeros(~(ours >>> first));
    const start = chunk.start + (first << 12);
    protectPages(space.kit, start, start + (count << 12), rights);
    ours &= ~runOf(first, count);
  }
}
