/** Directories: reading them, standing in them, making and removing them (getdents(2), chdir(2), getcwd(2), mkdir(2)). */

import { Buffer } from '../memory/buffer';
import { copyOut } from '../memory/copy';
import type { Thread } from '../process/thread';
import type { Dentry } from '../vfs/dentry';
import { DirectoryWriter } from '../vfs/directory-writer';
import { Made } from '../vfs/made';
import type { Path } from '../vfs/path';
import { writePath } from '../vfs/path-text';
import { checkPermission, checkSticky } from '../vfs/permission';
import { Text } from '../vfs/text';
import { LastKind, mountOf, placeOf, WALK_NO_FOLLOW, WALK_PARENT, walk, walkPath } from '../vfs/walk';
import {
  EBADF,
  EBUSY,
  EEXIST,
  EFAULT,
  EINVAL,
  EISDIR,
  ENOENT,
  ENOTDIR,
  ENOTEMPTY,
  EPERM,
  ERANGE,
  EROFS,
} from './errno';
import {
  AT_FDCWD,
  AT_REMOVEDIR,
  CAP_MKNOD,
  CAP_SYS_CHROOT,
  MAY_EXECUTE,
  MAY_WRITE,
  PATH_MAX,
  S_IALLUGO,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
} from './file-constants';
import { directoryOf } from './open';
import { fileOf } from './transfer';

/** The most one getdents fills: callers ask again anyway. */
const LISTING_BYTES: u64 = 32768;

const listingBuffer: Buffer = reserve();
const writer: DirectoryWriter = reserve();
const made: Made = reserve();
const pathBytes: Fixed<u8, 4096> = reserve();
const pathText: Text = reserve();

function list(thread: Thread, isOld: boolean): i64 {
  const frame = thread.frame;
  const file = fileOf(thread, frame.rdi);
  if (file === null || file.isPathOnly) return -EBADF;
  if (!file.inode.isDirectory) return -ENOTDIR;
  const count: u64 = frame.rdx & 0xffff_ffff;
  listingBuffer.space = thread.space;
  listingBuffer.address = frame.rsi;
  listingBuffer.length = count < LISTING_BYTES ? count : LISTING_BYTES;
  writer.begin(listingBuffer, isOld);
  return file.list(thread, writer);
}

export function sysGetdents(thread: Thread): i64 {
  return list(thread, true);
}

export function sysGetdents64(thread: Thread): i64 {
  return list(thread, false);
}

/** Checks that a process may work in the directory that the walk found. */
function checkEnter(thread: Thread): i64 {
  const inode = placeOf(walk.here).inode;
  if (!inode.isDirectory) return -ENOTDIR;
  return checkPermission(thread.process, inode, MAY_EXECUTE);
}

export function sysChdir(thread: Thread): i64 {
  let error = walkPath(thread, AT_FDCWD, thread.frame.rdi, 0);
  if (error === 0) error = checkEnter(thread);
  if (error === 0) thread.fileSystem.current.copyFrom(walk.here);
  return error;
}

export function sysFchdir(thread: Thread): i64 {
  const file = fileOf(thread, thread.frame.rdi);
  if (file === null) return -EBADF;
  const dentry = file.dentry;
  const mount = file.mount;
  if (dentry === null || mount === null || !dentry.inode.isDirectory) return -ENOTDIR;
  const error = checkPermission(thread.process, dentry.inode, MAY_EXECUTE);
  if (error === 0) thread.fileSystem.current.set(mount, dentry);
  return error;
}

export function sysChroot(thread: Thread): i64 {
  let error = walkPath(thread, AT_FDCWD, thread.frame.rdi, 0);
  if (error === 0) error = checkEnter(thread);
  if (error !== 0) return error;
  if (!thread.process.capabilities.has(CAP_SYS_CHROOT)) return -EPERM;
  thread.fileSystem.root.copyFrom(walk.here);
  return 0;
}

export function sysGetcwd(thread: Thread): i64 {
  const current: Path = thread.fileSystem.current;
  if (placeOf(current).isDeleted) return -ENOENT;
  pathText.begin(addressOf(pathBytes), PATH_MAX);
  writePath(pathText, current, thread.fileSystem.root);
  pathText.putByte(0);
  if (pathText.isFull || pathText.length > thread.frame.rsi) return -ERANGE;
  const length: u64 = pathText.length;
  return copyOut(thread.space, thread.frame.rdi, addressOf(pathBytes), length) === length ? (length as i64) : -EFAULT;
}

/** Goes to the parent of a new name and checks that it may be made there: 0, or why not. */
export function walkToNew(thread: Thread, directory: i64, address: u64, isDirectory: boolean): i64 {
  const error = walkPath(thread, directory, address, WALK_PARENT);
  if (error !== 0) return error;
  if (walk.last !== LastKind.Normal) return -EEXIST;
  const parent = placeOf(walk.here);
  const present = parent.inode.lookup(thread, parent, walk.name);
  if (present !== null) {
    present.drop();
    return -EEXIST;
  }
  if (!parent.inode.takesNames()) return -ENOENT;
  if (walk.hasTrailingSlash && !isDirectory) return -ENOENT;
  if (mountOf(walk.here).isReadOnly) return -EROFS;
  if (parent.isDeleted) return -ENOENT;
  return checkPermission(thread.process, parent.inode, MAY_WRITE | MAY_EXECUTE);
}

