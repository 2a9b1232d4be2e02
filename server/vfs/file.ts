/**
 * An open file description (open(2)): what a descriptor refers to, shared by dup and fork.
 *
 * Invariants: holds a reference to its inode and, when it was opened by a path, to that path. A wait queue inside a
 * file is emptied in `dismantle`, so nobody ever stands in a queue that is gone.
 */
import { EINVAL, ENOTDIR, ENOTTY, ESPIPE } from '../linux/errno';
import {
  O_ACCMODE,
  O_APPEND,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
  POLL_READABLE,
  POLL_WRITABLE,
} from '../linux/file-constants';
import type { Buffer } from '../memory/buffer';
import { release } from '../memory/heap';
import type { Thread } from '../process/thread';
import { begin, Chore } from '../wait/chores';
import type { Dentry } from './dentry';
import type { DirectoryWriter } from './directory-writer';
import { type EpollWatch, forgetWatches } from './epoll';
import type { Inode } from './inode';
import { releaseFileLocks } from './locks';
import type { Mount } from './mount';
import type { Path } from './path';
import type { Text } from './text';

export abstract class File {
  references!: u32;
  /** O_* status flags and access mode, as F_GETFL gives them. */
  flags!: u32;
  offset!: u64;
  inode!: Inode;
  dentry!: Dentry | null;
  mount!: Mount | null;
  readable!: boolean;
  writable!: boolean;
  /** True while the inode's count of writers includes this file. */
  countsAsWriter!: boolean;
  /** Epoll's interests in this file. */
  watches!: EpollWatch | null;
  /** F_SETOWN and F_SETSIG. */
  owner!: i32;
  ownerSignal!: u32;

  /** To be called by every maker: one reference, the caller's; takes its own to the inode. */
  begin(inode: Inode, flags: u32): void {
    this.references = 1;
    this.flags = flags;
    this.inode = inode;
    inode.retain();
    const access = flags & O_ACCMODE;
    const isPath = (flags & O_PATH) !== 0;
    this.readable = !isPath && (access === O_RDONLY || access === O_RDWR);
    this.writable = !isPath && (access === O_WRONLY || access === O_RDWR);
  }

  /** Remembers where the file was found. */
  locate(path: Path): void {
    this.dentry = path.dentry;
    this.mount = path.mount;
    if (path.dentry !== null) path.dentry.retain();
    if (path.mount !== null) path.mount.retain();
  }

  retain(): void {
    this.references += 1;
  }

  drop(): void {
    this.references -= 1;
    if (this.references === 0) freeFile(this);
  }

  get isNonBlocking(): boolean {
    return (this.flags & O_NONBLOCK) !== 0;
  }

  get isAppending(): boolean {
    return (this.flags & O_APPEND) !== 0;
  }

  get isPathOnly(): boolean {
    return (this.flags & O_PATH) !== 0;
  }

  /**
   * Moves at most `buffer.length` bytes, which the caller keeps within a slice. `offset` -1: at the file's own offset,
   * which moves. Bytes moved, 0 at the end, a negated errno, or BLOCKED.
   */
  read(thread: Thread, buffer: Buffer, offset: i64): i64 {
    return -EINVAL;
  }

  write(thread: Thread, buffer: Buffer, offset: i64): i64 {
    return -EINVAL;
  }

  /** True for what has no offset: there, a short or sliced read ends the call. */
  isStream(): boolean {
    return false;
  }

  seek(thread: Thread, offset: i64, whence: u32): i64 {
    return -ESPIPE;
  }

  /** Directory entries from the file's offset on, as many as `writer` takes. */
  list(thread: Thread, writer: DirectoryWriter): i64 {
    return -ENOTDIR;
  }

  /** Which of the POLL* events hold now; with `register` the thread is enlisted where a change will wake it. */
  poll(thread: Thread, events: u32, register: boolean): u32 {
    return (POLL_READABLE | POLL_WRITABLE) as u32;
  }

  /** Whether waiting for it makes sense: epoll refuses files that are always ready (epoll_ctl(2), EPERM). */
  canPoll(): boolean {
    return true;
  }

  ioctl(thread: Thread, request: u32, argument: u64): i64 {
    return -ENOTTY;
  }

  truncate(thread: Thread, size: u64): i64 {
    return -EINVAL;
  }

  /** Goes on with an open that returned BLOCKED: 0, a negated errno or BLOCKED (FIFOs; fifo(7)). */
  finishOpen(thread: Thread): i64 {
    return 0;
  }

  /** A descriptor of this file is being closed by `thread`'s process (close(2) itself, not the last one). */
  closed(thread: Thread): void {}

  /**
   * The last reference is gone: ends, as far as the budget goes, what hangs on the file perhaps by the thousand, such as
   * those who wait in its queues. False: more is left, and a chore asks again.
   */
  dismantle(): boolean {
    return this.watches === null || forgetWatches(this);
  }

  /** Nothing hangs on the file any more. */
  released(): void {}

  /** What /proc/PID/fd shows for a file without a path. */
  describe(text: Text): void {
    text.putString('anon_inode:[file]');
  }

  /** Further lines of /proc/PID/fdinfo. */
  describeMore(text: Text): void {}
}

/** The end of a file of which more hangs on than could be taken off at once. */
class FileEnd extends Chore {
  file!: File;

  override slice(): boolean {
    if (!this.file.dismantle()) return false;
    finish(this.file);
    release(addressOf(this));
    return true;
  }
}

/**
 * The last reference is gone. As on Linux (eventpoll_release_file) the others of the file, say a pipe's other end, see it
 * closed only after all interests in it have ended, for until then its wait queues are needed.
 */
function freeFile(file: File): void {
  if (file.dismantle()) {
    finish(file);
    return;
  }
  const end = new FileEnd();
  end.file = file;
  begin(end);
}

function finish(file: File): void {
  file.released();
  const inode = file.inode;
  if (inode.locks !== null) releaseFileLocks(inode, file);
  if (file.countsAsWriter) inode.writers -= 1;
  const dentry = file.dentry;
  const mount = file.mount;
  release(addressOf(file));
  inode.drop();
  if (dentry !== null) dentry.drop();
  if (mount !== null) mount.drop();
}
