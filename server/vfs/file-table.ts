/**
 * The descriptors of a process (open(2)): numbers to open files, lowest free number first, with a close-on-exec bit
 * each. Threads share it; fork copies it.
 *
 * Invariants: a bit in a chunk's `used` is set exactly where it holds a file; the table owns one reference to each. No
 * descriptor below `lowestFree` is free.
 */
import { EBADF, EMFILE } from '../linux/errno';
import { release } from '../memory/heap';
import type { Thread } from '../process/thread';
import { budget, spend } from '../wait/budget';
import type { File } from './file';
import { releaseOwnedLocks } from './locks';
import { reapTable } from './reaper';

const CHUNK_FILES: u64 = 64;
const CHUNK_COUNT: u64 = 64;
/** What closing a file takes of the budget, besides what depends on its kind. */
const CLOSING: i64 = 4;
const UNLOCKED_AT_ONCE: u64 = 1024;
/** Descriptors that a table can hold at all (Linux's fs.nr_open): as many as one slice can copy, close or poll. */
export const MAXIMUM_FILES: u64 = 4096;

class FileChunk {
  used!: u64;
  closeOnExec!: u64;
  files!: Fixed<File | null, 64>;
}

/** Chunks 1 and on, for processes with more than 64 descriptors. */
class ChunkDirectory {
  chunks!: Fixed<FileChunk | null, 64>;
}

export class FileTable {
  references!: u32;
  /** In the reaper's list. */
  nextReaped!: FileTable | null;
  lowestFree!: u64;
  /** One more than the highest chunk in use. */
  chunkCount!: u64;
  /** A record lock was ever set for this table: closing has to look for some. */
  hasLocked!: boolean;
  first!: Inline<FileChunk>;
  more!: ChunkDirectory | null;

  retain(): void {
    this.references += 1;
  }

  /** Closes everything when the last user is gone: what the budget does not cover, afterwards. */
  drop(): void {
    this.references -= 1;
    if (this.references !== 0) return;
    if (this.hasLocked) this.unlockAll();
    this.finish();
  }

  /** Who hears of the process's end may count on its record locks being gone, of this many descriptors at any rate. */
  private unlockAll(): void {
    let left: u64 = UNLOCKED_AT_ONCE;
    let descriptor = this.nextOpen(0);
    while (descriptor < MAXIMUM_FILES && left !== 0) {
      const file = this.get(descriptor);
      if (file !== null) this.unlock(file);
      descriptor = this.nextOpen(descriptor + 1);
      left -= 1;
    }
  }

  /** Closes the descriptors of a table that nobody uses, and frees it; or those that the budget covers, and the reaper
   * calls again. */
  finish(): void {
    let isBegun = false;
    for (let number: u64 = 0; number < this.chunkCount; number++) {
      const chunk = this.chunk(number);
      if (chunk === null || chunk.used === 0) continue;
      if (isBegun && budget <= 0) {
        reapTable(this);
        return;
      }
      isBegun = true;
      this.closeMany(chunk, chunk.used);
    }
    const more = this.more;
    if (more !== null) {
      for (let number: u64 = 1; number < this.chunkCount; number++) {
        const chunk = more.chunks[number];
        if (chunk !== null) release(addressOf(chunk));
      }
      release(addressOf(more));
    }
    release(addressOf(this));
  }

  /** The open file of a descriptor, not retained; null if there is none. Any number may be asked. */
  get(descriptor: u64): File | null {
    if (descriptor < CHUNK_FILES) return this.first.files[descriptor];
    if (descriptor >= MAXIMUM_FILES) return null;
    const chunk = this.chunk(descriptor >>> 6);
    return chunk === null ? null : chunk.files[descriptor & (CHUNK_FILES - 1)];
  }

