/**
 * Pipes (pipe(7)): a ring of pages between readers and writers. Writes of at most PIPE_BUF bytes happen as a whole or
 * not at all; an empty pipe starts over at its first page, so a quiet one holds a single frame.
 *
 * Invariants: `tail - head` bytes lie in the ring, at most `capacity`, which is a power of two of pages; a page of the
 * ring has a frame if it holds a byte, and never bytes of two rounds. Each open end counts once; the last one frees the pipe.
 */
import { EAGAIN, EBUSY, EFAULT, EINVAL, ENOMEM, ENOTTY, EPERM, EPIPE, ERESTARTSYS } from '../linux/errno';
import { POLL_READABLE, POLL_WRITABLE, POLLERR, POLLHUP } from '../linux/file-constants';
import type { Buffer } from '../memory/buffer';
import { release } from '../memory/heap';
import { addressOfPage, allocatePage, dropPage } from '../memory/pages';
import { writeWord32 } from '../memory/user-words';
import type { Thread } from '../process/thread';
import { SIGPIPE } from '../signal/numbers';
import { raise } from '../signal/send';
import { spend } from '../wait/budget';
import { block, enlist, WaitQueue, wakeAll } from '../wait/wait-queue';
import { forgetWatches } from './epoll';
import { File } from './file';
import type { Inode } from './inode';
import type { Text } from './text';

export const PIPE_BUF: u64 = 4096;
const PAGE_BYTES: u64 = 4096;
const DEFAULT_CAPACITY: u64 = 65536;
/** What an unprivileged process may ask for (/proc/sys/fs/pipe-max-size), and the most a ring can have. */
export const MAXIMUM_CAPACITY: u64 = 1048576;
const FIONREAD: u32 = 0x541b;

export class PipeState {
  readers!: u32;
  writers!: u32;
  /** How often an end was opened: what a waiting open of the other end looks for (fifo(7)). */
  readerOpens!: u64;
  writerOpens!: u64;
  head!: u64;
  tail!: u64;
  capacity!: u64;
  readable!: Inline<WaitQueue>;
  writable!: Inline<WaitQueue>;
  opened!: Inline<WaitQueue>;
  frames!: Fixed<u32, 256>;

  get used(): u64 {
    return this.tail - this.head;
  }

  /** Room counts in whole pages, as on Linux: what was read of the first page does not make any until all of it was. */
  get free(): u64 {
    return (this.head & ~(PAGE_BYTES - 1)) + this.capacity - this.tail;
  }

  private slot(position: u64): u64 {
    return (position >>> 12) & ((this.capacity >>> 12) - 1);
  }

  /** Moves what there is, at most `buffer.length`; fewer than promised means the client's memory ended. */
  take(buffer: Buffer): u64 {
    let total: u64 = 0;
    while (buffer.length !== 0 && this.head !== this.tail) {
      const within: u64 = this.head & (PAGE_BYTES - 1);
      let count: u64 = PAGE_BYTES - within;
      if (count > this.tail - this.head) count = this.tail - this.head;
      if (count > buffer.length) count = buffer.length;
      const slot = this.slot(this.head);
      const moved: u64 = buffer.put(addressOfPage(this.frames[slot]) + within, count);
      this.head += moved;
      total += moved;
      if (moved !== 0 && (this.head & (PAGE_BYTES - 1)) === 0) this.empty(slot);
      if (moved !== count) break;
    }
    if (this.head === this.tail) this.restart();
    return total;
  }

  /** Takes in at most `limit` bytes, for which the caller saw room; fewer: client memory or ours ended. */
  add(buffer: Buffer, limit: u64): u64 {
    let total: u64 = 0;
    while (total < limit) {
      const within: u64 = this.tail & (PAGE_BYTES - 1);
      const slot = this.slot(this.tail);
      if (this.frames[slot] === 0) this.frames[slot] = allocatePage();
      if (this.frames[slot] === 0) break;
      let count: u64 = PAGE_BYTES - within;
      if (count > limit - total) count = limit - total;
      const moved: u64 = buffer.take(addressOfPage(this.frames[slot]) + within, count);
      this.tail += moved;
      total += moved;
      if (moved !== count) break;
    }
    return total;
  }

