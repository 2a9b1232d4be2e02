/** Opening and closing (open(2), openat(2), creat(2), close(2), close_range(2)). */

import { copyIn } from '../memory/copy';
import { limit, RLIMIT_NOFILE } from '../process/limits';
import type { Thread } from '../process/thread';
import { openPathOnly } from '../vfs/directory-file';
import type { File } from '../vfs/file';
import { type FileTable, MAXIMUM_FILES } from '../vfs/file-table';
import type { Inode } from '../vfs/inode';
import { Made } from '../vfs/made';
import { checkOwner, checkPermission, removePrivileges } from '../vfs/permission';
import { createUnnamedFile } from '../vfs/tmpfs/file-system';
import { mountOf, placeOf, WALK_CREATE, WALK_NO_FOLLOW, walk, walkPath } from '../vfs/walk';
import { budget } from '../wait/budget';
import { AGAIN } from '../wait/outcome';
import {
  EEXIST,
  EFAULT,
  EINVAL,
  EISDIR,
  ELOOP,
  EMFILE,
  ENOENT,
  ENOTDIR,
  EOPNOTSUPP,
  EPERM,
  EROFS,
  ETXTBSY,
} from './errno';
import {
  AT_FDCWD,
  MAY_EXECUTE,
  MAY_READ,
  MAY_WRITE,
  O_ACCMODE,
  O_CLOEXEC,
  O_CREAT,
  O_CREATION,
  O_DIRECTORY,
  O_EXCL,
  O_LARGEFILE,
  O_NOATIME,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
  O_TMPFILE_BIT,
  O_TRUNC,
  O_WRONLY,
  S_IALLUGO,
  S_IFREG,
} from './file-constants';

const CLOSE_RANGE_UNSHARE: u64 = 2;
const CLOSE_RANGE_CLOEXEC: u64 = 4;
/** Descriptors that one slice of close_range closes. */
const CLOSED_AT_ONCE: u64 = 64;
/** Every flag that open(2) knows; openat2(2) refuses others. */
const KNOWN_FLAGS: u64 = 0x7ffff03 | 0xfc3;

const made: Made = reserve();

/** A directory descriptor argument: 32 bits, signed, of which AT_FDCWD is one. */
export function directoryOf(argument: u64): i64 {
  return argument as i32;
}