  /**
   * Gives `file` the lowest free number that is at least `minimum` and below `limit`, taking over the caller's
   * reference; -EMFILE if there is none, and the reference stays the caller's.
   */
  install(file: File, minimum: u64, limit: u64, closeOnExec: boolean): i64 {
    const descriptor = this.findFree(minimum > this.lowestFree ? minimum : this.lowestFree);
    if (descriptor >= limit || descriptor >= MAXIMUM_FILES) return -EMFILE;
    this.put(descriptor, file, closeOnExec);
    if (minimum <= this.lowestFree) this.lowestFree = descriptor + 1;
    return descriptor as i64;
  }

  /** Makes `descriptor` (below MAXIMUM_FILES) refer to `file`, whose reference it takes; what it referred to is closed. */
  replace(thread: Thread, descriptor: u64, file: File, closeOnExec: boolean): void {
    if (this.get(descriptor) !== null) this.close(thread, descriptor);
    this.put(descriptor, file, closeOnExec);
  }

  close(thread: Thread, descriptor: u64): i64 {
    const file = this.get(descriptor);
    if (file === null) return -EBADF;
    const chunk = this.chunk(descriptor >>> 6);
    if (chunk !== null) this.clear(chunk, descriptor & (CHUNK_FILES - 1));
    if (descriptor < this.lowestFree) this.lowestFree = descriptor;
    file.closed(thread);
    this.letGo(file);
    return 0;
  }

  isCloseOnExec(descriptor: u64): boolean {
    const chunk = this.chunk(descriptor >>> 6);
    return chunk !== null && ((chunk.closeOnExec >>> (descriptor & 63)) & 1) !== 0;
  }

  setCloseOnExec(descriptor: u64, value: boolean): void {
    const chunk = this.chunk(descriptor >>> 6);
    if (chunk === null) return;
    const bit: u64 = (1 as u64) << (descriptor & 63);
    chunk.closeOnExec = value ? chunk.closeOnExec | bit : chunk.closeOnExec & ~bit;
  }

  /** The first open descriptor at or after `from`; MAXIMUM_FILES if there is none. */
  nextOpen(from: u64): u64 {
    let descriptor: u64 = from;
    while (descriptor < this.chunkCount << 6) {
      const chunk = this.chunk(descriptor >>> 6);
      const rest: u64 = chunk === null ? 0 : chunk.used >>> (descriptor & 63);
      if (rest !== 0) return descriptor + lowestBit(rest);
      descriptor = ((descriptor >>> 6) + 1) << 6;
    }
    return MAXIMUM_FILES;
  }

  /** A copy for a child: the same open files, under the same numbers (fork(2)). */
  clone(): FileTable {
    const copy = createFileTable();
    copy.lowestFree = this.lowestFree;
    for (let number: u64 = 0; number < this.chunkCount; number++) {
      const chunk = this.chunk(number);
      if (chunk === null || chunk.used === 0) continue;
      const other = copy.makeChunk(number);
      other.used = chunk.used;
      other.closeOnExec = chunk.closeOnExec;
      let rest: u64 = chunk.used;
      while (rest !== 0) {
        const index = lowestBit(rest);
        rest = rest & (rest - 1);
        const file = chunk.files[index];
        other.files[index] = file;
        if (file !== null) file.retain();
      }
    }
    return copy;
  }

  /** Closes what execve does not hand on. */
  closeOnExec(): void {
    let isBegun = false;
    let rest: FileTable | null = null;
    for (let number: u64 = 0; number < this.chunkCount; number++) {
      const chunk = this.chunk(number);
      if (chunk === null) continue;
      const marked: u64 = chunk.closeOnExec & chunk.used;
      if (marked === 0) continue;
      const lowest: u64 = (number << 6) + lowestBit(marked);
      if (lowest < this.lowestFree) this.lowestFree = lowest;
      if (isBegun && budget <= 0) {
        if (rest === null) rest = createFileTable();
        this.moveMany(number, marked, rest);
      } else this.closeMany(chunk, marked);
      isBegun = true;
    }
    if (rest !== null) reapTable(rest);
  }

