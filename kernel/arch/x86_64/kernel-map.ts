/**
 * The kernel's own address space: the image with W^X rights, the direct map of RAM, and device registers. Only what the
 * loader's memory map, the ACPI tables or the loader itself name is ever mapped. Table pages come from a reserve in the
 * image and, when that is used up, from RAM that is mapped already.
 */
import { hasMemory, type MemoryRange, takeBootPage } from '../../boot/memory-map.js';
import { panic } from '../../panic.js';
import { currentCpu } from './cpu.js';
import { features } from './cpu-features.js';
import { DIRECT_MAP, KERNEL_BASE, PAGE_SIZE, physicalOf, roundDown, roundUp, zeroPage } from './memory.js';
import {
  DIRECTORY_SPAN,
  type PageTable,
  POINTER_SPAN,
  PTE_ACCESSED,
  PTE_ADDRESS,
  PTE_DIRTY,
  PTE_GLOBAL,
  PTE_LARGE,
  PTE_NO_EXECUTE,
  PTE_PRESENT,
  PTE_UNCACHED,
  PTE_WRITABLE,
  PTE_WRITE_THROUGH,
  tableAt,
} from './page-table.js';

/** One root entry holds the direct map, so RAM and devices above this physical address stay unused. */
export const DIRECT_MAP_BYTES: u64 = 1 << 39;

const KERNEL_TABLE: u64 = PTE_PRESENT | PTE_WRITABLE;
const KERNEL_LEAF: u64 = PTE_PRESENT | PTE_GLOBAL | PTE_ACCESSED | PTE_DIRTY;
/** What is only read may become RAM later, so no translation of it may survive a write of CR3. */
const READ_LEAF: u64 = PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY;

let noExecute: u64 = 0;
let nextReserved: u64 = 0;
/** RAM below this is in the direct map, so that a table page may come from it. */
let mappedRamEnd: u64 = 0;

/** The physical address of the kernel's root table. */
export function kernelRoot(): u64 {
  return physicalOf(kernelRootTable());
}

/** A zeroed page for a table. The reserve is seen through the image, RAM through the direct map. */
function takeTable(): PageTable {
  if (nextReserved < tableReserveEnd()) {
    const address = nextReserved;
    nextReserved += PAGE_SIZE;
    fillWords(address, 0, 512);
    return reference<PageTable>(address);
  }
  const physical = takeBootPage(mappedRamEnd);
  if (physical === 0) {
    panic("No memory for the kernel's own page tables");
  }
  zeroPage(physical);
  return tableAt(physical);
}

/** The table behind an entry. Those of the image are needed before the direct map shows them. */
function tableBehind(entry: u64): PageTable {
  const physical = entry & PTE_ADDRESS;
  if (physical >= physicalOf(constantsEnd()) && physical < physicalOf(imageEnd())) {
    return reference<PageTable>(KERNEL_BASE + physical);
  }
  return tableAt(physical);
}

function descend(table: PageTable, index: u64): PageTable {
  const entry = table.entries[index];
  if ((entry & PTE_PRESENT) !== 0) {
    return tableBehind(entry);
  }
  const made = takeTable();
  table.entries[index] = physicalOf(addressOf(made)) | KERNEL_TABLE;
  return made;
}

/** Maps [physical, end) at `base` + physical with leaf bits `leaf`, in pages as large as fit. All are 4K multiples. */
function mapKernelRange(base: u64, physical: u64, end: u64, leaf: u64): void {
  const root = reference<PageTable>(kernelRootTable());
  let at = physical;
  while (at < end) {
    const address = base + at;
    const pointers = descend(root, (address >>> 39) & 511);
    const pointerIndex = (address >>> 30) & 511;
    if (features.page1G && canUse(pointers.entries[pointerIndex], at, end, POINTER_SPAN)) {
      pointers.entries[pointerIndex] = at | leaf | PTE_LARGE;
      at += POINTER_SPAN;
      continue;
    }
    const directory = descend(pointers, pointerIndex);
    const index = (address >>> 21) & 511;
    if (canUse(directory.entries[index], at, end, DIRECTORY_SPAN)) {
      directory.entries[index] = at | leaf | PTE_LARGE;
      at += DIRECTORY_SPAN;
      continue;
    }
    if ((directory.entries[index] & PTE_LARGE) === 0) {
      const table = descend(directory, index);
      const page = (address >>> 12) & 511;
      if ((leaf & PTE_WRITABLE) !== 0 || (table.entries[page] & PTE_WRITABLE) === 0) {
        table.entries[page] = at | leaf;
      }
    }
    at += PAGE_SIZE;
  }
}

