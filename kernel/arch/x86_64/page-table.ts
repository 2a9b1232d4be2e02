/**
 * The format of page tables (SDM 3A 4.5, 4-level paging) and the flush rules. Portable names for rights are in
 * lib/abi/rights.ts; only this folder knows the bits.
 */
import { MapRights } from '../../../lib/abi/rights.js';
import { currentCpu } from './cpu.js';
import { features } from './cpu-features.js';
import { directAddress } from './memory.js';

export const PTE_PRESENT: u64 = 1 << 0;
export const PTE_WRITABLE: u64 = 1 << 1;
export const PTE_USER: u64 = 1 << 2;
export const PTE_WRITE_THROUGH: u64 = 1 << 3;
export const PTE_UNCACHED: u64 = 1 << 4;
export const PTE_ACCESSED: u64 = 1 << 5;
export const PTE_DIRTY: u64 = 1 << 6;
/** In a directory or pointer table: the entry is a 2M or 1G page. */
export const PTE_LARGE: u64 = 1 << 7;
export const PTE_GLOBAL: u64 = 1 << 8;
export const PTE_NO_EXECUTE: u64 = 1 << 63;
export const PTE_ADDRESS: u64 = 0x000f_ffff_ffff_f000;

/** Bytes that one entry of each level spans. */
export const DIRECTORY_SPAN: u64 = 1 << 21;
export const POINTER_SPAN: u64 = 1 << 30;
export const ROOT_SPAN: u64 = 1 << 39;

/** Table entries point at tables that a server may write and execute through; the leaf decides. */
export const TABLE_FLAGS: u64 = PTE_PRESENT | PTE_WRITABLE | PTE_USER;

/** One table of any level: a page. */
export class PageTable {
  entries!: Fixed<u64, 512>;
}

/** The table at a physical address, or the one an entry points at. */
export function tableAt(physical: u64): PageTable {
  return reference<PageTable>(directAddress(physical & PTE_ADDRESS));
}

/**
 * The leaf bits for rights of lib/abi/rights.ts. What is present can be read by those it belongs to, so a page without
 * any right is the supervisor's. Accessed and dirty are set at once: nothing here reads them.
 */
export function leafFlags(rights: u64): u64 {
  let flags = PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY;
  if ((rights & (MapRights.Read | MapRights.Write | MapRights.Execute)) !== 0) {
    flags |= PTE_USER;
  }
  if ((rights & MapRights.Write) !== 0) {
    flags |= PTE_WRITABLE;
  }
  if ((rights & MapRights.Execute) === 0 && features.noExecute) {
    flags |= PTE_NO_EXECUTE;
  }
  if ((rights & MapRights.Uncached) !== 0) {
    flags |= PTE_UNCACHED | PTE_WRITE_THROUGH;
  }
  return flags;
}

/** `entry` without the rights that `mask` does not have; 0 when it may not even be read. */
export function restrictLeaf(entry: u64, mask: u64): u64 {
  if ((mask & MapRights.Read) === 0) {
    return 0;
  }
  let restricted = entry;
  if ((mask & MapRights.Write) === 0) {
    restricted &= ~PTE_WRITABLE;
  }
  if ((mask & MapRights.Execute) === 0 && features.noExecute) {
    restricted |= PTE_NO_EXECUTE;
  }
  return restricted;
}

/** Beyond this many pages, reloading CR3 is cheaper than INVLPG for each. */
const FLUSH_ONE_BY_ONE: u64 = 32;

/** Makes this CPU forget translations of `pages` pages at `address`, if `root` is loaded. Others are never cached. */
export function flushRange(root: u64, address: u64, pages: u64): void {
  if (currentCpu().loadedRoot !== root) {
    return;
  }
  if (pages > FLUSH_ONE_BY_ONE) {
    writeCr3(root);
    return;
  }
  for (let page: u64 = 0; page < pages; page++) {
    invalidatePage(address + (page << 12));
  }
}
