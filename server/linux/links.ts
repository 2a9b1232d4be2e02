/** Names of files: links, symbolic links and renaming (link(2), symlink(2), readlink(2), rename(2), renameat2(2)). */

import { copyInString, copyOut } from '../memory/copy';
import type { Thread } from '../process/thread';
import { allowSteps, type Dentry, isAbove, stepsLeft } from '../vfs/dentry';
import type { Inode } from '../vfs/inode';
import { Path } from '../vfs/path';
import { checkOwner, checkPermission } from '../vfs/permission';
import { Text } from '../vfs/text';
import { isUnnamed } from '../vfs/tmpfs/file-system';
import { LastKind, mountOf, placeOf, WALK_EMPTY, WALK_NO_FOLLOW, WALK_PARENT, walk, walkPath } from '../vfs/walk';
import { checkRemoval, walkToNew } from './directories';
import {
  EBUSY,
  EEXIST,
  EFAULT,
  EINVAL,
  EISDIR,
  ENAMETOOLONG,
  ENOENT,
  ENOTDIR,
  ENOTEMPTY,
  EPERM,
  EROFS,
  EXDEV,
} from './errno';
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_SYMLINK_FOLLOW,
  MAY_EXECUTE,
  MAY_READ,
  MAY_WRITE,
  PATH_MAX,
  S_ISGID,
  S_ISUID,
  S_IXGRP,
} from './file-constants';
import { directoryOf } from './open';

const RENAME_NOREPLACE: u32 = 1;
const RENAME_EXCHANGE: u32 = 2;
/** Directories above the target of a rename: no path that anybody can write leads so deep. */
const DEEPEST: u64 = 10000;

const targetBytes: Fixed<u8, 4096> = reserve();
const targetText: Text = reserve();
const source: Path = reserve();

function link(thread: Thread, fromDirectory: i64, from: u64, toDirectory: i64, to: u64, flags: u32): i64 {
  if ((flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) !== 0) return -EINVAL;
  let how: u32 = (flags & AT_SYMLINK_FOLLOW) !== 0 ? 0 : WALK_NO_FOLLOW;
  if ((flags & AT_EMPTY_PATH) !== 0) how = (how | WALK_EMPTY) as u32;
  let error = walkPath(thread, fromDirectory, from, how);
  if (error !== 0) return error;
  source.copyFrom(walk.here);
  error = walkToNew(thread, toDirectory, to, false);
  if (error === 0) error = linkFound(thread);
  source.clear();
  return error;
}

/**
 * /proc/sys/fs/protected_hardlinks as Debian has it (proc(5)): who is not the owner may link only what is safe to have a
 * second name for, a plain file that one may read and write and that gives no rights.
 */
function mayLink(thread: Thread, inode: Inode): boolean {
  if (checkOwner(thread.process, inode) === 0) return true;
  if (!inode.isRegular || (inode.mode & S_ISUID) !== 0) return false;
  if ((inode.mode & (S_ISGID | S_IXGRP)) === (S_ISGID | S_IXGRP)) return false;
  return checkPermission(thread.process, inode, MAY_READ | MAY_WRITE) === 0;
}

function linkFound(thread: Thread): i64 {
  const existing = placeOf(source);
  const parent = placeOf(walk.here);
  if (source.mount !== walk.here.mount) return -EXDEV;
  if (existing.inode.isDirectory) return -EPERM;
  // Only a file that never had a name (O_TMPFILE) may get its first one here.
  if (existing.inode.links === 0 && !isUnnamed(existing)) return -ENOENT;
  if (!mayLink(thread, existing.inode)) return -EPERM;
  return parent.inode.link(thread, parent, walk.name, existing);
}

export function sysLink(thread: Thread): i64 {
  return link(thread, AT_FDCWD, thread.frame.rdi, AT_FDCWD, thread.frame.rsi, 0);
}

export function sysLinkat(thread: Thread): i64 {
  const frame = thread.frame;
  return link(thread, directoryOf(frame.rdi), frame.rsi, directoryOf(frame.rdx), frame.r10, frame.r8 as u32);
}

function symlink(thread: Thread, target: u64, directory: i64, address: u64): i64 {
  const length = copyInString(thread.space, addressOf(targetBytes), target, PATH_MAX);
  if (length < 0) return length;
  if (length === 0) return -ENOENT;
  const error = walkToNew(thread, directory, address, false);
  if (error !== 0) return error;
  const parent = placeOf(walk.here);
  return parent.inode.symlink(thread, parent, walk.name, addressOf(targetBytes), length as u64);
}

export function sysSymlink(thread: Thread): i64 {
  return symlink(thread, thread.frame.rdi, AT_FDCWD, thread.frame.rsi);
}

export function sysSymlinkat(thread: Thread): i64 {
  const frame = thread.frame;
  return symlink(thread, frame.rdi, directoryOf(frame.rsi), frame.rdx);
}

function readLink(thread: Thread, directory: i64, address: u64, result: u64, size: u64): i64 {
  if ((size as i32) <= 0) return -EINVAL;
  const error = walkPath(thread, directory, address, WALK_NO_FOLLOW | WALK_EMPTY);
  if (error !== 0) return error;
  const inode = placeOf(walk.here).inode;
  if (!inode.isSymlink) return -EINVAL;
  targetText.begin(addressOf(targetBytes), PATH_MAX);
  const failure = inode.readLink(thread, targetText);
  if (failure !== 0) return failure;
  if (targetText.isFull) return -ENAMETOOLONG;
  let count: u64 = targetText.length;
  const room: u64 = size & 0x7fff_ffff;
  if (count > room) count = room;
  inode.touchAccessed();
  return copyOut(thread.space, result, addressOf(targetBytes), count) === count ? (count as i64) : -EFAULT;
}

