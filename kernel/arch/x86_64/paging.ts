/**
 * Ranges of pages in an address space: map, protect, unmap, look up. Every function handles at most the pages it is
 * given, returns how many it did and says why it stopped in `pagingError`; what it did stays done, so the caller can
 * supply tables and go on. 2M entries are used where address, physical address and length allow, and split when a part
 * of one changes. The caller has checked that the range is the user's (its end is at most USER_END).
 */
import { MapRights } from '../../../lib/abi/rights.js';
import type { VSpace } from '../../object/vspace.js';
import { currentCpu } from './cpu.js';
import { kernelRoot } from './kernel-map.js';
import { directAddress, zeroPage } from './memory.js';
import {
  DIRECTORY_SPAN,
  flushRange,
  leafFlags,
  type PageTable,
  PTE_ADDRESS,
  PTE_LARGE,
  PTE_PRESENT,
  TABLE_FLAGS,
  tableAt,
} from './page-table.js';

/** Nothing is mapped at or above this: SYSRET to the first byte beyond 2^47 must be impossible (boot/leave.asm). */
export const USER_END: u64 = 0x7fff_ffff_f000;

export enum PagingResult {
  Done,
  NoTables,
  AlreadyMapped,
  NotMapped,
  NotAttached,
}

/** Why the last range function stopped. */
export let pagingError: PagingResult = PagingResult.Done;

export function setPagingError(result: PagingResult): void {
  pagingError = result;
}

/** Page-table pages that nobody uses: a list through their first words, by physical address; 0 ends it. */
export class TablePool {
  first!: u64;

  /** A zeroed table, or 0 (and `pagingError`) when there is none. */
  take(): u64 {
    const physical = this.first;
    if (physical === 0) {
      pagingError = PagingResult.NoTables;
      return 0;
    }
    this.first = tableAt(physical).entries[0];
    zeroPage(physical);
    return physical;
  }

  put(physical: u64): void {
    tableAt(physical).entries[0] = this.first;
    this.first = physical;
  }
}

/** The pool of the address space whose root table is at `root`. */
export function poolOf(root: u64): TablePool {
  return reference<VSpace>(directAddress(root)).pool;
}

/** Makes a zeroed page the root of an address space that has nothing but the kernel. */
export function initializeRoot(root: u64): void {
  zeroPage(root);
  const kernel = tableAt(kernelRoot());
  const table = tableAt(root);
  table.entries[256] = kernel.entries[256];
  table.entries[511] = kernel.entries[511];
}

/** If this CPU still has `root` loaded, it takes the kernel's own instead: the table is about to go. */
export function leaveAddressSpace(root: u64): void {
  const cpu = currentCpu();
  if (cpu.loadedRoot === root) {
    cpu.loadedRoot = kernelRoot();
    writeCr3(cpu.loadedRoot);
  }
}

/** Empties the user's half of a root table that is not loaded, and its pool. */
export function forgetTables(root: u64, pool: TablePool): void {
  const table = tableAt(root);
  for (let index: u64 = 0; index < 256; index++) {
    table.entries[index] = 0;
  }
  pool.first = 0;
}

/** The page directory that covers `address`, or null where there is none. */
export function findDirectory(root: u64, address: u64): PageTable | null {
  const rootEntry = tableAt(root).entries[(address >>> 39) & 511];
  if ((rootEntry & PTE_PRESENT) === 0) {
    return null;
  }
  const pointer = tableAt(rootEntry).entries[(address >>> 30) & 511];
  if ((pointer & PTE_PRESENT) === 0) {
    return null;
  }
  return tableAt(pointer);
}

/** The page directory that covers `address`, made from the pool where it is missing; null when the pool is empty. */
export function makeDirectory(root: u64, pool: TablePool, address: u64): PageTable | null {
  const pointers = makeTable(tableAt(root), (address >>> 39) & 511, pool);
  if (pointers === null) {
    return null;
  }
  return makeTable(pointers, (address >>> 30) & 511, pool);
}

/** The table that entry `index` points at, made from the pool if the entry is empty, split if it is a 2M page. */
export function makeTable(table: PageTable, index: u64, pool: TablePool): PageTable | null {
  const entry = table.entries[index];
  if ((entry & (PTE_PRESENT | PTE_LARGE)) === PTE_PRESENT) {
    return tableAt(entry);
  }
  const physical = pool.take();
  if (physical === 0) {
    return null;
  }
  const made = tableAt(physical);
  if ((entry & PTE_LARGE) !== 0) {
    const first = entry & ~PTE_LARGE;
    for (let page: u64 = 0; page < 512; page++) {
      made.entries[page] = first + (page << 12);
    }
  }
  table.entries[index] = physical | TABLE_FLAGS;
  return made;
}

