/** Making a tmpfs, and files in it that have no name (tmpfs(5), memfd_create(2), open(2) with O_TMPFILE). */
import { S_IFDIR, S_IFREG } from '../../linux/file-constants';
import type { Thread } from '../../process/thread';
import { createDentry, type Dentry } from '../dentry';
import { createFileSystem, type FileSystem, FileSystemKind } from '../file-system';
import type { Inode } from '../inode';
import { nameOf } from '../name';
import { createTmpfsInode } from './directory';
import { TmpfsFile } from './file';

/** A file system whose root has the given permission bits; `pageLimit` 0 is none. */
export function createTmpfs(kind: FileSystemKind, bits: u32, pageLimit: u64): FileSystem {
  const fileSystem = createFileSystem(kind);
  const root = createTmpfsInode(fileSystem, (S_IFDIR | bits) as u32);
  fileSystem.root = createDentry(null, nameOf(''), root);
  fileSystem.pageLimit = pageLimit;
  return fileSystem;
}

/** What the path of a file made with O_TMPFILE ends in. */
const UNNAMED: string = '#unnamed';
/** O_EXCL with O_TMPFILE: it will never have a name (open(2)). */
const NAMELESS: string = '#nameless';

let anonymousFiles: FileSystem | null = null;

/** A file that no directory holds, of `size` bytes that read as zero; one reference, the caller's. */
export function createAnonymousFile(size: u64): Inode {
  let home = anonymousFiles;
  if (home === null) {
    home = createTmpfs(FileSystemKind.Tmpfs, 511, 0);
    home.retain();
    anonymousFiles = home;
  }
  const file = new TmpfsFile();
  file.begin(home, (S_IFREG | 511) as u32);
  file.links = 0;
  file.size = size;
  return file;
}

/** A file with a place under `parent` but no entry there; the dentry is the caller's. */
export function createUnnamedFile(thread: Thread, parent: Dentry, bits: u32, mayBeNamed: boolean): Dentry {
  const file = new TmpfsFile();
  file.begin(parent.inode.fileSystem, (S_IFREG | bits) as u32);
  file.own(thread.process, parent.inode);
  file.links = 0;
  const dentry = createDentry(parent, nameOf(mayBeNamed ? UNNAMED : NAMELESS), file);
  dentry.isDeleted = true;
  return dentry;
}

/** Whether `dentry` is the place of a file that was made without a name. */
export function isUnnamed(dentry: Dentry): boolean {
  return dentry.isDeleted && dentry.matches(nameOf(UNNAMED));
}
