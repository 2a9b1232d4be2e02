/**
 * Regular files in memory (tmpfs(5)): page contents with holes, so that a sparse file takes what was written. Also the
 * unnamed files behind shared anonymous memory and memfd_create(2).
 *
 * Invariants: bytes of the last page beyond `size` are zero; frames past the end exist only while a cut is under way, or
 * where fallocate(2) put them; no mapping has pages past the end once a cut is through.
 */
import { fillMemory } from '../../../lib/arch/x86_64/bytes';
import { EFAULT, EFBIG, ENOSPC, ENXIO } from '../../linux/errno';
import { MAXIMUM_OFFSET } from '../../linux/file-constants';
import type { Buffer } from '../../memory/buffer';
import { addressOfPage } from '../../memory/pages';
import type { Thread } from '../../process/thread';
import { AGAIN, SLICE_PAGES } from '../../wait/outcome';
import type { Made } from '../made';
import { PageStore } from '../page-store';
import type { Path } from '../path';
import { reapFile } from '../reaper';
import { openRegular } from '../regular-file';
import { type Cut, cutPages, NO_PAGE } from './cut';
import { TmpfsInode } from './inode';

const PAGE_BYTES: u64 = 4096;
/** Pages that go with a file's last reference: a process may let go of thousands of files at once. */
const PAGES_AT_ONCE: u64 = 16;

export class TmpfsFile extends TmpfsInode {
  nextReaped!: TmpfsFile | null;
  store!: Inline<PageStore>;
  /** What is being taken out of it. */
  cut!: Cut | null;

  override read(buffer: Buffer, offset: u64): i64 {
    if (offset >= this.size) return 0;
    let left: u64 = this.size - offset;
    if (left > buffer.length) left = buffer.length;
    let at: u64 = offset;
    while (left !== 0) {
      const within: u64 = at & (PAGE_BYTES - 1);
      const count: u64 = left < PAGE_BYTES - within ? left : PAGE_BYTES - within;
      const frame = this.store.get(at >>> 12);
      const moved: u64 = frame === 0 ? buffer.fill(0, count) : buffer.put(addressOfPage(frame) + within, count);
      at += moved;
      left -= moved;
      if (moved !== count) return at === offset ? -EFAULT : ((at - offset) as i64);
    }
    return (at - offset) as i64;
  }

  override write(buffer: Buffer, offset: u64): i64 {
    let left: u64 = buffer.length;
    // Of a regular file, a write of nothing changes nothing, wherever it is (write(2)).
    if (left === 0) return 0;
    if (offset >= MAXIMUM_OFFSET) return -EFBIG;
    if (this.cut !== null) return AGAIN;
    if (left > MAXIMUM_OFFSET - offset) left = MAXIMUM_OFFSET - offset;
    let at: u64 = offset;
    while (left !== 0) {
      const within: u64 = at & (PAGE_BYTES - 1);
      const count: u64 = left < PAGE_BYTES - within ? left : PAGE_BYTES - within;
      const frame = this.page(at >>> 12, true);
      if (frame === 0) return at === offset ? -ENOSPC : this.wrote(offset, at);
      const moved: u64 = buffer.take(addressOfPage(frame) + within, count);
      at += moved;
      left -= moved;
      if (moved !== count) {
        this.clearBeyond(at);
        return at === offset ? -EFAULT : this.wrote(offset, at);
      }
    }
    return this.wrote(offset, at);
  }

  private wrote(offset: u64, end: u64): i64 {
    if (end > this.size) this.size = end;
    this.touchModified();
    return (end - offset) as i64;
  }

  /** A copy that broke off may have left bytes beyond the end in a page: they must read as zero. */
  private clearBeyond(end: u64): void {
    const bound: u64 = end > this.size ? end : this.size;
    const frame = this.store.get(bound >>> 12);
    const within: u64 = bound & (PAGE_BYTES - 1);
    if (frame !== 0) fillMemory(addressOfPage(frame) + within, 0, PAGE_BYTES - within);
  }