  private empty(slot: u64): void {
    dropPage(this.frames[slot]);
    this.frames[slot] = 0;
  }

  /** An empty pipe begins again in slot 0, with the frame it has. */
  private restart(): void {
    const slot = this.slot(this.head);
    const frame = this.frames[slot];
    this.frames[slot] = 0;
    if (this.frames[0] === 0) this.frames[0] = frame;
    else if (frame !== 0) dropPage(frame);
    this.head = 0;
    this.tail = 0;
  }

  /** F_SETPIPE_SZ (fcntl(2)): the new capacity, or a negated errno. */
  resize(wanted: u64, isPrivileged: boolean): i64 {
    let capacity: u64 = PAGE_BYTES;
    while (capacity < wanted && capacity <= MAXIMUM_CAPACITY) capacity = capacity << 1;
    if (wanted > 0x8000_0000) return -EINVAL;
    if (capacity > MAXIMUM_CAPACITY) return isPrivileged ? -ENOMEM : -EPERM;
    const firstPage: u64 = this.head >>> 12;
    const endPage: u64 = (this.tail + (PAGE_BYTES - 1)) >>> 12;
    if (endPage - firstPage > capacity >>> 12) return -EBUSY;
    let count: u64 = 0;
    for (let page: u64 = firstPage; page < endPage; page++) {
      const slot = this.slot(page << 12);
      movedFrames[count] = this.frames[slot];
      this.frames[slot] = 0;
      count += 1;
    }
    for (let slot: u64 = 0; slot < this.capacity >>> 12; slot++) {
      if (this.frames[slot] !== 0) this.empty(slot);
    }
    this.capacity = capacity;
    this.tail -= firstPage << 12;
    this.head -= firstPage << 12;
    for (let page: u64 = 0; page < count; page++) this.frames[page] = movedFrames[page];
    wakeAll(this.writable);
    return capacity as i64;
  }

  /** False: some still wait, and will be woken later. */
  wakeEverybody(): boolean {
    wakeAll(this.readable);
    wakeAll(this.writable);
    wakeAll(this.opened);
    return this.readable.isEmpty && this.writable.isEmpty && this.opened.isEmpty;
  }

  /** Frees an end; the pipe itself goes with its last one. */
  close(isReader: boolean, isWriter: boolean): void {
    if (isReader) this.readers -= 1;
    if (isWriter) this.writers -= 1;
    this.wakeEverybody();
    if (this.readers !== 0 || this.writers !== 0) return;
    spend((this.capacity >>> 13) as i64);
    for (let slot: u64 = 0; slot < this.capacity >>> 12; slot++) {
      if (this.frames[slot] !== 0) this.empty(slot);
    }
    release(addressOf(this));
  }
}

const movedFrames: Fixed<u32, 256> = reserve();

export function createPipe(): PipeState {
  const pipe = new PipeState();
  pipe.capacity = DEFAULT_CAPACITY;
  return pipe;
}

/** One end of a pipe or FIFO; a FIFO opened for both is both. */
export class PipeFile extends File {
  pipe!: PipeState;
  isReader!: boolean;
  isWriter!: boolean;
  /** The count of the other end's openings when this one was opened. */
  seenOpens!: u64;

  attach(pipe: PipeState): void {
    this.pipe = pipe;
    this.isReader = this.readable;
    this.isWriter = this.writable;
    this.seenOpens = this.isReader ? pipe.writerOpens : pipe.readerOpens;
    if (this.isReader) {
      pipe.readers += 1;
      pipe.readerOpens += 1;
    }
    if (this.isWriter) {
      pipe.writers += 1;
      pipe.writerOpens += 1;
    }
  }

