/**
 * Whole address spaces: sharing a range with another one (fork), and taking out what lies in a range of physical memory
 * when its capability goes. Bounded like the functions of paging.ts.
 */
import { isAttached } from '../../object/attachment.js';
import { covers } from '../../object/attachment-index.js';
import type { VSpace } from '../../object/vspace.js';
import { physicalOf } from './memory.js';
import {
  DIRECTORY_SPAN,
  flushRange,
  type PageTable,
  POINTER_SPAN,
  PTE_ADDRESS,
  PTE_LARGE,
  PTE_PRESENT,
  ROOT_SPAN,
  restrictLeaf,
  tableAt,
} from './page-table.js';
import {
  findDirectory,
  leaveAddressSpace,
  makeDirectory,
  makeTable,
  PagingResult,
  pagesInEntry,
  pagingError,
  setPagingError,
  type TablePool,
} from './paging.js';

/** The end of what `unmapPhysical` scans: it returns this when it is finished. */
export const SCAN_END: u64 = 0x8000_0000_0000;

/**
 * Maps what `source` maps in the range into `destination` at the same addresses, with the rights of `childMask` at
 * most; `source` keeps those of `parentMask`. Stops at a page that `destination` has already or may not have.
 */
export function cloneRange(
  source: VSpace,
  destination: VSpace,
  address: u64,
  pages: u64,
  childMask: u64,
  parentMask: u64,
): u64 {
  const sourceRoot = physicalOf(addressOf(source));
  const destinationRoot = physicalOf(addressOf(destination));
  let done: u64 = 0;
  setPagingError(PagingResult.Done);
  while (done < pages && pagingError === PagingResult.Done) {
    const at = address + (done << 12);
    const count = pagesInEntry(at, pages - done);
    const from = findDirectory(sourceRoot, at);
    const index = (at >>> 21) & 511;
    if (from === null || (from.entries[index] & PTE_PRESENT) === 0) {
      done += count;
      continue;
    }
    const to = makeDirectory(destinationRoot, destination.pool, at);
    if (to === null) {
      break;
    }
    if ((from.entries[index] & PTE_LARGE) !== 0 && count === 512 && (to.entries[index] & PTE_PRESENT) === 0) {
      if (!isWholeAttached(destination, from.entries[index] & PTE_ADDRESS)) {
        setPagingError(PagingResult.NotAttached);
      } else if (cloneLeaf(destination, from, to, index, childMask, parentMask)) {
        done += count;
      }
      continue;
    }
    const sourceTable = makeTable(from, index, source.pool);
    if (sourceTable === null) {
      break;
    }
    const destinationTable = makeTable(to, index, destination.pool);
    if (destinationTable === null) {
      break;
    }
    const first = (at >>> 12) & 511;
    let page: u64 = 0;
    while (page < count && cloneLeaf(destination, sourceTable, destinationTable, first + page, childMask, parentMask)) {
      page++;
    }
    done += page;
  }
  flushRange(sourceRoot, address, done);
  return done;
}

/** Whether one attachment has all of the 2M page at `physical`. */
function isWholeAttached(space: VSpace, physical: u64): boolean {
  if (!isAttached(space, physical)) {
    return false;
  }
  const attachment = space.lastAttachment;
  return attachment !== null && covers(attachment, physical + DIRECTORY_SPAN - 4096);
}

/** One entry of cloneRange; false (and `pagingError`) when it may not be shared. An absent page is done at once. */
function cloneLeaf(
  destination: VSpace,
  from: PageTable,
  to: PageTable,
  index: u64,
  childMask: u64,
  parentMask: u64,
): boolean {
  const leaf = from.entries[index];
  if ((leaf & PTE_PRESENT) === 0) {
    return true;
  }
  if ((to.entries[index] & PTE_PRESENT) !== 0) {
    setPagingError(PagingResult.AlreadyMapped);
    return false;
  }
  if (!isAttached(destination, leaf & PTE_ADDRESS)) {
    setPagingError(PagingResult.NotAttached);
    return false;
  }
  to.entries[index] = restrictLeaf(leaf, childMask);
  from.entries[index] = restrictLeaf(leaf, parentMask);
  return true;
}

/**
 * Clears every leaf whose physical address is in [low, high), from `firstAddress` upwards, looking at no more than
 * about `budget` entries. Returns where to go on, SCAN_END when there is nothing left.
 */
export function unmapPhysical(root: u64, low: u64, high: u64, firstAddress: u64, budget: u64): u64 {
  let address = firstAddress;
  let left = budget;
  while (address < SCAN_END && left !== 0) {
    const table = leafTable(root, address);
    if (table === null) {
      left--;
      address = skipEntry(root, address, low, high);
      continue;
    }
    const first = (address >>> 12) & 511;
    const end = left < 512 - first ? first + left : 512;
    for (let page = first; page < end; page++) {
      clearIfWithin(table, page, low, high);
    }
    left -= end - first;
    address += (end - first) << 12;
  }
  flushRange(root, 0, SCAN_END >>> 12);
  return address;
}

