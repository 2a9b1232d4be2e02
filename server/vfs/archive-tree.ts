/**
 * Putting the entries of an archive into a tmpfs, before any process exists: by path from the root, through symbolic
 * links, with missing directories made on the way (as extraction tools do) and older files of the same name replaced.
 */
import { byteAt, copyMemory } from '../../lib/arch/x86_64/bytes';
import { NAME_MAX, S_IALLUGO, S_IFDIR, S_IFLNK } from '../linux/file-constants';
import type { Dentry } from './dentry';
import type { Inode } from './inode';
import { Name } from './name';
import { createTmpfsInode, directoryOf } from './tmpfs/directory';
import { createTmpfsSymlink, TmpfsSymlink } from './tmpfs/special';

const SLASH: u32 = 47;
/** A path and the targets of the links in it: each link moves the path behind its target. */
const ROOM: u64 = 16384;
const LINK_LIMIT: u32 = 40;
const DIRECTORY_BITS: u32 = 493;

const room: Fixed<u8, 16384> = reserve();

export class ArchiveTree {
  root!: Dentry;
  error!: string;
  /** Where the last path led: the directory and the name in it. */
  parent!: Dentry;
  name!: Inline<Name>;
  position!: u64;
  end!: u64;
  links!: u32;

  makeDirectory(path: u64, length: u64, mode: u32, uid: u32, gid: u32, modified: u32): void {
    if (!this.find(path, length)) return;
    if (this.name.length === 0) {
      this.dress(this.parent.inode, mode, uid, gid, modified);
      return;
    }
    const present = directoryOf(this.parent).names.find(this.name);
    if (present !== null && present.inode.isDirectory) {
      this.dress(present.inode, mode, uid, gid, modified);
      return;
    }
    this.add(mode, 0, uid, gid, modified);
  }

  /** A new, empty regular file; null, with `error` set, if that cannot be. */
  makeFile(path: u64, length: u64, mode: u32, uid: u32, gid: u32, modified: u32): Dentry | null {
    return this.find(path, length) ? this.add(mode, 0, uid, gid, modified) : null;
  }

  makeNode(path: u64, length: u64, mode: u32, rdev: u32, uid: u32, gid: u32, modified: u32): void {
    if (this.find(path, length)) this.add(mode, rdev, uid, gid, modified);
  }

  makeSymlink(path: u64, length: u64, target: u64, targetLength: u64, uid: u32, gid: u32, modified: u32): void {
    if (!this.find(path, length) || !this.clearName()) return;
    const inode = createTmpfsSymlink(this.root.inode.fileSystem, target, targetLength);
    directoryOf(this.parent).add(this.parent, this.name, inode);
    this.dress(inode, (S_IFLNK | 511) as u32, uid, gid, modified);
  }

  /** A further name for a file. */
  link(path: u64, length: u64, existing: Dentry): void {
    if (!this.find(path, length)) return;
    const inode = existing.inode;
    inode.retain();
    if (!this.clearName()) {
      inode.drop();
      return;
    }
    inode.links += 1;
    directoryOf(this.parent).add(this.parent, this.name, inode);
  }

  private add(mode: u32, rdev: u32, uid: u32, gid: u32, modified: u32): Dentry | null {
    if (!this.clearName()) return null;
    const inode = createTmpfsInode(this.root.inode.fileSystem, mode);
    inode.rdev = rdev;
    const dentry = directoryOf(this.parent).add(this.parent, this.name, inode);
    this.dress(inode, mode, uid, gid, modified);
    return dentry;
  }

  private dress(inode: Inode, mode: u32, uid: u32, gid: u32, modified: u32): void {
    inode.mode = ((inode.mode & ~S_IALLUGO) | (mode & S_IALLUGO)) as u32;
    inode.uid = uid;
    inode.gid = gid;
    inode.modifiedSeconds = modified;
    inode.modifiedNanoseconds = 0;
  }

  /** Frees the name for a new file: an older file goes, a directory stays and is an error. */
  private clearName(): boolean {
    if (this.name.length === 0) {
      this.error = 'the path is empty';
      return false;
    }
    const directory = directoryOf(this.parent);
    const present = directory.names.find(this.name);
    if (present === null) return true;
    if (present.inode.isDirectory) {
      this.error = 'a directory of this name is in the way';
      return false;
    }
    present.inode.links -= 1;
    present.isDeleted = true;
    directory.detach(present);
    present.drop();
    return true;
  }

  /** Goes to the directory that holds the last component, which is left in `name` (empty: the directory itself). */
  private find(path: u64, length: u64): boolean {
    this.error = '';
    this.parent = this.root;
    this.position = addressOf(room) + ROOM - length;
    this.end = addressOf(room) + ROOM;
    copyMemory(this.position, path, length);
    this.name.length = 0;
    this.links = 0;
    while (this.takeComponent()) {
      if (this.name.length > NAME_MAX) {
        this.error = 'a name in the path is too long';
        return false;
      }
      if (this.name.isDot) {
        this.name.length = 0;
        continue;
      }
      if (this.name.isDotDot) {
        const above = this.parent.parent;
        if (above !== null) this.parent = above;
        this.name.length = 0;
        continue;
      }
      if (this.position === this.end) return true;
      if (!this.enter()) return false;
      this.name.length = 0;
    }
    return true;
  }

  private takeComponent(): boolean {
    while (this.position < this.end && byteAt(this.position) === SLASH) this.position += 1;
    if (this.position === this.end) return false;
    let stop: u64 = this.position;
    while (stop < this.end && byteAt(stop) !== SLASH) stop += 1;
    this.name.set(this.position, stop - this.position);
    while (stop < this.end && byteAt(stop) === SLASH) stop += 1;
    this.position = stop;
    return true;
  }

  /** Steps into the directory `name`, which is made if it is missing. */
  private enter(): boolean {
    const directory = directoryOf(this.parent);
    const present = directory.names.find(this.name);
    if (present === null) {
      const inode = createTmpfsInode(this.root.inode.fileSystem, (S_IFDIR | DIRECTORY_BITS) as u32);
      this.parent = directory.add(this.parent, this.name, inode);
      return true;
    }
    if (present.inode.isDirectory) {
      this.parent = present;
      return true;
    }
    if (present.inode instanceof TmpfsSymlink) return this.follow(present.inode);
    this.error = 'a part of the path is not a directory';
    return false;
  }

  private follow(link: TmpfsSymlink): boolean {
    const length: u64 = link.size;
    // The slash behind the component stays: it separates the target from the rest.
    const start: u64 = this.position - 1;
    this.links += 1;
    if (this.links > LINK_LIMIT || start < addressOf(room) + length) {
      this.error = 'too many links in the path';
      return false;
    }
    this.position = start - length;
    copyMemory(this.position, link.target, length);
    if (byteAt(this.position) === SLASH) this.parent = this.root;
    return true;
  }
}
