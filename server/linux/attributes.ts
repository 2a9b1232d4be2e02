/** Changing what an inode says of itself: mode, owner, times, size (chmod(2), chown(2), utimensat(2), truncate(2)). */

import { copyIn } from '../memory/copy';
import { RLIM_INFINITY, RLIMIT_FSIZE } from '../process/limits';
import type { Thread } from '../process/thread';
import { SIGXFSZ } from '../signal/numbers';
import { raise } from '../signal/send';
import { coarseNanoseconds, coarseSeconds } from '../time/clock';
import type { Inode } from '../vfs/inode';
import type { Mount } from '../vfs/mount';
import { checkOwner, checkPermission, removePrivileges } from '../vfs/permission';
import { TmpfsFile } from '../vfs/tmpfs/file';
import { placeOf, WALK_EMPTY, WALK_NO_FOLLOW, walk, walkPath } from '../vfs/walk';
import { AGAIN, SLICE_PAGES } from '../wait/outcome';
import {
  EACCES,
  EBADF,
  EFAULT,
  EFBIG,
  EINVAL,
  EISDIR,
  ENODEV,
  ENOSPC,
  EOPNOTSUPP,
  EPERM,
  EROFS,
  ESPIPE,
  ETXTBSY,
} from './errno';
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  CAP_CHOWN,
  CAP_FOWNER,
  CAP_FSETID,
  MAXIMUM_OFFSET,
  MAY_WRITE,
  S_IALLUGO,
  S_ISGID,
  S_ISUID,
} from './file-constants';
import { directoryOf } from './open';
import { isEmptyText } from './stat';
import { fileOf, goOn } from './transfer';

const NOT_CHANGED: u32 = 0xffff_ffff;
const UTIME_NOW: i64 = 0x3fff_ffff;
const UTIME_OMIT: i64 = 0x3fff_fffe;
const FALLOC_KEEP_SIZE: u64 = 1;
const FALLOC_PUNCH_HOLE: u64 = 2;
/** call.stage: the hole is made, or others are at it. */
const PUNCHED: u64 = 1;

class TimePair {
  accessedSeconds!: i64;
  accessedFraction!: i64;
  modifiedSeconds!: i64;
  modifiedFraction!: i64;
}

const times: TimePair = reserve();

function checkWritable(mount: Mount | null): i64 {
  return mount !== null && mount.isReadOnly ? -EROFS : 0;
}

function changeMode(thread: Thread, inode: Inode, mount: Mount | null, mode: u32): i64 {
  let error = checkWritable(mount);
  if (error === 0) error = checkOwner(thread.process, inode);
  if (error !== 0) return error;
  if (inode.isSymlink) return -EOPNOTSUPP;
  let bits = mode & S_IALLUGO;
  const isOutsider = !thread.credentials.inGroup(inode.gid) && !thread.process.capabilities.has(CAP_FSETID);
  if (isOutsider) bits = bits & ~S_ISGID;
  inode.mode = ((inode.mode & ~S_IALLUGO) | bits) as u32;
  inode.touchChanged();
  return 0;
}

function changeModeAt(thread: Thread, directory: i64, address: u64, mode: u32): i64 {
  const error = walkPath(thread, directory, address, 0);
  return error !== 0 ? error : changeMode(thread, placeOf(walk.here).inode, walk.here.mount, mode);
}

export function sysChmod(thread: Thread): i64 {
  return changeModeAt(thread, AT_FDCWD, thread.frame.rdi, thread.frame.rsi as u32);
}

export function sysFchmodat(thread: Thread): i64 {
  return changeModeAt(thread, directoryOf(thread.frame.rdi), thread.frame.rsi, thread.frame.rdx as u32);
}

export function sysFchmod(thread: Thread): i64 {
  const file = fileOf(thread, thread.frame.rdi);
  if (file === null || file.isPathOnly) return -EBADF;
  return changeMode(thread, file.inode, file.mount, thread.frame.rsi as u32);
}

