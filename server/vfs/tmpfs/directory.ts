/**
 * Directories in memory: a hash trie finds a name, and a list, newest first as on Linux, gives readers their order.
 *
 * Invariants: every dentry in the list is in the map and the reverse; each is held once by the directory. Cookies fall
 * along the list and are never reused, so a reader's place stays good whatever is made or removed meanwhile:
 * "after cookie c" means the first entry with a smaller one.
 */
import { EMLINK, ENOTEMPTY } from '../../linux/errno';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFMT, S_IFREG } from '../../linux/file-constants';
import type { Thread } from '../../process/thread';
import { createDentry, type Dentry } from '../dentry';
import { openDirectory } from '../directory-file';
import type { DirectoryWriter } from '../directory-writer';
import type { FileSystem } from '../file-system';
import type { Inode } from '../inode';
import type { Made } from '../made';
import type { Name } from '../name';
import { NameMap } from '../name-map';
import type { Path } from '../path';
import { TmpfsFile } from './file';
import { TmpfsInode } from './inode';
import { createTmpfsSymlink, TmpfsSpecial } from './special';

/** Offsets 0 to 2 belong to `.` and `..`. */
export const FIRST_COOKIE: u64 = 3;
/** Above every cookie. */
export const BEFORE_ALL: u64 = 0xffff_ffff_ffff_ffff;
/** What one entry adds to the size of a directory, as Linux's tmpfs counts it (BOGO_DIRENT_SIZE). */
const ENTRY_SIZE: u64 = 20;
const MAXIMUM_LINK_COUNT: u32 = 0x7fff_ffff;

/** Entries that one slice of a seek passes. */
const PASSED_AT_ONCE: u64 = 20000;
/** Whether the last `before` did not come to its place. */
export let isSought: boolean = false;

export class TmpfsDirectory extends TmpfsInode {
  first!: Dentry | null;
  nextCookie!: u64;
  names!: Inline<NameMap>;

  override lookup(thread: Thread, parent: Dentry, name: Name): Dentry | null {
    const dentry = this.names.find(name);
    if (dentry !== null) dentry.retain();
    return dentry;
  }

  override create(thread: Thread, parent: Dentry, name: Name, mode: u32, rdev: u32, made: Made): i64 {
    const inode = createTmpfsInode(this.fileSystem, mode);
    const kind = mode & S_IFMT;
    if (kind === S_IFCHR || kind === S_IFBLK) inode.rdev = rdev;
    inode.own(thread.process, this);
    made.dentry = this.add(parent, name, inode);
    made.dentry.retain();
    return 0;
  }

  /** Enters a new name for `inode`, taking over the caller's reference to it. */
  add(parent: Dentry, name: Name, inode: Inode): Dentry {
    const dentry = createDentry(parent, name, inode);
    this.attach(dentry);
    if (inode.isDirectory) this.links += 1;
    this.touchModified();
    return dentry;
  }

  override symlink(thread: Thread, parent: Dentry, name: Name, target: u64, length: u64): i64 {
    const inode = createTmpfsSymlink(this.fileSystem, target, length);
    inode.own(thread.process, this);
    this.add(parent, name, inode);
    return 0;
  }

  override link(thread: Thread, parent: Dentry, name: Name, existing: Dentry): i64 {
    const inode = existing.inode;
    if (inode.links >= MAXIMUM_LINK_COUNT) return -EMLINK;
    inode.retain();
    inode.links += 1;
    inode.touchChanged();
    this.add(parent, name, inode);
    return 0;
  }

  override unlink(thread: Thread, entry: Dentry): i64 {
    const inode = entry.inode;
    if (inode.isDirectory) {
      if (!inode.isEmptyDirectory()) return -ENOTEMPTY;
      this.links -= 1;
      inode.links = 0;
    } else {
      inode.links -= 1;
    }
    inode.touchChanged();
    this.touchModified();
    entry.isDeleted = true;
    this.detach(entry);
    entry.drop();
    return 0;
  }

  override rename(
    thread: Thread,
    entry: Dentry,
    target: Dentry,
    name: Name,
    replaced: Dentry | null,
    exchange: boolean,
  ): i64 {
    const destination = directoryOf(target);
    if (exchange && replaced !== null) {
      exchangeEntries(this, entry, destination, replaced);
      return 0;
    }
    if (replaced !== null) {
      const error = destination.unlink(thread, replaced);
      if (error !== 0) return error;
    }
    this.detach(entry);
    moveTo(entry, target, name);
    destination.attach(entry);
    if (entry.inode.isDirectory && destination !== this) {
      this.links -= 1;
      destination.links += 1;
    }
    entry.inode.touchChanged();
    this.touchModified();
    destination.touchModified();
    return 0;
  }

