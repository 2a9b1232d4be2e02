/**
 * An inode: what a name leads to (inode(7)). File systems derive from it and override what they can do; every default
 * is the error that Linux gives for a file of the wrong kind.
 *
 * Invariants: `references` counts dentries, open files and mappings, `links` counts names. At zero references nothing
 * can reach the inode and `freed()` gives its contents back.
 */

import { EINVAL, EISDIR, ENXIO, EPERM } from '../linux/errno';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG } from '../linux/file-constants';
import type { Buffer } from '../memory/buffer';
import { release } from '../memory/heap';
import type { Mapping } from '../memory/mapping';
import type { Thread } from '../process/thread';
import { coarseNanoseconds, coarseSeconds } from '../time/clock';
import type { Dentry } from './dentry';
import type { FileSystem } from './file-system';
import type { FileLocks } from './locks';
import type { Made } from './made';
import type { Name } from './name';
import type { Path } from './path';
import type { PipeState } from './pipe';
import type { Text } from './text';

export abstract class Inode {
  references!: u32;
  mode!: u32;
  links!: u32;
  uid!: u32;
  gid!: u32;
  /** Which device a device node stands for, in Linux's encoding. */
  rdev!: u32;
  number!: u64;
  size!: u64;
  fileSystem!: FileSystem;
  accessedSeconds!: i64;
  modifiedSeconds!: i64;
  changedSeconds!: i64;
  accessedNanoseconds!: u32;
  modifiedNanoseconds!: u32;
  changedNanoseconds!: u32;
  /** When it was made, for file systems that remember; else 0. */
  createdSeconds!: i64;
  createdNanoseconds!: u32;
  /** Above zero: how often it is open for writing; below: how many processes run it. Never both (ETXTBSY). */
  writers!: i32;
  /** Mappings of this file into address spaces, and how often their pages were taken away (memory/file-mapping.ts). */
  firstMapping!: Mapping | null;
  lastMapping!: Mapping | null;
  cuts!: u32;
  /** Advisory locks (flock(2), fcntl(2)). */
  locks!: FileLocks | null;
  /** The pipe behind a FIFO while it is open. */
  pipe!: PipeState | null;

  retain(): void {
    this.references += 1;
  }

  drop(): void {
    this.references -= 1;
    if (this.references === 0 && this.freed()) release(addressOf(this));
  }

  /** A process runs this file: it cannot be written meanwhile (execve(2), ETXTBSY). One reference. */
  beginExecution(): void {
    this.references += 1;
    this.writers -= 1;
  }

  endExecution(): void {
    this.writers += 1;
    this.drop();
  }

  get kind(): u32 {
    return (this.mode & S_IFMT) as u32;
  }

  get isDirectory(): boolean {
    return (this.mode & S_IFMT) === S_IFDIR;
  }

  get isRegular(): boolean {
    return (this.mode & S_IFMT) === S_IFREG;
  }

  get isSymlink(): boolean {
    return (this.mode & S_IFMT) === S_IFLNK;
  }

  get isFifo(): boolean {
    return (this.mode & S_IFMT) === S_IFIFO;
  }

  get isDevice(): boolean {
    const kind = this.mode & S_IFMT;
    return kind === S_IFCHR || kind === S_IFBLK;
  }

  /** Contents or entries changed: modification and status times are now. */
  touchModified(): void {
    const seconds = coarseSeconds();
    const nanoseconds = coarseNanoseconds();
    this.modifiedSeconds = seconds;
    this.modifiedNanoseconds = nanoseconds;
    this.changedSeconds = seconds;
    this.changedNanoseconds = nanoseconds;
  }

  touchChanged(): void {
    this.changedSeconds = coarseSeconds();
    this.changedNanoseconds = coarseNanoseconds();
  }

  /** Relatime (mount(8)): the access time moves only if it is not later than the last change, or a day old. */
  touchAccessed(): void {
    const seconds = coarseSeconds();
    if (this.accessedSeconds > this.modifiedSeconds && seconds - this.accessedSeconds < 86400) return;
    this.accessedSeconds = seconds;
    this.accessedNanoseconds = coarseNanoseconds();
  }