function makeNode(thread: Thread, directory: i64, address: u64, mode: u32, rdev: u32): i64 {
  const error = walkToNew(thread, directory, address, (mode & S_IFMT) === S_IFDIR);
  if (error !== 0) return error;
  const parent = placeOf(walk.here);
  const kind = mode & S_IFMT;
  if ((kind === S_IFCHR || kind === S_IFBLK) && !thread.process.capabilities.has(CAP_MKNOD)) return -EPERM;
  const result = parent.inode.create(thread, parent, walk.name, mode, rdev, made);
  if (result !== 0) return result;
  const dentry = made.dentry;
  made.dentry = null;
  if (dentry !== null) dentry.drop();
  return 0;
}

function makeDirectory(thread: Thread, directory: i64, address: u64, mode: u32): i64 {
  const bits = mode & 0x3ff & ~thread.fileSystem.umask;
  return makeNode(thread, directory, address, (S_IFDIR | bits) as u32, 0);
}

export function sysMkdir(thread: Thread): i64 {
  return makeDirectory(thread, AT_FDCWD, thread.frame.rdi, thread.frame.rsi as u32);
}

export function sysMkdirat(thread: Thread): i64 {
  const frame = thread.frame;
  return makeDirectory(thread, directoryOf(frame.rdi), frame.rsi, frame.rdx as u32);
}

function makeSpecial(thread: Thread, directory: i64, address: u64, given: u32, rdev: u32): i64 {
  let kind = given & S_IFMT;
  if (kind === 0) kind = S_IFREG;
  if (kind === S_IFDIR) return -EPERM;
  const isDevice = kind === S_IFCHR || kind === S_IFBLK;
  if (!isDevice && kind !== S_IFREG && kind !== S_IFIFO && kind !== S_IFSOCK) return -EINVAL;
  const bits = given & S_IALLUGO & ~thread.fileSystem.umask;
  return makeNode(thread, directory, address, (kind | bits) as u32, rdev);
}

export function sysMknod(thread: Thread): i64 {
  const frame = thread.frame;
  return makeSpecial(thread, AT_FDCWD, frame.rdi, frame.rsi as u32, frame.rdx as u32);
}

export function sysMknodat(thread: Thread): i64 {
  const frame = thread.frame;
  return makeSpecial(thread, directoryOf(frame.rdi), frame.rsi, frame.rdx as u32, frame.r10 as u32);
}

/** Whether `process` may take `entry` out of its directory: 0, or why not. */
export function checkRemoval(thread: Thread, parent: Dentry, entry: Dentry): i64 {
  if (mountOf(walk.here).isReadOnly) return -EROFS;
  const error = checkPermission(thread.process, parent.inode, MAY_WRITE | MAY_EXECUTE);
  return error !== 0 ? error : checkSticky(thread.process, parent.inode, entry.inode);
}

function removeDirectory(thread: Thread, directory: i64, address: u64): i64 {
  const error = walkPath(thread, directory, address, WALK_PARENT | WALK_NO_FOLLOW);
  if (error !== 0) return error;
  if (walk.last === LastKind.Dot) return -EINVAL;
  if (walk.last === LastKind.DotDot) return -ENOTEMPTY;
  if (walk.last === LastKind.Root) return -EBUSY;
  const parent = placeOf(walk.here);
  const entry = parent.inode.lookup(thread, parent, walk.name);
  if (entry === null) return -ENOENT;
  const result = removeFound(thread, parent, entry);
  entry.drop();
  return result;
}

function removeFound(thread: Thread, parent: Dentry, entry: Dentry): i64 {
  const error = checkRemoval(thread, parent, entry);
  if (error !== 0) return error;
  if (!entry.inode.isDirectory) return -ENOTDIR;
  if (entry.mountCount !== 0) return -EBUSY;
  return parent.inode.unlink(thread, entry);
}

export function sysRmdir(thread: Thread): i64 {
  return removeDirectory(thread, AT_FDCWD, thread.frame.rdi);
}

function unlink(thread: Thread, directory: i64, address: u64): i64 {
  const error = walkPath(thread, directory, address, WALK_PARENT | WALK_NO_FOLLOW);
  if (error !== 0) return error;
  if (walk.last !== LastKind.Normal) return -EISDIR;
  const parent = placeOf(walk.here);
  const entry = parent.inode.lookup(thread, parent, walk.name);
  if (entry === null) return -ENOENT;
  const result = unlinkFound(thread, parent, entry);
  entry.drop();
  return result;
}

function unlinkFound(thread: Thread, parent: Dentry, entry: Dentry): i64 {
  if (walk.hasTrailingSlash) return entry.inode.isDirectory ? -EISDIR : -ENOTDIR;
  const error = checkRemoval(thread, parent, entry);
  if (error !== 0) return error;
  if (entry.inode.isDirectory) return -EISDIR;
  if (entry.mountCount !== 0) return -EBUSY;
  return parent.inode.unlink(thread, entry);
}

export function sysUnlink(thread: Thread): i64 {
  return unlink(thread, AT_FDCWD, thread.frame.rdi);
}

export function sysUnlinkat(thread: Thread): i64 {
  const frame = thread.frame;
  const flags = frame.rdx as u32;
  if ((flags & ~AT_REMOVEDIR) !== 0) return -EINVAL;
  const directory = directoryOf(frame.rdi);
  return flags !== 0 ? removeDirectory(thread, directory, frame.rsi) : unlink(thread, directory, frame.rsi);
}

export function sysUmask(thread: Thread): i64 {
  const context = thread.fileSystem;
  const before = context.umask;
  context.umask = (thread.frame.rdi & 511) as u32;
  return before;
}