  override isStream(): boolean {
    return true;
  }

  override read(thread: Thread, buffer: Buffer, offset: i64): i64 {
    const pipe = this.pipe;
    if (buffer.length === 0) return 0;
    if (pipe.head === pipe.tail) {
      if (pipe.writers === 0) return 0;
      if (this.isNonBlocking) return -EAGAIN;
      if (thread.hasSignal()) return -ERESTARTSYS;
      return block(thread, pipe.readable);
    }
    const moved = pipe.take(buffer);
    if (moved === 0) return -EFAULT;
    if (!pipe.writable.isEmpty && (pipe.free >= PIPE_BUF || pipe.used === 0)) wakeAll(pipe.writable);
    return moved as i64;
  }

  override write(thread: Thread, buffer: Buffer, offset: i64): i64 {
    const pipe = this.pipe;
    const wanted: u64 = buffer.length;
    if (wanted === 0) return 0;
    if (pipe.readers === 0) {
      raise(thread, SIGPIPE);
      return -EPIPE;
    }
    const free: u64 = pipe.free;
    if (free === 0 || (wanted <= PIPE_BUF && free < wanted)) {
      if (this.isNonBlocking) return -EAGAIN;
      if (thread.hasSignal()) return -ERESTARTSYS;
      return block(thread, pipe.writable);
    }
    const moved = pipe.add(buffer, wanted < free ? wanted : free);
    if (moved === 0) return pipe.frames[0] === 0 && pipe.used === 0 ? -ENOMEM : -EFAULT;
    if (!pipe.readable.isEmpty) wakeAll(pipe.readable);
    return moved as i64;
  }

  override poll(thread: Thread, events: u32, register: boolean): u32 {
    const pipe = this.pipe;
    let ready: u32 = 0;
    if (this.isReader) {
      if (pipe.head !== pipe.tail) ready = (ready | POLL_READABLE) as u32;
      if (pipe.writers === 0 && pipe.writerOpens !== this.seenOpens) ready = (ready | POLLHUP) as u32;
      if (register) enlist(thread, pipe.readable);
    }
    if (this.isWriter) {
      if (pipe.free >= PIPE_BUF) ready = (ready | POLL_WRITABLE) as u32;
      if (pipe.readers === 0) ready = (ready | POLLERR) as u32;
      if (register) enlist(thread, pipe.writable);
    }
    return ready;
  }

  override ioctl(thread: Thread, request: u32, argument: u64): i64 {
    if (request !== FIONREAD) return -ENOTTY;
    return writeWord32(thread.space, argument, this.pipe.used) ? 0 : -EFAULT;
  }

  /** A FIFO's open goes on once the other end was opened, even if it has closed again since (fifo(7)). */
  override finishOpen(thread: Thread): i64 {
    const pipe = this.pipe;
    const opens = this.isReader ? pipe.writerOpens : pipe.readerOpens;
    const others = this.isReader ? pipe.writers : pipe.readers;
    if (others !== 0 || opens !== this.seenOpens) return 0;
    if (thread.hasSignal()) return -ERESTARTSYS;
    return block(thread, pipe.opened);
  }

  private get isLast(): boolean {
    return this.pipe.readers + this.pipe.writers === (this.isReader && this.isWriter ? 2 : 1);
  }

  /** The last end takes the pipe along, in which nobody may wait then. */
  override dismantle(): boolean {
    if (this.watches !== null && !forgetWatches(this)) return false;
    return !this.isLast || this.pipe.wakeEverybody();
  }

  override released(): void {
    const inode: Inode = this.inode;
    if (this.isLast) inode.pipe = null;
    this.pipe.close(this.isReader, this.isWriter);
  }

  override describe(text: Text): void {
    text.putString('pipe:[');
    text.putDecimal(this.inode.number);
    text.putString(']');
  }
}
