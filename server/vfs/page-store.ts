/**
 * The contents of a file in memory: frames by page number, with holes. The first page stands in the store itself, since
 * most files are small; the rest are in chunks of 64 frames in an ordered map, so a sparse file costs what it holds.
 *
 * The store owns one reference to each frame.
 */
import { OrderedMap } from '../../lib/ordered-map';
import { release } from '../memory/heap';
import { allocatePage, dropPage, markContents } from '../memory/pages';

const CHUNK_BITS: u64 = 6;
const CHUNK_PAGES: u64 = 64;
/** How many pages letting go of a chunk counts for, and how many full chunks one search for a hole passes. */
const CHUNK_COST: i64 = 16;
const SEARCH_CHUNKS: u64 = 2048;

class PageChunk {
  number!: u64;
  used!: u32;
  frames!: Fixed<u32, 64>;
}

export class PageStore {
  firstFrame!: u32;
  /** The chunk that was used last: files are mostly read in order. */
  recent!: PageChunk | null;
  /** Frames held. */
  count!: u64;
  chunks!: Inline<OrderedMap<PageChunk>>;

  /** The frame of page `index`, 0 for a hole. */
  get(index: u64): u32 {
    if (index === 0) return this.firstFrame;
    const chunk = this.chunkOf(index >>> CHUNK_BITS);
    return chunk === null ? 0 : chunk.frames[index & (CHUNK_PAGES - 1)];
  }

  /** The frame of page `index`, made (zeroed) if there was none; 0 when memory is out. */
  make(index: u64): u32 {
    const present = this.get(index);
    if (present !== 0) return present;
    const frame = allocatePage();
    if (frame === 0) return 0;
    markContents(frame);
    this.count += 1;
    if (index === 0) {
      this.firstFrame = frame;
      return frame;
    }
    const number: u64 = index >>> CHUNK_BITS;
    let chunk = this.chunkOf(number);
    if (chunk === null) {
      chunk = new PageChunk();
      chunk.number = number;
      this.chunks.set(number, chunk);
      this.recent = chunk;
    }
    chunk.frames[index & (CHUNK_PAGES - 1)] = frame;
    chunk.used += 1;
    return frame;
  }

  /** Lets go of pages `start` to `end` (excluded), about `limit` of them; true when none are left there. */
  removeBetween(start: u64, end: u64, limit: u64): boolean {
    if (start === 0 && end > 0 && this.firstFrame !== 0) {
      dropPage(this.firstFrame);
      this.firstFrame = 0;
      this.count -= 1;
    }
    let left: i64 = limit as i64;
    let from: u64 = start;
    while (from < end) {
      const chunk: PageChunk | null = this.chunks.atLeast(from >>> CHUNK_BITS);
      if (chunk === null) return true;
      const base: u64 = chunk.number << CHUNK_BITS;
      if (base >= end) return true;
      let index: u64 = from > base ? from - base : 0;
      const stop: u64 = end - base < CHUNK_PAGES ? end - base : CHUNK_PAGES;
      while (index < stop && chunk.used !== 0) {
        const frame = chunk.frames[index];
        if (frame !== 0) {
          if (left <= 0) return false;
          dropPage(frame);
          chunk.frames[index] = 0;
          chunk.used -= 1;
          this.count -= 1;
          left -= 1;
        }
        index += 1;
      }
      from = base + CHUNK_PAGES;
      if (chunk.used === 0) {
        this.forget(chunk);
        left -= CHUNK_COST;
      }
    }
    return true;
  }

  /** The first page at or after `index` that is held; -1 if there is none (lseek(2), SEEK_DATA). */
  nextHeld(index: u64): i64 {
    if (index === 0 && this.firstFrame !== 0) return 0;
    let from: u64 = index;
    while (true) {
      const chunk: PageChunk | null = this.chunks.atLeast(from >>> CHUNK_BITS);
      if (chunk === null) return -1;
      const base: u64 = chunk.number << CHUNK_BITS;
      let offset: u64 = from > base ? from - base : 0;
      while (offset < CHUNK_PAGES) {
        if (chunk.frames[offset] !== 0) return (base + offset) as i64;
        offset += 1;
      }
      from = base + CHUNK_PAGES;
    }
  }

  /** The first page at or after `index` that is not held, or one up to which all are: a long search goes on from there. */
  nextGap(index: u64): u64 {
    if (index === 0 && this.firstFrame === 0) return 0;
    let page: u64 = index === 0 ? 1 : index;
    for (let left: u64 = SEARCH_CHUNKS; left !== 0; left -= 1) {
      const chunk = this.chunkOf(page >>> CHUNK_BITS);
      if (chunk === null) return page;
      const end: u64 = (page | (CHUNK_PAGES - 1)) + 1;
      if (chunk.used === CHUNK_PAGES) page = end;
      while (page < end && chunk.frames[page & (CHUNK_PAGES - 1)] !== 0) page += 1;
      if (page < end) return page;
    }
    return page;
  }

  private chunkOf(number: u64): PageChunk | null {
    const recent = this.recent;
    if (recent !== null && recent.number === number) return recent;
    const chunk = this.chunks.get(number);
    if (chunk !== null) this.recent = chunk;
    return chunk;
  }

  private forget(chunk: PageChunk): void {
    if (this.recent === chunk) this.recent = null;
    this.chunks.delete(chunk.number);
    release(addressOf(chunk));
  }
}
