/** Moving pages to other addresses of the same space (mremap(2)). */
import { unmapPages } from '../kernel/vspace';
import type { AddressSpace } from './address-space';
import { CHUNK_BYTES, CHUNK_SHIFT, type PageChunk, pageIndex, pagesWithin } from './page-chunk';

/**
 * Moves the pages of [start, end) to `target` and on, where none are. Access goes with them; the processor's tables at
 * the new place are filled by faults. The caller keeps the range within a slice.
 */
export function movePages(space: AddressSpace, start: u64, end: u64, target: u64): void {
  let at = start;
  while (at < end) {
    const chunk: PageChunk | null = space.chunks.atLeast(at >>> CHUNK_SHIFT);
    if (chunk === null || chunk.start >= end) return;
    const mask = pagesWithin(chunk.number, start, end);
    let bits = chunk.present & mask;
    if (bits !== 0) {
      unmapPages(space.kit, chunk.start + (trailingZeros(bits) << 12), chunk.start + ((64 - leadingZeros(bits)) << 12));
    }
    while (bits !== 0) {
      const index = trailingZeros(bits);
      bits &= bits - 1;
      movePage(space, chunk, index, chunk.start + (index << 12) - start + target);
    }
    chunk.present &= ~mask;
    chunk.readable &= ~mask;
    chunk.writable &= ~mask;
    at = chunk.start + CHUNK_BYTES;
    if (chunk.present === 0) space.removeChunk(chunk);
  }
}

function movePage(space: AddressSpace, from: PageChunk, index: u64, address: u64): void {
  const to = space.makeChunk(address);
  const place = pageIndex(address);
  const bit: u64 = 1 << place;
  to.frames[place] = from.frames[index];
  to.present |= bit;
  if (((from.readable >>> index) & 1) !== 0) to.readable |= bit;
  if (((from.writable >>> index) & 1) !== 0) to.writable |= bit;
}