  override isEmptyDirectory(): boolean {
    return this.first === null;
  }

  override open(thread: Thread, path: Path, flags: u32, made: Made): i64 {
    return openDirectory(this, path, flags, made);
  }

  /** Writes `first` and the entries that follow it; returns the last one written, null if there was none. */
  list(writer: DirectoryWriter, first: Dentry | null): Dentry | null {
    let last: Dentry | null = null;
    let entry: Dentry | null = first;
    while (entry !== null) {
      if (!writer.putDentry(entry, entry.cookie)) return last;
      last = entry;
      entry = entry.next;
    }
    return last;
  }

  /**
   * The last entry before what a reader at `cookie` sees next; null if that is the first of all. `hint` is an entry of
   * the list before there, to begin at. Goes past so many entries at most: `isSought` says that there are more to pass.
   */
  before(cookie: u64, hint: Dentry | null): Dentry | null {
    let last: Dentry | null = hint;
    let entry: Dentry | null = hint === null ? this.first : hint.next;
    isSought = false;
    for (let left: u64 = PASSED_AT_ONCE; entry !== null && entry.cookie >= cookie; left--) {
      if (left === 0) {
        isSought = true;
        break;
      }
      last = entry;
      entry = entry.next;
    }
    return last;
  }

  attach(entry: Dentry): void {
    const first = this.first;
    if (this.nextCookie < FIRST_COOKIE) this.nextCookie = FIRST_COOKIE;
    entry.cookie = this.nextCookie;
    this.nextCookie += 1;
    entry.previous = null;
    entry.next = first;
    if (first !== null) first.previous = entry;
    this.first = entry;
    this.names.insert(entry);
    this.size += ENTRY_SIZE;
  }

  /** Takes an entry out of list and map; the directory's reference to it is now the caller's. */
  detach(entry: Dentry): void {
    const next = entry.next;
    const previous = entry.previous;
    if (previous === null) this.first = next;
    else previous.next = next;
    if (next !== null) next.previous = previous;
    entry.next = null;
    entry.previous = null;
    entry.cookie = 0;
    this.names.remove(entry);
    this.size -= ENTRY_SIZE;
  }
}

/** The directory behind a dentry of a tmpfs that is known to be one. */
export function directoryOf(dentry: Dentry): TmpfsDirectory {
  return dentry.inode as TmpfsDirectory;
}

function moveTo(entry: Dentry, parent: Dentry, name: Name): void {
  const before = entry.parent;
  parent.retain();
  entry.parent = parent;
  entry.setName(name);
  if (before !== null) before.drop();
}

/** RENAME_EXCHANGE (renameat2(2)): each entry gets the other's inode, so names stay and what they lead to changes places. */
function exchangeEntries(source: TmpfsDirectory, first: Dentry, target: TmpfsDirectory, second: Dentry): void {
  const inode = first.inode;
  const firstIsDirectory = inode.isDirectory;
  const secondIsDirectory = second.inode.isDirectory;
  source.detach(first);
  target.detach(second);
  swapPlaces(first, second);
  target.attach(first);
  source.attach(second);
  if (source !== target && firstIsDirectory !== secondIsDirectory) {
    source.links = (firstIsDirectory ? source.links - 1 : source.links + 1) as u32;
    target.links = (firstIsDirectory ? target.links + 1 : target.links - 1) as u32;
  }
  first.inode.touchChanged();
  second.inode.touchChanged();
  source.touchModified();
  target.touchModified();
}

/** Swaps name and parent of two dentries; both keep their inodes, so open files and mounts follow them. */
function swapPlaces(first: Dentry, second: Dentry): void {
  const parent = first.parent;
  first.parent = second.parent;
  second.parent = parent;
  first.swapName(second);
}

/** A new inode of the kind that `mode` names; a missing kind is a regular file (mknod(2)). */
export function createTmpfsInode(fileSystem: FileSystem, mode: u32): TmpfsInode {
  const kind = mode & S_IFMT;
  if (kind === S_IFDIR) {
    const directory = new TmpfsDirectory();
    directory.begin(fileSystem, mode);
    directory.size = ENTRY_SIZE * 2;
    return directory;
  }
  if (kind === S_IFREG || kind === 0) {
    const file = new TmpfsFile();
    file.begin(fileSystem, (mode | S_IFREG) as u32);
    return file;
  }
  const special = new TmpfsSpecial();
  special.begin(fileSystem, mode);
  return special;
}
