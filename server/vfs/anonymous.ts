/**
 * Inodes without a name: pipes, and the one that event files and the like share (Linux's pipefs and anon_inodefs).
 */
import { createFileSystem, FileSystemKind, type FileSystem } from './file-system';
import { Inode } from './inode';

export class AnonymousInode extends Inode {}

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