function changeOwner(thread: Thread, inode: Inode, mount: Mount | null, uid: u32, gid: u32): i64 {
  const error = checkWritable(mount);
  if (error !== 0) return error;
  const credentials = thread.credentials;
  if (!thread.process.capabilities.has(CAP_CHOWN)) {
    const isOwner = credentials.fsuid === inode.uid;
    if (uid !== NOT_CHANGED && (!isOwner || uid !== inode.uid)) return -EPERM;
    if (gid !== NOT_CHANGED && (!isOwner || (gid !== inode.gid && !credentials.inGroup(gid)))) return -EPERM;
  }
  if (uid !== NOT_CHANGED) inode.uid = uid;
  if (gid !== NOT_CHANGED) inode.gid = gid;
  if (!inode.isDirectory) {
    inode.mode = (inode.mode & ~S_ISUID) as u32;
    if ((inode.mode & 8) !== 0) inode.mode = (inode.mode & ~S_ISGID) as u32;
  }
  inode.touchChanged();
  return 0;
}

function changeOwnerAt(thread: Thread, directory: i64, address: u64, uid: u64, gid: u64, how: u32): i64 {
  const error = walkPath(thread, directory, address, how);
  if (error !== 0) return error;
  return changeOwner(thread, placeOf(walk.here).inode, walk.here.mount, uid as u32, gid as u32);
}

export function sysChown(thread: Thread): i64 {
  const frame = thread.frame;
  return changeOwnerAt(thread, AT_FDCWD, frame.rdi, frame.rsi, frame.rdx, 0);
}

export function sysLchown(thread: Thread): i64 {
  const frame = thread.frame;
  return changeOwnerAt(thread, AT_FDCWD, frame.rdi, frame.rsi, frame.rdx, WALK_NO_FOLLOW);
}

export function sysFchownat(thread: Thread): i64 {
  const frame = thread.frame;
  const flags = frame.r8 as u32;
  if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) !== 0) return -EINVAL;
  let how: u32 = (flags & AT_SYMLINK_NOFOLLOW) !== 0 ? WALK_NO_FOLLOW : 0;
  if ((flags & AT_EMPTY_PATH) !== 0) {
    how = (how | WALK_EMPTY) as u32;
    if (isEmptyText(thread, frame.rsi) && directoryOf(frame.rdi) >= 0) return changeOwnerOf(thread, frame.rdi);
  }
  return changeOwnerAt(thread, directoryOf(frame.rdi), frame.rsi, frame.rdx, frame.r10, how);
}

function changeOwnerOf(thread: Thread, descriptor: u64): i64 {
  const file = fileOf(thread, descriptor);
  if (file === null) return -EBADF;
  return changeOwner(thread, file.inode, file.mount, thread.frame.rdx as u32, thread.frame.r10 as u32);
}

export function sysFchown(thread: Thread): i64 {
  const frame = thread.frame;
  const file = fileOf(thread, frame.rdi);
  if (file === null || file.isPathOnly) return -EBADF;
  return changeOwner(thread, file.inode, file.mount, frame.rsi as u32, frame.rdx as u32);
}

/** Sets times from `times` (seconds and nanoseconds); `isNow` stands for a null argument. */
function changeTimes(thread: Thread, inode: Inode, mount: Mount | null, isNow: boolean): i64 {
  if (isNow) {
    times.accessedFraction = UTIME_NOW;
    times.modifiedFraction = UTIME_NOW;
  }
  const setsNow = times.accessedFraction === UTIME_NOW && times.modifiedFraction === UTIME_NOW;
  if (!isTime(times.accessedFraction) || !isTime(times.modifiedFraction)) return -EINVAL;
  const error = checkWritable(mount);
  if (error !== 0) return error;
  if (thread.credentials.fsuid !== inode.uid && !thread.process.capabilities.has(CAP_FOWNER)) {
    if (!setsNow) return -EPERM;
    if (checkPermission(thread.process, inode, MAY_WRITE) !== 0) return -EACCES;
  }
  inode.touchChanged();
  if (times.accessedFraction === UTIME_NOW) {
    inode.accessedSeconds = coarseSeconds();
    inode.accessedNanoseconds = coarseNanoseconds();
  } else if (times.accessedFraction !== UTIME_OMIT) {
    inode.accessedSeconds = times.accessedSeconds;
    inode.accessedNanoseconds = times.accessedFraction as u32;
  }
  if (times.modifiedFraction === UTIME_NOW) {
    inode.modifiedSeconds = coarseSeconds();
    inode.modifiedNanoseconds = coarseNanoseconds();
  } else if (times.modifiedFraction !== UTIME_OMIT) {
    inode.modifiedSeconds = times.modifiedSeconds;
    inode.modifiedNanoseconds = times.modifiedFraction as u32;
  }
  return 0;
}

