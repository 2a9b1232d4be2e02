/** Changing what may be done with mapped memory (mprotect(2)). */
import { protectPages } from '../kernel/vspace';
import { type AddressSpace } from './address-space';
import { rightsFor } from './fault';
import { type Mapping, PROT_WRITE } from './mapping';
import { CHUNK_BYTES, CHUNK_SHIFT, type PageChunk, pagesWithin } from './page-chunk';

/**
 * Gives all of `mapping` another protection: its pages get what they may have at once, a private page at most what it
 * had before (a write to it then faults and finds out whether the page is ours alone). The pages are visited, about
 * 20 instructions each, so the caller keeps `mapping` within a slice.
 */
export function protectMapping(space: AddressSpace, mapping: Mapping, protection: u64): void {
  space.uncount(mapping, mapping.pages);
  mapping.protection = protection;
  space.count(mapping, mapping.pages);
  let at = mapping.start;
  while (at < mapping.end) {
    const chunk: PageChunk | null = space.chunks.atLeast(at >>> CHUNK_SHIFT);
    if (chunk === null || chunk.start >= mapping.end) return;
    const bits = chunk.present & pagesWithin(chunk.number, mapping.start, mapping.end);
    if (bits !== 0) protectChunk(space, mapping, chunk, bits);
    at = chunk.start + CHUNK_BYTES;
  }
}

function protectChunk(space: AddressSpace, mapping: Mapping, chunk: PageChunk, bits: u64): void {
  const protection: u64 = mapping.protection;
  if (protection === 0) chunk.readable &= ~bits;
  else chunk.readable |= bits;
  if ((protection & PROT_WRITE) === 0) chunk.writable &= ~bits;
  else if (mapping.isShared) chunk.writable |= bits;
  const first = chunk.start + (trailingZeros(bits) << 12);
  const end = chunk.start + ((64 - leadingZeros(bits)) << 12);
  const writable = chunk.writable & bits;
  if (writable !== bits) protectPages(space.kit, first, end, rightsFor(mapping, false));
  let left = writable;
  while (left !== 0) {
    const low = trailingZeros(left);
    const count = trailingZeros(~(left >>> low));
    const start = chunk.start + (low << 12);
    protectPages(space.kit, start, start + (count << 12), rightsFor(mapping, true));
    left = low + count >= 64 ? 0 : left & ~((1 << (low + count)) - 1);
  }
}