/** Maps `pages` pages of physical memory. A present page stops it (AlreadyMapped) unless `rights` has Replace. */
export function mapRange(root: u64, pool: TablePool, address: u64, physical: u64, pages: u64, rights: u64): u64 {
  const leaf = leafFlags(rights);
  const replace = (rights & MapRights.Replace) !== 0;
  let done: u64 = 0;
  pagingError = PagingResult.Done;
  while (done < pages && pagingError === PagingResult.Done) {
    const at = address + (done << 12);
    const from = physical + (done << 12);
    const directory = makeDirectory(root, pool, at);
    if (directory === null) {
      break;
    }
    const index = (at >>> 21) & 511;
    const entry = directory.entries[index];
    if ((entry & PTE_PRESENT) === 0 && ((at | from) & (DIRECTORY_SPAN - 1)) === 0 && pages - done >= 512) {
      directory.entries[index] = from | leaf | PTE_LARGE;
      done += 512;
      continue;
    }
    if ((entry & PTE_LARGE) !== 0 && !replace) {
      pagingError = PagingResult.AlreadyMapped;
      break;
    }
    const table = makeTable(directory, index, pool);
    if (table === null) {
      break;
    }
    done += fillTable(table, (at >>> 12) & 511, from | leaf, pages - done, replace);
  }
  if (replace) {
    flushRange(root, address, done);
  }
  return done;
}

/** Writes up to `pages` leaves from `index` to the table's end; returns how many. */
function fillTable(table: PageTable, index: u64, leaf: u64, pages: u64, replace: boolean): u64 {
  const room = 512 - index;
  const count = pages < room ? pages : room;
  let entry = leaf;
  for (let page: u64 = 0; page < count; page++) {
    if (!replace && (table.entries[index + page] & PTE_PRESENT) !== 0) {
      pagingError = PagingResult.AlreadyMapped;
      return page;
    }
    table.entries[index + page] = entry;
    entry += 4096;
  }
  return count;
}

/** The pages from `address` to the end of its directory entry, but no more than `pages`. */
export function pagesInEntry(address: u64, pages: u64): u64 {
  const room = 512 - ((address >>> 12) & 511);
  return pages < room ? pages : room;
}

/** Removes what is mapped in the range; holes are fine. Tables stay with the address space. */
export function unmapRange(root: u64, address: u64, pages: u64): u64 {
  return changeRange(root, address, pages, 0);
}

/** Gives what is mapped in the range other rights; holes stay holes. */
export function protectRange(root: u64, address: u64, pages: u64, rights: u64): u64 {
  return changeRange(root, address, pages, leafFlags(rights));
}

/** Sets the flags of every present leaf in the range, or clears the leaf where `leaf` is 0. */
function changeRange(root: u64, address: u64, pages: u64, leaf: u64): u64 {
  let done: u64 = 0;
  pagingError = PagingResult.Done;
  while (done < pages) {
    const at = address + (done << 12);
    const count = pagesInEntry(at, pages - done);
    const directory = findDirectory(root, at);
    const index = (at >>> 21) & 511;
    if (directory === null || (directory.entries[index] & PTE_PRESENT) === 0) {
      done += count;
      continue;
    }
    const entry = directory.entries[index];
    if ((entry & PTE_LARGE) !== 0 && count === 512) {
      directory.entries[index] = leaf === 0 ? 0 : (entry & PTE_ADDRESS) | leaf | PTE_LARGE;
      done += count;
      continue;
    }
    const table = makeTable(directory, index, poolOf(root));
    if (table === null) {
      break;
    }
    const first = (at >>> 12) & 511;
    for (let page = first; page < first + count; page++) {
      const old = table.entries[page];
      if ((old & PTE_PRESENT) !== 0) {
        table.entries[page] = leaf === 0 ? 0 : (old & PTE_ADDRESS) | leaf;
      }
    }
    done += count;
  }
  flushRange(root, address, done);
  return done;
}

/** The leaf that maps the page at `address` as if all pages were 4K, or 0. */
export function lookupPage(root: u64, address: u64): u64 {
  const directory = findDirectory(root, address);
  if (directory === null) {
    return 0;
  }
  const entry = directory.entries[(address >>> 21) & 511];
  if ((entry & PTE_PRESENT) === 0) {
    return 0;
  }
  if ((entry & PTE_LARGE) !== 0) {
    return (entry & ~PTE_LARGE) + (address & (DIRECTORY_SPAN - 1) & PTE_ADDRESS);
  }
  const leaf = tableAt(entry).entries[(address >>> 12) & 511];
  return (leaf & PTE_PRESENT) !== 0 ? leaf : 0;
}