function isTime(nanoseconds: i64): boolean {
  return nanoseconds === UTIME_NOW || nanoseconds === UTIME_OMIT || (nanoseconds >= 0 && nanoseconds < 1000000000);
}

export function sysUtimensat(thread: Thread): i64 {
  const frame = thread.frame;
  const flags = frame.r10 as u32;
  if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) !== 0) return -EINVAL;
  if (frame.rdx !== 0 && copyIn(thread.space, addressOf(times), frame.rdx, 32) !== 32) return -EFAULT;
  // Nothing to do: as in Linux not even the path is looked at.
  if (frame.rdx !== 0 && times.accessedFraction === UTIME_OMIT && times.modifiedFraction === UTIME_OMIT) return 0;
  if (frame.rsi === 0) {
    const file = fileOf(thread, frame.rdi);
    return file === null ? -EBADF : changeTimes(thread, file.inode, file.mount, frame.rdx === 0);
  }
  let how: u32 = (flags & AT_SYMLINK_NOFOLLOW) !== 0 ? WALK_NO_FOLLOW : 0;
  if ((flags & AT_EMPTY_PATH) !== 0) how = (how | WALK_EMPTY) as u32;
  const error = walkPath(thread, directoryOf(frame.rdi), frame.rsi, how);
  return error !== 0 ? error : changeTimes(thread, placeOf(walk.here).inode, walk.here.mount, frame.rdx === 0);
}

function changeTimesMicroseconds(thread: Thread, directory: i64, address: u64, argument: u64): i64 {
  if (argument !== 0) {
    if (copyIn(thread.space, addressOf(times), argument, 32) !== 32) return -EFAULT;
    if (times.accessedFraction < 0 || times.accessedFraction >= 1000000) return -EINVAL;
    if (times.modifiedFraction < 0 || times.modifiedFraction >= 1000000) return -EINVAL;
    times.accessedFraction = times.accessedFraction * 1000;
    times.modifiedFraction = times.modifiedFraction * 1000;
  }
  const error = walkPath(thread, directory, address, 0);
  return error !== 0 ? error : changeTimes(thread, placeOf(walk.here).inode, walk.here.mount, argument === 0);
}

export function sysUtimes(thread: Thread): i64 {
  return changeTimesMicroseconds(thread, AT_FDCWD, thread.frame.rdi, thread.frame.rsi);
}

export function sysFutimesat(thread: Thread): i64 {
  return changeTimesMicroseconds(thread, directoryOf(thread.frame.rdi), thread.frame.rsi, thread.frame.rdx);
}

/** utime(2): two times in whole seconds. */
export function sysUtime(thread: Thread): i64 {
  const argument = thread.frame.rsi;
  if (argument !== 0) {
    if (copyIn(thread.space, addressOf(times), argument, 16) !== 16) return -EFAULT;
    times.modifiedSeconds = times.accessedFraction;
    times.accessedFraction = 0;
    times.modifiedFraction = 0;
  }
  const error = walkPath(thread, AT_FDCWD, thread.frame.rdi, 0);
  return error !== 0 ? error : changeTimes(thread, placeOf(walk.here).inode, walk.here.mount, argument === 0);
}

