/**
 * Page-table memory: pages that an address space takes tables from as mappings need them. Once supplied, the memory
 * belongs to that address space until the Tables capability or the address space goes.
 */
import { PAGE_BITS, PAGE_BYTES } from '../../lib/abi/object-kind.js';
import type { Capability } from './capability.js';
import { attachToSpace, type VSpace } from './vspace.js';

/** Adds all pages of `tables`, which belong to no address space yet, to `space`'s pool. */
export function supplyTables(space: VSpace, tables: Capability): void {
  const one: u64 = 1;
  let page: u64 = one << (tables.bits - PAGE_BITS);
  while (page !== 0) {
    page--;
    space.pool.put(tables.base + page * PAGE_BYTES);
  }
  attachToSpace(space, tables);
}
