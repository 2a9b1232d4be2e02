/**
 * RAM that is free to use: sorted, disjoint, page-aligned ranges. The loader's map is hostile input: entries may
 * overlap, wrap, be empty or come in any order; what any entry calls reserved is taken out whatever others say.
 */

/** [start, end), physical. */
export class MemoryRange {
  start!: u64;
  end!: u64;
}

export const MAXIMUM_RANGES = 128;
const PAGE: u64 = 4096;
/** Firmware's interrupt vectors and data area, and the page where a second processor starts: never handed out. */
const LOW_MEMORY_END: u64 = 0x10000;
/** One root entry's worth: what the direct map shows. */
const HIGHEST: u64 = 1 << 39;

const ranges: Fixed<Inline<MemoryRange>, 128> = reserve();
let rangeCount = 0;

/** How many ranges there are now. */
export function memoryRangeCount(): number {
  return rangeCount;
}

/** One of them, in ascending order. */
export function memoryRange(index: number): MemoryRange {
  return ranges[index];
}

/** Adds RAM, rounded inwards to pages. When there are too many ranges it is left out: less memory, no harm. */
export function addMemory(start: u64, bytes: u64): void {
  const limit = clampedEnd(start, bytes);
  let first = (clamp(start) + PAGE - 1) & ~(PAGE - 1);
  let last = limit & ~(PAGE - 1);
  if (first >= last) {
    return;
  }
  // Swallow every range that touches the new one.
  let index = 0;
  while (index < rangeCount) {
    const range = ranges[index];
    if (range.end < first || range.start > last) {
      index++;
      continue;
    }
    if (range.start < first) {
      first = range.start;
    }
    if (range.end > last) {
      last = range.end;
    }
    deleteRange(index);
  }
  insertRange(first, last);
}

/** Takes out what is reserved or in use, rounded outwards to pages. */
export function removeMemory(start: u64, bytes: u64): void {
  if (bytes === 0) {
    return;
  }
  const first = clamp(start) & ~(PAGE - 1);
  const last = (clampedEnd(start, bytes) + PAGE - 1) & ~(PAGE - 1);
  let index = 0;
  while (index < rangeCount) {
    const range = ranges[index];
    const rangeStart = range.start;
    const rangeEnd = range.end;
    if (rangeEnd <= first || rangeStart >= last) {
      index++;
      continue;
    }
    deleteRange(index);
    if (rangeStart < first) {
      insertRange(rangeStart, first);
      index++;
    }
    if (rangeEnd > last) {
      insertRange(last, rangeEnd);
      index++;
    }
  }
}

/** Takes out what must not be given away even where it is RAM. */
export function removeLowMemory(): void {
  removeMemory(0, LOW_MEMORY_END);
}

/** The bytes of all ranges. */
export function totalMemory(): u64 {
  let total: u64 = 0;
  for (let index = 0; index < rangeCount; index++) {
    total += ranges[index].end - ranges[index].start;
  }
  return total;
}

/** Whether any RAM lies in the range. */
export function hasMemory(start: u64, bytes: u64): boolean {
  for (let index = 0; index < rangeCount; index++) {
    if (ranges[index].start < start + bytes && ranges[index].end > start) {
      return true;
    }
  }
  return false;
}

/** Takes the highest page below `limit` for the kernel, 0 if there is none. */
export function takeBootPage(limit: u64): u64 {
  for (let index = rangeCount - 1; index >= 0; index--) {
    const range = ranges[index];
    if (range.start < limit) {
      const page = (range.end < limit ? range.end : limit) - PAGE;
      removeMemory(page, PAGE);
      return page;
    }
  }
  return 0;
}

function clamp(address: u64): u64 {
  return address < HIGHEST ? address : HIGHEST;
}

function clampedEnd(start: u64, bytes: u64): u64 {
  const end = start + bytes;
  return end < start ? HIGHEST : clamp(end);
}

function deleteRange(index: number): void {
  rangeCount--;
  for (let at = index; at < rangeCount; at++) {
    ranges[at].start = ranges[at + 1].start;
    ranges[at].end = ranges[at + 1].end;
  }
}

/** Puts a range that touches no other in its place. */
function insertRange(start: u64, end: u64): void {
  if (rangeCount === MAXIMUM_RANGES) {
    return;
  }
  let at = rangeCount;
  while (at > 0 && ranges[at - 1].start > start) {
    ranges[at].start = ranges[at - 1].start;
    ranges[at].end = ranges[at - 1].end;
    at--;
  }
  ranges[at].start = start;
  ranges[at].end = end;
  rangeCount++;
}