  override isMappable(): boolean {
    return true;
  }

  override page(index: u64, forWrite: boolean): u32 {
    if (!forWrite) return this.store.get(index);
    const before: u64 = this.store.count;
    const limit: u64 = this.fileSystem.pageLimit;
    const present = this.store.get(index);
    if (present !== 0) return present;
    if (limit !== 0 && this.fileSystem.pagesUsed >= limit) return 0;
    const frame = this.store.make(index);
    this.fileSystem.pagesUsed += this.store.count - before;
    return frame;
  }

  override truncate(thread: Thread, size: u64): i64 {
    if (size > MAXIMUM_OFFSET) return -EFBIG;
    if (this.cut !== null) return AGAIN;
    const first: u64 = (size + (PAGE_BYTES - 1)) >>> 12;
    if (size < this.size) {
      if ((size & (PAGE_BYTES - 1)) !== 0) this.zero(size, first << 12);
      this.size = size;
      // Afterwards the size is what was asked for: this is not done again.
      if (!cutPages(this, first, NO_PAGE)) return AGAIN;
    }
    // What fallocate(2) put beyond the end.
    if (!this.removePages(first, NO_PAGE, SLICE_PAGES * 4)) return AGAIN;
    this.size = size;
    this.touchModified();
    return 0;
  }

  /**
   * Makes a hole of the bytes from `start` to `end` (fallocate(2), FALLOC_FL_PUNCH_HOLE) in a file that is not being
   * cut. False: that goes on as a cut.
   */
  punch(start: u64, end: u64): boolean {
    const firstWhole: u64 = (start + (PAGE_BYTES - 1)) >>> 12;
    const lastWhole: u64 = end >>> 12;
    this.zero(start, end < firstWhole << 12 ? end : firstWhole << 12);
    if (lastWhole >= firstWhole) this.zero(lastWhole << 12, end);
    if (lastWhole <= firstWhole) return true;
    return cutPages(this, firstWhole, lastWhole);
  }

  /** Zeroes bytes within one page, if it is held. */
  private zero(start: u64, end: u64): void {
    if (start >= end) return;
    const frame = this.store.get(start >>> 12);
    if (frame !== 0) fillMemory(addressOfPage(frame) + (start & (PAGE_BYTES - 1)), 0, end - start);
  }

  /** Lets go of pages `first` to `end` (excluded); false when the slice ended before they were all gone. */
  removePages(first: u64, end: u64, limit: u64): boolean {
    const before: u64 = this.store.count;
    const done = this.store.removeBetween(first, end, limit);
    this.fileSystem.pagesUsed -= before - this.store.count;
    return done;
  }

  override open(thread: Thread, path: Path, flags: u32, made: Made): i64 {
    return openRegular(this, path, flags, made);
  }

  override nextData(offset: u64): i64 {
    if (offset >= this.size) return -ENXIO;
    const index: u64 = offset >>> 12;
    const held = this.store.nextHeld(index);
    if (held < 0 || (held as u64) << 12 >= this.size) return -ENXIO;
    return (held as u64) === index ? (offset as i64) : held << 12;
  }

  override nextHole(thread: Thread, offset: u64): i64 {
    if (offset >= this.size) return -ENXIO;
    const call = thread.call;
    const from: u64 = call.progress !== 0 ? call.progress : offset >>> 12;
    const gap = this.store.nextGap(from);
    if (gap << 12 >= this.size) return this.size as i64;
    if (this.store.get(gap) !== 0) {
      call.progress = gap;
      return AGAIN;
    }
    return (gap === offset >>> 12 ? offset : gap << 12) as i64;
  }

  override get blocks(): u64 {
    return this.store.count * 8;
  }

  /** A large file's frames go back in slices of their own: then only the reaper knows the inode. */
  override freed(): boolean {
    if (!this.removePages(0, NO_PAGE, PAGES_AT_ONCE)) {
      reapFile(this);
      return false;
    }
    this.forgetFileSystem();
    return true;
  }
}
