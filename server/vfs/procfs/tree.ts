/** /proc as a file system: one tree for all mounts of it. */
import { createDentry } from '../dentry';
import { createFileSystem, type FileSystem, FileSystemKind } from '../file-system';
import { nameOf } from '../name';
import { SystemEntry } from './entries';
import { createSystemInode } from './inode';

let tree: FileSystem | null = null;

/** The tree, made at its first use and kept. */
export function procTree(): FileSystem {
  const present = tree;
  if (present !== null) return present;
  const made = createFileSystem(FileSystemKind.Proc);
  made.mounted();
  made.root = createDentry(null, nameOf(''), createSystemInode(made, SystemEntry.Root));
  tree = made;
  return made;
}