/** RLIMIT_FSIZE (getrlimit(2)) for a file that is to grow to `size`. */
function checkFileLimit(thread: Thread, inode: Inode, size: u64): i64 {
  const most: u64 = thread.process.limits.of[RLIMIT_FSIZE].current;
  if (most === RLIM_INFINITY || size <= most || size <= inode.size) return 0;
  raise(thread, SIGXFSZ);
  return -EFBIG;
}

export function sysTruncate(thread: Thread): i64 {
  const size = thread.frame.rsi;
  if ((size as i64) < 0) return -EINVAL;
  const error = walkPath(thread, AT_FDCWD, thread.frame.rdi, 0);
  if (error !== 0) return error;
  const inode = placeOf(walk.here).inode;
  if (inode.isDirectory) return -EISDIR;
  if (!inode.isRegular) return -EINVAL;
  let denied = checkPermission(thread.process, inode, MAY_WRITE);
  if (denied === 0) denied = checkWritable(walk.here.mount);
  if (denied === 0) denied = checkFileLimit(thread, inode, size);
  if (denied === 0 && inode.writers < 0) return -ETXTBSY;
  if (denied !== 0) return denied;
  removePrivileges(thread.process, inode);
  return inode.truncate(thread, size);
}

export function sysFtruncate(thread: Thread): i64 {
  const size = thread.frame.rsi;
  if ((size as i64) < 0) return -EINVAL;
  const file = fileOf(thread, thread.frame.rdi);
  if (file === null || file.isPathOnly) return -EBADF;
  if (!file.inode.isRegular || !file.writable) return -EINVAL;
  const denied = checkFileLimit(thread, file.inode, size);
  return denied !== 0 ? denied : file.truncate(thread, size);
}

export function sysFallocate(thread: Thread): i64 {
  const frame = thread.frame;
  const mode: u64 = frame.rsi & 0xffff_ffff;
  const start = frame.rdx;
  const length = frame.r10;
  const file = fileOf(thread, frame.rdi);
  if (file === null) return -EBADF;
  if ((start as i64) < 0 || (length as i64) <= 0) return -EINVAL;
  if ((mode & ~(FALLOC_KEEP_SIZE | FALLOC_PUNCH_HOLE)) !== 0 || mode === FALLOC_PUNCH_HOLE) return -EOPNOTSUPP;
  if (!file.writable) return -EBADF;
  const inode = file.inode;
  if (inode.isFifo) return -ESPIPE;
  if (inode.isDirectory) return -EISDIR;
  if (!(inode instanceof TmpfsFile)) return -ENODEV;
  if (length > MAXIMUM_OFFSET - start) return -EFBIG;
  if ((mode & FALLOC_PUNCH_HOLE) !== 0) {
    if (inode.cut !== null) return AGAIN;
    if (thread.call.stage !== PUNCHED && !inode.punch(start, start + length)) {
      thread.call.stage = PUNCHED;
      return AGAIN;
    }
    inode.touchModified();
    return 0;
  }
  if (inode.cut !== null) return goOn(thread, thread.call.progress);
  const denied = checkFileLimit(thread, inode, start + length);
  if (denied === 0) removePrivileges(thread.process, inode);
  return denied !== 0 ? denied : reserveSpace(thread, inode, start, start + length, mode === 0);
}

/** Makes the pages of a range, a slice at a time; the count of those done is the call's progress. */
function reserveSpace(thread: Thread, inode: TmpfsFile, start: u64, end: u64, grows: boolean): i64 {
  let page: u64 = (start >>> 12) + thread.call.progress;
  const last: u64 = (end + 4095) >>> 12;
  let left: u64 = SLICE_PAGES;
  while (page < last) {
    if (left === 0) return goOn(thread, page - (start >>> 12));
    if (inode.page(page, true) === 0) return -ENOSPC;
    page += 1;
    left -= 1;
  }
  if (grows && end > inode.size) inode.size = end;
  inode.touchModified();
  return 0;
}
