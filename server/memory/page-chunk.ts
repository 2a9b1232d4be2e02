/**
 * The pages of an address space in 64 neighbouring places (256 KB): which are there, and what may be done with them at
 * once. Three bit sets make whole-range work a few instructions per page that is really there.
 *
 * Invariants: a bit in `readable` or `writable` implies `present`; the space holds one reference to each present frame;
 * a page is `writable` only if nobody else may see the write (it is ours alone, or shared by intention). The kernel's
 * page tables never allow more than these sets; they may allow less, and a fault then brings them up to date.
 */
export const CHUNK_SHIFT = 18;
export const CHUNK_PAGES = 64;
export const CHUNK_BYTES: u64 = 262144;
/** Every bit of a chunk's sets. */
export const ALL_PAGES: u64 = 0xffff_ffff_ffff_ffff;

export class PageChunk {
  /** Address >> 18. */
  number!: u64;
  present!: u64;
  readable!: u64;
  writable!: u64;
  frames!: Fixed<u32, 64>;

  get start(): u64 {
    return this.number << CHUNK_SHIFT;
  }
}

/** Where in its chunk the page of `address` is. */
export function pageIndex(address: u64): u64 {
  return (address >>> 12) & 63;
}

/** The bits of the pages that lie both in chunk `number` and in [start, end), which meet. */
export function pagesWithin(number: u64, start: u64, end: u64): u64 {
  const base = number << CHUNK_SHIFT;
  const first: u64 = start > base ? (start - base) >>> 12 : 0;
  const last: u64 = end - base < CHUNK_BYTES ? (end - base) >>> 12 : 64;
  return (ALL_PAGES >>> (64 - last)) & (ALL_PAGES << first);
}
