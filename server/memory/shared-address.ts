/** What a word of shared memory is known by, whoever maps it where (futex(2), "Private futexes"). */
import type { AddressSpace } from './address-space';
import { reachForRead } from './copy';
import { pageIndex } from './page-chunk';

/** The physical address of the word at `address` if its mapping is shared, else 0. Brings the page in. */
export function sharedAddress(space: AddressSpace, address: u64): u64 {
  const mapping = space.find(address);
  if (mapping === null || !mapping.isShared || reachForRead(space, address) === 0) return 0;
  const chunk = space.chunkAt(address);
  if (chunk === null) return 0;
  return ((chunk.frames[pageIndex(address)] as u64) << 12) + (address & 4095);
}
