/**
 * Memory for the root task: blocks taken from what the machine has, and all the rest as Untyped capabilities.
 */

import { BOOT_UNTYPED_LIMIT, type BootInformation, FIRST_UNTYPED_SLOT } from '../../lib/abi/boot-information.js';
import { ObjectKind, UNTYPED_MAX_BITS } from '../../lib/abi/object-kind.js';
import { RIGHTS_ALL } from '../../lib/abi/rights.js';
import { zeroMemory } from '../arch/x86_64/memory.js';
import { memoryRange, memoryRangeCount, removeMemory } from '../boot/memory-map.js';
import type { CNode } from '../object/cnode.js';
import { makeMemoryCapability } from '../object/untyped.js';
import { panic } from '../panic.js';

/** Blocks below this are handed out last: there is only so much room for Untyped. */
const SMALL_BITS: u64 = 16;
const LEAST_BITS: u64 = 12;

/** A cleared block of 2^bits bytes, aligned to its size, from the highest memory; 0 if there is none. */
export function findBlock(bits: u64): u64 {
  const one: u64 = 1;
  const bytes = one << bits;
  for (let index = memoryRangeCount() - 1; index >= 0; index--) {
    const range = memoryRange(index);
    const start = (range.end - bytes) & ~(bytes - 1);
    if (range.end >= bytes && start >= range.start) {
      removeMemory(start, bytes);
      return start;
    }
  }
  return 0;
}

/** The same for what the kernel cannot do without. */
export function takeBlock(bits: u64): u64 {
  const one: u64 = 1;
  const start = findBlock(bits);
  if (start === 0) {
    panic('too little memory for the root task');
  }
  zeroMemory(start, one << bits);
  return start;
}

/** The bits of the largest block that starts at `start` and ends at or before `end`. */
function largestBlock(start: u64, end: u64): u64 {
  let bits: u64 = start === 0 ? UNTYPED_MAX_BITS : trailingZeros(start);
  if (bits > UNTYPED_MAX_BITS) {
    bits = UNTYPED_MAX_BITS;
  }
  const fitting: u64 = 63 - leadingZeros(end - start);
  return bits < fitting ? bits : fitting;
}

/** Makes one Untyped of a block, if there is room for it. */
export function addUntyped(information: BootInformation, table: CNode, physical: u64, bits: u64): void {
  const one: u64 = 1;
  const index = information.untypedCount;
  if (index === BOOT_UNTYPED_LIMIT) {
    return;
  }
  makeMemoryCapability(table.slots[FIRST_UNTYPED_SLOT + index], ObjectKind.Untyped, bits, physical, RIGHTS_ALL);
  information.untyped[index].physical = physical;
  information.untyped[index].bits = bits;
  information.untypedCount = index + 1;
  information.untypedMemory += one << bits;
}

/** Turns all memory that is left into Untyped: large blocks first, so that a limit costs little. */
export function addAllUntyped(information: BootInformation, table: CNode): void {
  addBlocks(information, table, SMALL_BITS, UNTYPED_MAX_BITS);
  addBlocks(information, table, LEAST_BITS, SMALL_BITS - 1);
}

function addBlocks(information: BootInformation, table: CNode, least: u64, most: u64): void {
  const one: u64 = 1;
  const count = memoryRangeCount();
  for (let index = 0; index < count; index++) {
    const range = memoryRange(index);
    let start = range.start;
    while (start < range.end) {
      const bits = largestBlock(start, range.end);
      if (bits >= least && bits <= most) {
        addUntyped(information, table, start, bits);
      }
      start += one << bits;
    }
  }
}
