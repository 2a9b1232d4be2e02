/**
 * Inodes without a name: pipes, and the one that event files and the like share (Linux's pipefs and anon_inodefs).
 */
import { ENXIO } from '../linux/errno';
import type { Thread } from '../process/thread';
import { createDentry } from './dentry';
import { openFifo } from './fifo';
import { createFileSystem, type FileSystem, FileSystemKind } from './file-system';
import { Inode } from './inode';
import type { Made } from './made';
import { createMount, type Mount } from './mount';
import { nameOf } from './name';
import type { Path } from './path';

export class AnonymousInode extends Inode {
  /** A pipe can be opened again through /proc/PID/fd; nothing else here can. */
  override open(thread: Thread, path: Path, flags: u32, made: Made): i64 {
    return this.isFifo ? openFifo(thread, this, path, flags, made) : -ENXIO;
  }
}

let mount: Mount | null = null;
let fileSystem: FileSystem | null = null;
let shared: AnonymousInode | null = null;

/** A new inode with one reference, the caller's. */
export function createAnonymousInode(mode: u32, uid: u32, gid: u32): AnonymousInode {
  let home = fileSystem;
  if (home === null) {
    home = createFileSystem(FileSystemKind.Anonymous);
    home.retain();
    fileSystem = home;
  }
  const inode = new AnonymousInode();
  inode.references = 1;
  inode.links = 1;
  inode.mode = mode;
  inode.uid = uid;
  inode.gid = gid;
  inode.fileSystem = home;
  inode.number = home.nextInode();
  inode.touchAll();
  return inode;
}

/** The inode that files share which have nothing to say in a stat; borrowed. */
export function sharedAnonymousInode(): AnonymousInode {
  const present = shared;
  if (present !== null) return present;
  const made = createAnonymousInode(384, 0, 0);
  shared = made;
  return made;
}

/** A place for an inode that has none, outside every tree: what a link in /proc/PID/fd leads to. */
export function placeAnonymous(inode: Inode, into: Path): void {
  inode.retain();
  const dentry = createDentry(null, nameOf('anonymous'), inode);
  let home = mount;
  if (home === null) {
    home = createMount(inode.fileSystem, dentry, 0, 0, 0);
    mount = home;
  }
  into.set(home, dentry);
  dentry.drop();
}
