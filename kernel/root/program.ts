/**
 * The root task's address space: its program, stack, message page and boot information, and the page tables for them.
 */
import {
  BOOT_INFORMATION_ADDRESS,
  ROOT_STACK_BYTES,
  ROOT_STACK_TOP,
  ROOT_TABLES_SLOT,
  ROOT_UTCB_ADDRESS,
} from '../../lib/abi/boot-information.js';
import { ObjectKind, PAGE_BITS, PAGE_BYTES } from '../../lib/abi/object-kind.js';
import { MapRights, RIGHTS_ALL } from '../../lib/abi/rights.js';
import { mapRange, PagingResult, pagingError } from '../arch/x86_64/paging.js';
import { physicalOfObject } from '../object/arch/x86_64/objects.js';
import type { CNode } from '../object/cnode.js';
import { supplyTables } from '../object/tables.js';
import { makeMemoryCapability } from '../object/untyped.js';
import type { VSpace } from '../object/vspace.js';
import { panic } from '../panic.js';
import {
  checkElf,
  copySegment,
  SEGMENT_EXECUTE,
  SEGMENT_WRITE,
  segmentAddress,
  segmentBytes,
  segmentCount,
  segmentFlags,
} from './arch/x86_64/elf-image.js';
import { takeBlock } from './memory.js';

/** 16 tables: three for each of program, stack and information, and some to spare. */
const TABLES_BITS = 16;
const PAGE_MASK: u64 = PAGE_BYTES - 1;

/** Gives the empty `space` its first page tables, as a capability of the root task. */
export function supplyRootTables(space: VSpace, table: CNode): void {
  const slot = table.slots[ROOT_TABLES_SLOT];
  makeMemoryCapability(slot, ObjectKind.Tables, TABLES_BITS, takeBlock(TABLES_BITS), RIGHTS_ALL);
  supplyTables(space, slot);
}

/** Maps memory of the root task; what cannot be mapped at boot cannot be helped. */
function mapForRoot(space: VSpace, address: u64, physical: u64, bytes: u64, rights: u64): void {
  const pages = (bytes + PAGE_MASK) >>> PAGE_BITS;
  const done = mapRange(physicalOfObject(space), space.pool, address, physical, pages, rights);
  if (done !== pages || pagingError !== PagingResult.Done) {
    panic('the root task cannot be mapped');
  }
}

/** Loads the program: one block for its whole span, each segment mapped with its own rights. */
export function loadProgram(space: VSpace): void {
  checkElf();
  const count = segmentCount();
  let low: u64 = ROOT_STACK_TOP;
  let high: u64 = 0;
  for (let index: u64 = 0; index < count; index++) {
    const bytes = segmentBytes(index);
    const start = segmentAddress(index) & ~PAGE_MASK;
    const end = segmentAddress(index) + bytes;
    if (bytes !== 0 && start < low) {
      low = start;
    }
    if (bytes !== 0 && end > high) {
      high = end;
    }
  }
  if (high <= low || high > ROOT_STACK_TOP - ROOT_STACK_BYTES) {
    panic('the root task has no segments that can be loaded');
  }
  const block = takeBlock(blockBits(high - low));
  for (let index: u64 = 0; index < count; index++) {
    if (segmentBytes(index) !== 0) {
      loadSegment(space, index, block + segmentAddress(index) - low);
    }
  }
}

function loadSegment(space: VSpace, index: u64, physical: u64): void {
  const address = segmentAddress(index);
  const within = address & PAGE_MASK;
  const flags = segmentFlags(index);
  let rights: u64 = MapRights.Read;
  if ((flags & SEGMENT_WRITE) !== 0) {
    rights |= MapRights.Write;
  }
  if ((flags & SEGMENT_EXECUTE) !== 0) {
    rights |= MapRights.Execute;
  }
  copySegment(index, physical);
  mapForRoot(space, address - within, physical - within, segmentBytes(index) + within, rights);
}

/** log2 of the least block that holds `bytes`. */
export function blockBits(bytes: u64): u64 {
  let bits: u64 = PAGE_BITS;
  const one: u64 = 1;
  while (one << bits < bytes) {
    bits++;
  }
  return bits;
}

/** Maps the stack, and the pages for messages and boot information. */
export function mapFixedPages(space: VSpace, utcb: u64, information: u64): void {
  const stack = takeBlock(blockBits(ROOT_STACK_BYTES));
  const stackAddress = ROOT_STACK_TOP - ROOT_STACK_BYTES;
  mapForRoot(space, stackAddress, stack, ROOT_STACK_BYTES, MapRights.Read | MapRights.Write);
  mapForRoot(space, ROOT_UTCB_ADDRESS, utcb, PAGE_BYTES, MapRights.Read | MapRights.Write);
  mapForRoot(space, BOOT_INFORMATION_ADDRESS, information, PAGE_BYTES, MapRights.Read);
}