/** Opens a client's path; on success `made.file` holds the caller's reference. BLOCKED for a FIFO without its peer. */
function openAt(thread: Thread, directory: i64, address: u64, given: u32, mode: u32): i64 {
  let flags = given;
  if ((flags & O_PATH) !== 0) flags = (flags & (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) as u32;
  const access = flags & O_ACCMODE;
  const creates = (flags & O_CREAT) !== 0;
  const isExclusive = creates && (flags & O_EXCL) !== 0;
  if ((flags & O_TMPFILE_BIT) !== 0) {
    if ((flags & O_DIRECTORY) === 0 || access === O_RDONLY || creates) return -EINVAL;
    return openUnnamed(thread, directory, address, flags, mode);
  }
  let how: u32 = creates ? WALK_CREATE : 0;
  if (isExclusive || (flags & O_NOFOLLOW) !== 0) how = (how | WALK_NO_FOLLOW) as u32;
  const error = walkPath(thread, directory, address, how);
  if (error !== 0) return error;
  let wanted: u32 = access === O_RDONLY ? MAY_READ : access === O_WRONLY ? MAY_WRITE : MAY_READ | MAY_WRITE;
  if (walk.isMissing) {
    const failure = createMissing(thread, mode);
    if (failure !== 0) return failure;
    wanted = 0;
  } else if (isExclusive) {
    return -EEXIST;
  }
  const inode = placeOf(walk.here).inode;
  const refusal = checkOpening(thread, inode, flags, wanted);
  if (refusal !== 0) return refusal;
  if ((flags & O_PATH) !== 0) return openPathOnly(inode, walk.here, flags & ~(O_CREATION & ~O_PATH), made);
  const opened = inode.open(thread, walk.here, (flags & ~O_CREATION) | O_LARGEFILE, made);
  if (opened !== 0) return opened;
  return settle(thread, inode, flags, wanted !== 0);
}

/** Makes the file that was not there, and goes on as if it had been found. */
function createMissing(thread: Thread, mode: u32): i64 {
  const parent = placeOf(walk.here);
  const mount = mountOf(walk.here);
  if (!parent.inode.takesNames()) return -ENOENT;
  if (mount.isReadOnly) return -EROFS;
  if (parent.isDeleted) return -ENOENT;
  const denied = checkPermission(thread.process, parent.inode, MAY_WRITE | MAY_EXECUTE);
  if (denied !== 0) return denied;
  const bits = mode & S_IALLUGO & ~thread.fileSystem.umask;
  const error = parent.inode.create(thread, parent, walk.name, (S_IFREG | bits) as u32, 0, made);
  if (error !== 0) return error;
  const dentry = made.dentry;
  made.dentry = null;
  if (dentry !== null) {
    walk.here.set(mount, dentry);
    dentry.drop();
  }
  return 0;
}

/** What open(2) refuses for an inode that is there, in Linux's order. */
function checkOpening(thread: Thread, inode: Inode, flags: u32, wanted: u32): i64 {
  const isPath = (flags & O_PATH) !== 0;
  if (inode.isSymlink && !isPath) return -ELOOP;
  if ((flags & O_DIRECTORY) !== 0 && !inode.isDirectory) return -ENOTDIR;
  if (isPath) return 0;
  let needed = wanted;
  if ((flags & O_TRUNC) !== 0 && wanted !== 0) needed = (needed | MAY_WRITE) as u32;
  if (inode.isDirectory && ((needed & MAY_WRITE) !== 0 || (flags & O_CREAT) !== 0)) return -EISDIR;
  if ((needed & MAY_WRITE) !== 0 && (inode.isRegular || inode.isDirectory) && mountOf(walk.here).isReadOnly)
    return -EROFS;
  if (needed !== 0) {
    const denied = checkPermission(thread.process, inode, needed);
    if (denied !== 0) return denied;
  }
  if ((flags & O_NOATIME) !== 0) return checkOwner(thread.process, inode);
  return 0;
}

/** Truncates if asked to, and counts the writer. On failure the file is closed again. */
function settle(thread: Thread, inode: Inode, flags: u32, wasThere: boolean): i64 {
  const file = made.file;
  if (file === null) return -EPERM;
  if (!inode.isRegular) return 0;
  if (file.writable && inode.writers < 0) return abandon(file, -ETXTBSY);
  if ((flags & O_TRUNC) !== 0 && wasThere) {
    removePrivileges(thread.process, inode);
    const error = inode.truncate(thread, 0);
    if (error !== 0) return abandon(file, error);
  }
  if (file.writable) {
    inode.writers += 1;
    file.countsAsWriter = true;
  }
  return 0;
}

function abandon(file: File, error: i64): i64 {
  made.file = null;
  file.drop();
  return error;
}

/** O_TMPFILE: a file without a name in the file system of a directory. */
function openUnnamed(thread: Thread, directory: i64, address: u64, flags: u32, mode: u32): i64 {
  const error = walkPath(thread, directory, address, 0);
  if (error !== 0) return error;
  const parent = placeOf(walk.here);
  if (!parent.inode.isDirectory) return -ENOTDIR;
  const mount = mountOf(walk.here);
  if (mount.isReadOnly) return -EROFS;
  if (!mount.fileSystem.holdsPages) return -EOPNOTSUPP;
  const denied = checkPermission(thread.process, parent.inode, MAY_WRITE | MAY_EXECUTE);
  if (denied !== 0) return denied;
  const bits = mode & S_IALLUGO & ~thread.fileSystem.umask;
  const dentry = createUnnamedFile(thread, parent, bits as u32, (flags & O_EXCL) === 0);
  walk.here.set(mount, dentry);
  dentry.drop();
  const opened = dentry.inode.open(thread, walk.here, (flags & ~O_CREATION) | O_LARGEFILE, made);
  return opened !== 0 ? opened : settle(thread, dentry.inode, flags, false);
}

/** Opens a path as a descriptor. An open that waits keeps its file in `thread.call.file`. */
function openDescriptor(thread: Thread, directory: i64, address: u64, flags: u32, mode: u32): i64 {
  const most: u64 = limit(thread, RLIMIT_NOFILE);
  if (thread.files.lowestFree >= most || thread.files.lowestFree >= MAXIMUM_FILES) return -EMFILE;
  const waiting = thread.call.file;
  if (waiting !== null) {
    const result = waiting.finishOpen(thread);
    if (result !== 0) return result;
    thread.call.file = null;
    made.file = waiting;
  } else {
    const result = openAt(thread, directory, address, flags, mode);
    if (result !== 0) return result;
  }
  const file = made.file;
  made.file = null;
  return file === null ? -EPERM : installFile(thread, file, (flags & O_CLOEXEC) !== 0);
}

/** Gives a new file a descriptor; the file is let go if there is none. */
export function installFile(thread: Thread, file: File, closeOnExec: boolean): i64 {
  const descriptor = thread.files.install(file, 0, limit(thread, RLIMIT_NOFILE), closeOnExec);
  if (descriptor < 0) file.drop();
  return descriptor;
}

export function sysOpen(thread: Thread): i64 {
  const frame = thread.frame;
  return openDescriptor(thread, AT_FDCWD, frame.rdi, frame.rsi as u32, frame.rdx as u32);
}

export function sysOpenat(thread: Thread): i64 {
  const frame = thread.frame;
  return openDescriptor(thread, directoryOf(frame.rdi), frame.rsi, frame.rdx as u32, frame.r10 as u32);
}

export function sysCreat(thread: Thread): i64 {
  const frame = thread.frame;
  return openDescriptor(thread, AT_FDCWD, frame.rdi, O_CREAT | O_WRONLY | O_TRUNC, frame.rsi as u32);
}

class OpenHow {
  flags!: u64;
  mode!: u64;
  resolve!: u64;
}

const how: OpenHow = reserve();

/** openat2(2), without its restrictions of the resolution: those are refused as EINVAL, as by a kernel without them. */
export function sysOpenat2(thread: Thread): i64 {
  const frame = thread.frame;
  if (frame.r10 < 24) return -EINVAL;
  if (copyIn(thread.space, addressOf(how), frame.rdx, 24) !== 24) return -EFAULT;
  if ((how.flags & ~KNOWN_FLAGS) !== 0 || how.resolve !== 0) return -EINVAL;
  if ((how.flags & O_CREAT) === 0 && (how.flags & O_TMPFILE_BIT) === 0 && how.mode !== 0) return -EINVAL;
  return openDescriptor(thread, directoryOf(frame.rdi), frame.rsi, how.flags as u32, how.mode as u32);
}

export function sysClose(thread: Thread): i64 {
  return thread.files.close(thread, thread.frame.rdi & 0xffff_ffff);
}

export function sysCloseRange(thread: Thread): i64 {
  const first: u64 = thread.frame.rdi & 0xffff_ffff;
  const last: u64 = thread.frame.rsi & 0xffff_ffff;
  const flags: u64 = thread.frame.rdx & 0xffff_ffff;
  if ((flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) !== 0 || first > last) return -EINVAL;
  if ((flags & CLOSE_RANGE_UNSHARE) !== 0) unshareFiles(thread);
  const files = thread.files;
  let descriptor = files.nextOpen(first);
  for (let left: u64 = CLOSED_AT_ONCE; descriptor <= last && descriptor < MAXIMUM_FILES; left--) {
    // What was closed is not found again; marking thousands takes no slice.
    if ((left === 0 || budget <= 0) && (flags & CLOSE_RANGE_CLOEXEC) === 0) return AGAIN;
    if ((flags & CLOSE_RANGE_CLOEXEC) !== 0) files.setCloseOnExec(descriptor, true);
    else files.close(thread, descriptor);
    descriptor = files.nextOpen(descriptor + 1);
  }
  return 0;
}

/** A table of its own for a process that shares one (unshare(2), CLONE_FILES). */
function unshareFiles(thread: Thread): void {
  const shared: FileTable = thread.files;
  if (shared.references === 1) return;
  thread.process.files = shared.clone();
  shared.drop();
}