  touchAll(): void {
    this.touchModified();
    this.accessedSeconds = this.modifiedSeconds;
    this.accessedNanoseconds = this.modifiedNanoseconds;
  }

  /** Gives back what the inode owns. True: its own memory may follow; false: the reaper goes on and does that. */
  freed(): boolean {
    return true;
  }

  /** What `name` leads to in this directory, retained for the caller; null if there is nothing. */
  lookup(thread: Thread, parent: Dentry, name: Name): Dentry | null {
    return null;
  }

  /**
   * Makes a file of the kind that `mode` names under a name that is not in use; `made.dentry` is retained for the
   * caller. `parent` is the dentry of this directory.
   */
  create(thread: Thread, parent: Dentry, name: Name, mode: u32, rdev: u32, made: Made): i64 {
    return -EPERM;
  }

  symlink(thread: Thread, parent: Dentry, name: Name, target: u64, length: u64): i64 {
    return -EPERM;
  }

  link(thread: Thread, parent: Dentry, name: Name, existing: Dentry): i64 {
    return -EPERM;
  }

  /** Takes `entry` out of this directory: a file, or an empty directory (else ENOTEMPTY). */
  unlink(thread: Thread, entry: Dentry): i64 {
    return -EPERM;
  }

  /**
   * Moves `entry` from this directory to `name` in `target`, replacing `replaced`; with `exchange` the two change
   * places. The caller has checked kinds, permissions and loops.
   */
  rename(thread: Thread, entry: Dentry, target: Dentry, name: Name, replaced: Dentry | null, exchange: boolean): i64 {
    return -EPERM;
  }

  /** Whether a directory has no entries. */
  isEmptyDirectory(): boolean {
    return true;
  }

  /** Writes the target of a symbolic link. */
  readLink(thread: Thread, text: Text): i64 {
    return -EINVAL;
  }

  /** A link that leads to an object rather than to a text (/proc/PID/cwd): sets `into` (retained) and returns true. */
  jumps(): boolean {
    return false;
  }

  jump(thread: Thread, into: Path): i64 {
    return -EINVAL;
  }

  /** An open file description for this inode in `made.file`. `path` is where it was found. */
  open(thread: Thread, path: Path, flags: u32, made: Made): i64 {
    return -ENXIO;
  }

  /** Contents at `offset`: bytes moved, which is 0 at the end. */
  read(buffer: Buffer, offset: u64): i64 {
    return this.isDirectory ? -EISDIR : -EINVAL;
  }

  write(buffer: Buffer, offset: u64): i64 {
    return -EINVAL;
  }

  /** Cuts or extends the contents; may return AGAIN, having come some way. */
  truncate(thread: Thread, size: u64): i64 {
    return this.isDirectory ? -EISDIR : -EINVAL;
  }

  /** The frame of page `index` of the contents. 0: a hole; with `forWrite` a page is made, and 0 means there is none. */
  page(index: u64, forWrite: boolean): u32 {
    return 0;
  }

  /**
   * The first byte at or after `offset` that may hold data, or that is in a hole (lseek(2)); -ENXIO if there is none. A
   * long search for a hole gives AGAIN, and goes on from `thread.call.progress`.
   */
  nextData(offset: u64): i64 {
    return offset < this.size ? (offset as i64) : -ENXIO;
  }

  nextHole(thread: Thread, offset: u64): i64 {
    return offset < this.size ? (this.size as i64) : -ENXIO;
  }

  /** Whether `page` gives the contents, so that the file can be mapped and executed. */
  isMappable(): boolean {
    return false;
  }

  /** Allocated size in units of 512 bytes. */
  get blocks(): u64 {
    return 0;
  }

  /** Whether a directory can have names that it does not have: if not, looking for one fails before anything is made. */
  takesNames(): boolean {
    return true;
  }

  /** Called before a stat, for inodes whose attributes are computed. */
  refresh(thread: Thread): void {}

  /** Whether a process may still see this inode: procfs answers ENOENT once the process is gone. */
  checkAttributes(thread: Thread): i64 {
    return 0;
  }
}