  /** Moves descriptors to a table that the reaper closes. */
  private moveMany(number: u64, which: u64, to: FileTable): void {
    const chunk = this.chunk(number);
    if (chunk === null) return;
    const target = to.makeChunk(number);
    let left: u64 = which;
    while (left !== 0) {
      const index = lowestBit(left);
      left = left & (left - 1);
      const file = chunk.files[index];
      target.files[index] = file;
      this.clear(chunk, index);
      if (file !== null) this.unlock(file);
    }
    target.used = which;
  }

  private chunk(number: u64): FileChunk | null {
    if (number === 0) return this.first;
    const more = this.more;
    return more === null || number >= CHUNK_COUNT ? null : more.chunks[number];
  }

  private makeChunk(number: u64): FileChunk {
    if (this.chunkCount <= number) this.chunkCount = number + 1;
    if (number === 0) return this.first;
    let more = this.more;
    if (more === null) {
      more = new ChunkDirectory();
      this.more = more;
    }
    let chunk: FileChunk | null = more.chunks[number];
    if (chunk === null) {
      chunk = new FileChunk();
      more.chunks[number] = chunk;
    }
    return chunk;
  }

  private findFree(from: u64): u64 {
    let number: u64 = from >>> 6;
    let skipped: u64 = ((1 as u64) << (from & 63)) - 1;
    while (number < this.chunkCount) {
      const chunk = this.chunk(number);
      const taken: u64 = chunk === null ? skipped : chunk.used | skipped;
      if (~taken !== 0) return (number << 6) + lowestBit(~taken);
      number += 1;
      skipped = 0;
    }
    return from > number << 6 ? from : number << 6;
  }

  private put(descriptor: u64, file: File, closeOnExec: boolean): void {
    const chunk = this.makeChunk(descriptor >>> 6);
    const bit: u64 = (1 as u64) << (descriptor & 63);
    chunk.files[descriptor & 63] = file;
    chunk.used = chunk.used | bit;
    chunk.closeOnExec = closeOnExec ? chunk.closeOnExec | bit : chunk.closeOnExec & ~bit;
  }

  private clear(chunk: FileChunk, index: u64): void {
    const bit: u64 = (1 as u64) << index;
    chunk.files[index] = null;
    chunk.used = chunk.used & ~bit;
    chunk.closeOnExec = chunk.closeOnExec & ~bit;
  }

  private closeMany(chunk: FileChunk, which: u64): void {
    let rest: u64 = which;
    while (rest !== 0) {
      const index = lowestBit(rest);
      rest = rest & (rest - 1);
      const file = chunk.files[index];
      this.clear(chunk, index);
      if (file !== null) this.letGo(file);
    }
  }

  private letGo(file: File): void {
    spend(CLOSING);
    this.unlock(file);
    file.drop();
  }

  /** fcntl's record locks end with any close by their owner, which is the table (fcntl(2)). */
  private unlock(file: File): void {
    if (this.hasLocked && file.inode.locks !== null) releaseOwnedLocks(file.inode, addressOf(this));
  }
}

export function createFileTable(): FileTable {
  const table = new FileTable();
  table.references = 1;
  table.chunkCount = 1;
  return table;
}

/** The number of the lowest set bit of a word that is not zero. */
function lowestBit(word: u64): u64 {
  let rest: u64 = word;
  let number: u64 = 0;
  if ((rest & 0xffff_ffff) === 0) {
    rest = rest >>> 32;
    number += 32;
  }
  if ((rest & 0xffff) === 0) {
    rest = rest >>> 16;
    number += 16;
  }
  if ((rest & 0xff) === 0) {
    rest = rest >>> 8;
    number += 8;
  }
  if ((rest & 15) === 0) {
    rest = rest >>> 4;
    number += 4;
  }
  if ((rest & 3) === 0) {
    rest = rest >>> 2;
    number += 2;
  }
  return (rest & 1) === 0 ? number + 1 : number;
}
