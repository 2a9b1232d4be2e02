/**
 * Taking pages and mappings out of an address space, in steps of bounded length: every function here returns how far it
 * came, and what lies below that is consistent, so that others may run between two steps.
 */
import { unmapPages } from '../kernel/vspace';
import { type AddressSpace, MMAP_TOP } from './address-space';
import { CHUNK_BYTES, CHUNK_SHIFT, type PageChunk, pagesWithin } from './page-chunk';
import { dropPage, isContents } from './pages';

/** Drops the pages of a chunk that are in `mask`; gives how many there were. The kernel's side is the caller's. */
function dropPages(space: AddressSpace, chunk: PageChunk, mask: u64): u64 {
  let bits = chunk.present & mask;
  const count = populationCount(bits);
  while (bits !== 0) {
    dropPage(chunk.frames[trailingZeros(bits)]);
    bits &= bits - 1;
  }
  chunk.present &= ~mask;
  chunk.readable &= ~mask;
  chunk.writable &= ~mask;
  space.resident -= count;
  return count;
}

/**
 * Drops the pages between two page addresses, about `budget` of them. Returns `end`, or the address to go on from. The
 * kernel is asked once for each run of neighbouring chunks.
 */
export function removePages(space: AddressSpace, start: u64, end: u64, budget: u64): u64 {
  let left: i64 = budget as i64;
  let runStart: u64 = 0;
  let runEnd: u64 = 0;
  let at = start;
  while (at < end) {
    const chunk: PageChunk | null = space.chunks.atLeast(at >>> CHUNK_SHIFT);
    if (chunk === null || chunk.start >= end) {
      at = end;
      break;
    }
    if (left <= 0) break;
    const base = chunk.start;
    const mask = pagesWithin(chunk.number, at > base ? at : base, end);
    const bits = chunk.present & mask;
    if (bits !== 0) {
      const first = base + (trailingZeros(bits) << 12);
      if (runEnd === 0) runStart = first;
      else if (runEnd + CHUNK_BYTES < first) {
        unmapPages(space.kit, runStart, runEnd);
        runStart = first;
      }
      // The kernel goes through the gap between the two runs too, page by page.
      else left -= ((first - runEnd) >>> 11) as i64;
      runEnd = base + ((64 - leadingZeros(bits)) << 12);
    }
    left -= (dropPages(space, chunk, mask) as i64) + 4;
    at = base + CHUNK_BYTES;
    if (chunk.present === 0) space.removeChunk(chunk);
  }
  if (runEnd !== 0) unmapPages(space.kit, runStart, runEnd);
  return at < end ? at : end;
}

/**
 * Drops those pages between two page addresses that are a file's own, not private copies, looking at about `budget`
 * pages. Returns `end`, or the address to go on from.
 */
export function removeFilePages(space: AddressSpace, start: u64, end: u64, budget: u64): u64 {
  let left: i64 = budget as i64;
  let at = start;
  while (at < end) {
    const chunk: PageChunk | null = space.chunks.atLeast(at >>> CHUNK_SHIFT);
    if (chunk === null || chunk.start >= end) return end;
    if (left <= 0) return at;
    const base = chunk.start;
    const present = chunk.present & pagesWithin(chunk.number, at > base ? at : base, end);
    const bits = contentsOf(chunk, present);
    if (bits !== 0) {
      unmapPages(space.kit, base + (trailingZeros(bits) << 12), base + ((64 - leadingZeros(bits)) << 12));
      dropPages(space, chunk, bits);
    }
    left -= (populationCount(present) as i64) + 4;
    at = base + CHUNK_BYTES;
    if (chunk.present === 0) space.removeChunk(chunk);
  }
  return end;
}

/** Which of the pages in `mask`, which are present, are a file's own. */
function contentsOf(chunk: PageChunk, mask: u64): u64 {
  let left = mask;
  let found: u64 = 0;
  while (left !== 0) {
    const index = trailingZeros(left);
    left &= left - 1;
    if (isContents(chunk.frames[index])) found |= 1 << index;
  }
  return found;
}

/**
 * Unmaps [start, end): pages and mappings. Returns `end`, or the address to go on from, having done about `budget`
 * pages. Mappings that reach over an edge are cut there.
 */
export function unmapRange(space: AddressSpace, start: u64, end: u64, budget: u64): u64 {
  let at = start;
  let left: i64 = budget as i64;
  while (left > 0) {
    let mapping = space.findFrom(at);
    if (mapping === null || mapping.start >= end) return end;
    if (mapping.start < at) mapping = space.split(mapping, at);
    if (mapping.end > end) space.split(mapping, end);
    const before = space.resident;
    const reached = removePages(space, mapping.start, mapping.end, left as u64);
    const isSliced = reached < mapping.end;
    if (isSliced) space.split(mapping, reached);
    at = mapping.end;
    // The last mapping of a file may take pages of the file along.
    left -= ((before - space.resident) as i64) + (mapping.inode === null ? 24 : 64);
    if (at > space.searchTop && at <= MMAP_TOP) space.searchTop = at;
    space.remove(mapping);
    if (isSliced) break;
  }
  return at < end && space.findFrom(at) !== null ? at : end;
}