/** Whether a large page may stand here. What is mapped in small ones stays so. */
function canUse(entry: u64, at: u64, end: u64, span: u64): boolean {
  return entry === 0 && (at & (span - 1)) === 0 && end - at >= span;
}

/**
 * Leaves the boot tables for ones in which text is executable, constants readable, data writable, each nothing more, and
 * in which the page below the boot stack is not mapped.
 */
export function protectImage(): void {
  noExecute = features.noExecute ? PTE_NO_EXECUTE : 0;
  nextReserved = tableReserve();
  const text = physicalOf(roundUp(textEnd(), PAGE_SIZE));
  const constants = physicalOf(roundUp(constantsEnd(), PAGE_SIZE));
  const guard = physicalOf(bootStackGuard());
  const data = KERNEL_LEAF | noExecute | PTE_WRITABLE;
  mapKernelRange(KERNEL_BASE, physicalOf(imageStart()), text, KERNEL_LEAF);
  mapKernelRange(KERNEL_BASE, text, constants, KERNEL_LEAF | noExecute);
  mapKernelRange(KERNEL_BASE, constants, guard, data);
  mapKernelRange(KERNEL_BASE, guard + PAGE_SIZE, physicalOf(imageEnd()), data);
  currentCpu().loadedRoot = kernelRoot();
  writeCr3(kernelRoot());
}

/** Whether a range is non-empty, does not wrap and lies where the direct map can show it. */
function isMappable(physical: u64, bytes: u64): boolean {
  return bytes !== 0 && bytes <= DIRECT_MAP_BYTES && physical < DIRECT_MAP_BYTES - bytes;
}

/** Makes a range that firmware or loader filled readable through the direct map; false if it cannot be. */
export function mapForReading(physical: u64, bytes: u64): boolean {
  if (!isMappable(physical, bytes)) {
    return false;
  }
  const leaf = READ_LEAF | noExecute;
  mapKernelRange(DIRECT_MAP, roundDown(physical, PAGE_SIZE), roundUp(physical + bytes, PAGE_SIZE), leaf);
  return true;
}

/** Makes device registers accessible, uncached, through the direct map; false if they cannot be, or are RAM. */
export function mapDevice(physical: u64, bytes: u64): boolean {
  if (!isMappable(physical, bytes) || hasMemory(physical, bytes)) {
    return false;
  }
  const leaf = KERNEL_LEAF | noExecute | PTE_WRITABLE | PTE_UNCACHED | PTE_WRITE_THROUGH;
  mapKernelRange(DIRECT_MAP, roundDown(physical, PAGE_SIZE), roundUp(physical + bytes, PAGE_SIZE), leaf);
  return true;
}

/** Puts a range of RAM into the direct map, without the pages that hold the image's text and constants. */
export function mapMemory(start: u64, end: u64): void {
  const readOnlyStart = physicalOf(imageStart());
  const readOnlyEnd = physicalOf(roundUp(constantsEnd(), PAGE_SIZE));
  const leaf = KERNEL_LEAF | noExecute | PTE_WRITABLE;
  mapKernelRange(DIRECT_MAP, start, end < readOnlyStart ? end : readOnlyStart, leaf);
  mapKernelRange(DIRECT_MAP, start > readOnlyEnd ? start : readOnlyEnd, end, leaf);
  mappedRamEnd = end;
}

/** All RAM is mapped: what the processor still remembers of read-only mappings of it must go. */
export function mapMemoryDone(): void {
  writeCr3(kernelRoot());
}

/** Where the image lies. */
export function imageRange(range: MemoryRange): void {
  range.start = physicalOf(imageStart());
  range.end = physicalOf(imageEnd());
}