/**
 * Clears every leaf in [first, first + size), an aligned span, whose physical address is in [low, low + size). A 2M
 * page there lies in the span as a whole or does not meet it.
 */
export function unmapWithin(root: u64, low: u64, first: u64, size: u64): void {
  const end = first + size;
  let address = first;
  while (address < end) {
    const table = leafTable(root, address);
    if (table === null) {
      address = skipEntry(root, address, low, low + size);
      continue;
    }
    const page = (address >>> 12) & 511;
    const count = pagesInEntry(address, (end - address) >>> 12);
    for (let index = page; index < page + count; index++) {
      clearIfWithin(table, index, low, low + size);
    }
    address += count << 12;
  }
  flushRange(root, first, size >>> 12);
}

/** The table of 4K leaves that covers `address`, or null where there is none. */
function leafTable(root: u64, address: u64): PageTable | null {
  const directory = findDirectory(root, address);
  if (directory === null) {
    return null;
  }
  const entry = directory.entries[(address >>> 21) & 511];
  return (entry & (PTE_PRESENT | PTE_LARGE)) === PTE_PRESENT ? tableAt(entry) : null;
}

/** Clears the 2M page at `address` if it is in the range; returns the address behind the entry that has no table. */
function skipEntry(root: u64, address: u64, low: u64, high: u64): u64 {
  const rootEntry = tableAt(root).entries[(address >>> 39) & 511];
  if ((rootEntry & PTE_PRESENT) === 0) {
    return nextEntry(address, ROOT_SPAN);
  }
  const pointer = tableAt(rootEntry).entries[(address >>> 30) & 511];
  if ((pointer & PTE_PRESENT) === 0) {
    return nextEntry(address, POINTER_SPAN);
  }
  clearIfWithin(tableAt(pointer), (address >>> 21) & 511, low, high);
  return nextEntry(address, DIRECTORY_SPAN);
}

function nextEntry(address: u64, span: u64): u64 {
  return (address & ~(span - 1)) + span;
}

function clearIfWithin(table: PageTable, index: u64, low: u64, high: u64): void {
  const entry = table.entries[index];
  const physical = entry & PTE_ADDRESS;
  if ((entry & PTE_PRESENT) !== 0 && physical >= low && physical < high) {
    table.entries[index] = 0;
  }
}

/**
 * Takes the table pages in [low, high) out of an address space: entries that point at them are cleared, tables below
 * them that lie elsewhere go back to the pool, and so does nothing of the range itself.
 */
export function removeTables(root: u64, low: u64, high: u64, pool: TablePool): void {
  leaveAddressSpace(root);
  const rootTable = tableAt(root);
  for (let slot: u64 = 0; slot < 256; slot++) {
    const rootEntry = rootTable.entries[slot];
    if ((rootEntry & PTE_PRESENT) === 0) {
      continue;
    }
    const goes = isWithin(rootEntry, low, high);
    const pointers = tableAt(rootEntry);
    for (let index: u64 = 0; index < 512; index++) {
      if ((pointers.entries[index] & PTE_PRESENT) !== 0) {
        removeDirectory(pointers, index, low, high, pool, goes);
      }
    }
    if (goes) {
      rootTable.entries[slot] = 0;
    }
  }
  removeFromPool(pool, low, high);
}

/** The part of removeTables for one pointer entry; `all`: the table it is in goes, so what is below goes too. */
function removeDirectory(pointers: PageTable, index: u64, low: u64, high: u64, pool: TablePool, all: boolean): void {
  const pointer = pointers.entries[index];
  const within = isWithin(pointer, low, high);
  const directory = tableAt(pointer);
  for (let slot: u64 = 0; slot < 512; slot++) {
    const entry = directory.entries[slot];
    if ((entry & (PTE_PRESENT | PTE_LARGE)) !== PTE_PRESENT) {
      continue;
    }
    const entryWithin = isWithin(entry, low, high);
    if (all || within || entryWithin) {
      directory.entries[slot] = 0;
      if (!entryWithin) {
        pool.put(entry & PTE_ADDRESS);
      }
    }
  }
  if (all || within) {
    pointers.entries[index] = 0;
    if (!within) {
      pool.put(pointer & PTE_ADDRESS);
    }
  }
}

function isWithin(entry: u64, low: u64, high: u64): boolean {
  const physical = entry & PTE_ADDRESS;
  return physical >= low && physical < high;
}

/** Drops the pool's own pages that lie in the range. */
function removeFromPool(pool: TablePool, low: u64, high: u64): void {
  let next = pool.first;
  pool.first = 0;
  while (next !== 0) {
    const physical = next;
    next = tableAt(physical).entries[0];
    if (!isWithin(physical, low, high)) {
      pool.put(physical);
    }
  }
}