export function sysReadlink(thread: Thread): i64 {
  const frame = thread.frame;
  return readLink(thread, AT_FDCWD, frame.rdi, frame.rsi, frame.rdx);
}

export function sysReadlinkat(thread: Thread): i64 {
  const frame = thread.frame;
  return readLink(thread, directoryOf(frame.rdi), frame.rsi, frame.rdx, frame.r10);
}

/** rename in three steps: where from (kept in `source`), where to (left in `walk`), and the checks between the two. */
function rename(thread: Thread, fromDirectory: i64, from: u64, toDirectory: i64, to: u64, flags: u32): i64 {
  if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) !== 0) return -EINVAL;
  if (flags === (RENAME_NOREPLACE | RENAME_EXCHANGE)) return -EINVAL;
  const error = walkPath(thread, fromDirectory, from, WALK_PARENT | WALK_NO_FOLLOW);
  if (error !== 0) return error;
  const isNormal = walk.last === LastKind.Normal;
  const sourceSlash = walk.hasTrailingSlash;
  source.copyFrom(walk.here);
  const parent = placeOf(source);
  const entry = isNormal ? parent.inode.lookup(thread, parent, walk.name) : null;
  const result = renameFound(thread, entry, isNormal, sourceSlash, toDirectory, to, flags);
  if (entry !== null) entry.drop();
  source.clear();
  return result;
}

function renameFound(
  thread: Thread,
  entry: Dentry | null,
  isNormal: boolean,
  sourceSlash: boolean,
  toDirectory: i64,
  to: u64,
  flags: u32,
): i64 {
  const error = walkPath(thread, toDirectory, to, WALK_PARENT | WALK_NO_FOLLOW);
  if (error !== 0) return error;
  if (source.mount !== walk.here.mount) return -EXDEV;
  if (!isNormal) return -EBUSY;
  if (walk.last !== LastKind.Normal) return (flags & RENAME_NOREPLACE) !== 0 ? -EEXIST : -EBUSY;
  if (entry === null) return -ENOENT;
  const target = placeOf(walk.here);
  const replaced = target.inode.lookup(thread, target, walk.name);
  if (replaced === null && !target.inode.takesNames()) return -ENOENT;
  const result = renameChecked(thread, entry, replaced, sourceSlash, flags);
  if (replaced !== null) replaced.drop();
  return result;
}

function renameChecked(thread: Thread, entry: Dentry, replaced: Dentry | null, sourceSlash: boolean, flags: u32): i64 {
  const parent = placeOf(source);
  const target = placeOf(walk.here);
  const exchanges = (flags & RENAME_EXCHANGE) !== 0;
  const movesDirectory = entry.inode.isDirectory;
  if (replaced !== null && (flags & RENAME_NOREPLACE) !== 0) return -EEXIST;
  if (replaced === null && exchanges) return -ENOENT;
  if (!movesDirectory && (sourceSlash || (walk.hasTrailingSlash && !exchanges))) return -ENOTDIR;
  if (exchanges && replaced !== null && walk.hasTrailingSlash && !replaced.inode.isDirectory) return -ENOTDIR;
  allowSteps(DEEPEST);
  if (movesDirectory && isAbove(entry, target)) return -EINVAL;
  if (replaced !== null && replaced.inode.isDirectory && isAbove(replaced, parent)) {
    return exchanges ? -EINVAL : -ENOTEMPTY;
  }
  // Deeper than any path can lead: where the one is not found above the other.
  if (stepsLeft === 0) return -ENAMETOOLONG;
  if (replaced !== null && replaced.inode === entry.inode) return 0;
  if (mountOf(walk.here).isReadOnly) return -EROFS;
  let error = checkRemoval(thread, parent, entry);
  if (error !== 0) return error;
  if (replaced === null) {
    if (target.isDeleted) return -ENOENT;
    error = checkPermission(thread.process, target.inode, MAY_WRITE | MAY_EXECUTE);
    if (error !== 0) return error;
  } else {
    error = checkRemoval(thread, target, replaced);
    if (error !== 0) return error;
    if (!exchanges && movesDirectory && !replaced.inode.isDirectory) return -ENOTDIR;
    if (!exchanges && !movesDirectory && replaced.inode.isDirectory) return -EISDIR;
  }
  if (parent !== target) {
    if (movesDirectory) error = checkPermission(thread.process, entry.inode, MAY_WRITE);
    if (error === 0 && exchanges && replaced !== null && replaced.inode.isDirectory) {
      error = checkPermission(thread.process, replaced.inode, MAY_WRITE);
    }
    if (error !== 0) return error;
  }
  if (entry.mountCount !== 0 || (replaced !== null && replaced.mountCount !== 0)) return -EBUSY;
  return parent.inode.rename(thread, entry, target, walk.name, replaced, exchanges);
}

export function sysRename(thread: Thread): i64 {
  return rename(thread, AT_FDCWD, thread.frame.rdi, AT_FDCWD, thread.frame.rsi, 0);
}

export function sysRenameat(thread: Thread): i64 {
  const frame = thread.frame;
  return rename(thread, directoryOf(frame.rdi), frame.rsi, directoryOf(frame.rdx), frame.r10, 0);
}

export function sysRenameat2(thread: Thread): i64 {
  const frame = thread.frame;
  return rename(thread, directoryOf(frame.rdi), frame.rsi, directoryOf(frame.rdx), frame.r10, frame.r8 as u32);
}
