/** Descriptors and what hangs on them (dup(2), fcntl(2), flock(2), ioctl(2), pipe(2), eventfd(2)). */

import { copyIn, copyOut } from '../memory/copy';
import { readWord32, readWord64, Word, writeWord64 } from '../memory/user-words';
import { limit, RLIMIT_NOFILE } from '../process/limits';
import { findGroup, findThread } from '../process/pids';
import type { Thread } from '../process/thread';
import { createAnonymousInode } from '../vfs/anonymous';
import { createEventFile } from '../vfs/eventfd';
import type { File } from '../vfs/file';
import { MAXIMUM_FILES } from '../vfs/file-table';
import type { Inode } from '../vfs/inode';
import { findConflict, LOCK_NONE, LOCK_READ, LOCK_WRITE, lockWaiters, setLock, wouldDeadlock } from '../vfs/locks';
import { createPipe, PipeFile, type PipeState } from '../vfs/pipe';
import { block } from '../wait/wait-queue';
import { EAGAIN, EBADF, EDEADLK, EFAULT, EINVAL, EMFILE, ENOTTY, ERESTARTSYS, ESRCH } from './errno';
import {
  CAP_SYS_RESOURCE,
  O_CLOEXEC,
  O_DIRECT,
  O_NONBLOCK,
  O_RDONLY,
  O_SETTABLE,
  O_WRONLY,
  S_IFIFO,
  SEEK_CUR,
  SEEK_END,
} from './file-constants';
import { installFile } from './open';
import { fileOf, offsetOf } from './transfer';

const F_DUPFD: u32 = 0;
const F_GETFD: u32 = 1;
const F_SETFD: u32 = 2;
const F_GETFL: u32 = 3;
const F_SETFL: u32 = 4;
const F_GETLK: u32 = 5;
const F_SETLK: u32 = 6;
const F_SETLKW: u32 = 7;
const F_SETOWN: u32 = 8;
const F_GETOWN: u32 = 9;
const F_SETSIG: u32 = 10;
const F_GETSIG: u32 = 11;
const F_SETOWN_EX: u32 = 15;
const F_GETOWN_EX: u32 = 16;
const F_OFD_GETLK: u32 = 36;
const F_OFD_SETLK: u32 = 37;
const F_OFD_SETLKW: u32 = 38;
const F_DUPFD_CLOEXEC: u32 = 1030;
const F_SETPIPE_SZ: u32 = 1031;
const F_GETPIPE_SZ: u32 = 1032;
const FD_CLOEXEC: u64 = 1;

const FIONBIO: u64 = 0x5421;
const FIOCLEX: u64 = 0x5451;
const FIONCLEX: u64 = 0x5450;
const FIOASYNC: u64 = 0x5452;

const EFD_SEMAPHORE: u32 = 1;

const LOCK_SH: u64 = 1;
const LOCK_EX: u64 = 2;
const LOCK_NB: u64 = 4;
const LOCK_UN: u64 = 8;
const LOCK_MANDATORY: u64 = 32;
const EVERYTHING: u64 = 0xffff_ffff_ffff_ffff;

/** struct flock (fcntl(2)). */
class FlockLayout {
  type!: u16;
  whence!: u16;
  padding!: u32;
  start!: i64;
  length!: i64;
  process!: i32;
  tail!: u32;
}

const flock: FlockLayout = reserve();
const word: Word = reserve();

function duplicate(thread: Thread, file: File, minimum: u64, closeOnExec: boolean): i64 {
  file.retain();
  const descriptor = thread.files.install(file, minimum, limit(thread, RLIMIT_NOFILE), closeOnExec);
  if (descriptor < 0) file.drop();
  return descriptor;
}

function replaceDescriptor(thread: Thread, file: File, target: u64, closeOnExec: boolean): i64 {
  if (target >= limit(thread, RLIMIT_NOFILE) || target >= MAXIMUM_FILES) return -EBADF;
  file.retain();
  thread.files.replace(thread, target, file, closeOnExec);
  return target as i64;
}

export function sysDup(thread: Thread): i64 {
  const file = fileOf(thread, thread.frame.rdi);
  return file === null ? -EBADF : duplicate(thread, file, 0, false);
}

export function sysDup2(thread: Thread): i64 {
  const source: u64 = thread.frame.rdi & 0xffff_ffff;
  const target: u64 = thread.frame.rsi & 0xffff_ffff;
  const file = thread.files.get(source);
  if (file === null) return -EBADF;
  return source === target ? (target as i64) : replaceDescriptor(thread, file, target, false);
}

export function sysDup3(thread: Thread): i64 {
  const source: u64 = thread.frame.rdi & 0xffff_ffff;
  const target: u64 = thread.frame.rsi & 0xffff_ffff;
  const flags = thread.frame.rdx as u32;
  if ((flags & ~O_CLOEXEC) !== 0 || source === target) return -EINVAL;
  const file = thread.files.get(source);
  return file === null ? -EBADF : replaceDescriptor(thread, file, target, flags !== 0);
}

export function sysFcntl(thread: Thread): i64 {
  const descriptor: u64 = thread.frame.rdi & 0xffff_ffff;
  const command = thread.frame.rsi as u32;
  const argument = thread.frame.rdx;
  const file = thread.files.get(descriptor);
  if (file === null) return -EBADF;
  if (file.isPathOnly && command !== F_DUPFD && command !== F_DUPFD_CLOEXEC && command > F_GETFL) return -EBADF;
  switch (command) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC: {
      const minimum: u64 = argument & 0xffff_ffff;
      if (minimum >= limit(thread, RLIMIT_NOFILE)) return -EINVAL;
      return duplicate(thread, file, minimum, command === F_DUPFD_CLOEXEC);
    }
    case F_GETFD:
      return thread.files.isCloseOnExec(descriptor) ? 1 : 0;
    case F_SETFD:
      thread.files.setCloseOnExec(descriptor, (argument & FD_CLOEXEC) !== 0);
      return 0;
    case F_GETFL:
      return file.flags;
    case F_SETFL:
      file.flags = ((file.flags & ~O_SETTABLE) | (argument & O_SETTABLE)) as u32;
      return 0;
    case F_GETLK:
    case F_OFD_GETLK:
      return getLock(thread, file, argument, command === F_OFD_GETLK);
    case F_SETLK:
    case F_OFD_SETLK:
      return changeLock(thread, file, argument, command === F_OFD_SETLK, false);
    case F_SETLKW:
    case F_OFD_SETLKW:
      return changeLock(thread, file, argument, command === F_OFD_SETLKW, true);
    case F_SETOWN:
      file.owner = argument as i32;
      return 0;
    case F_GETOWN:
      return file.owner;
    case F_SETOWN_EX:
      return setOwner(thread, file, argument);
    case F_GETOWN_EX:
      word.value =
        file.owner < 0 ? OWNER_GROUP | (((0 - file.owner) as u64) << 32) : OWNER_PROCESS | ((file.owner as u64) << 32);
      return writeWord64(thread.space, argument, word.value) ? 0 : -EFAULT;
    case F_SETSIG:
      if (argument > 64) return -EINVAL;
      file.ownerSignal = argument as u32;
      return 0;
    case F_GETSIG:
      return file.ownerSignal;
    case F_SETPIPE_SZ:
    case F_GETPIPE_SZ: {
      const pipe = pipeOf(file);
      if (pipe === null) return -EBADF;
      if (command === F_GETPIPE_SZ) return pipe.capacity as i64;
      return pipe.resize(argument & 0xffff_ffff, thread.process.capabilities.has(CAP_SYS_RESOURCE));
    }
    default:
      return -EINVAL;
  }
}

function pipeOf(file: File): PipeState | null {
  return file instanceof PipeFile ? file.pipe : null;
}

/** struct f_owner_ex (fcntl(2)): what kind of owner, and its number. Threads are not told apart from processes. */
const OWNER_PROCESS: u64 = 1;
const OWNER_GROUP: u64 = 2;

function setOwner(thread: Thread, file: File, address: u64): i64 {
  if (!readWord64(thread.space, address, word)) return -EFAULT;
  const kind = word.value & 0xffff_ffff;
  const number = (word.value >>> 32) as i32;
  if (kind > OWNER_GROUP || number < 0) return -EINVAL;
  if (number !== 0 && (kind === OWNER_GROUP ? findGroup(number) === null : findThread(number) === null)) return -ESRCH;
  file.owner = (kind === OWNER_GROUP ? 0 - number : number) as i32;
  return 0;
}

let lockStart: u64 = 0;
let lockEnd: u64 = 0;

/** Reads a struct flock and makes a range of it in lockStart and lockEnd. */
function readLock(thread: Thread, file: File, address: u64): i64 {
  if (copyIn(thread.space, addressOf(flock), address, 32) !== 32) return -EFAULT;
  let base: i64 = 0;
  if (flock.whence === SEEK_CUR) base = offsetOf(thread, file);
  else if (flock.whence === SEEK_END) base = file.inode.size as i64;
  else if (flock.whence !== 0) return -EINVAL;
  let start: i64 = base + flock.start;
  let end: i64 = start + flock.length;
  if (flock.length < 0) {
    end = start;
    start = start + flock.length;
  }
  if (start < 0 || (flock.length > 0 && end < start)) return -EINVAL;
  lockStart = start as u64;
  lockEnd = flock.length === 0 ? EVERYTHING : (end as u64);
  return flock.type > LOCK_NONE ? -EINVAL : 0;
}

function getLock(thread: Thread, file: File, address: u64, isOwnFile: boolean): i64 {
  const error = readLock(thread, file, address);
  if (error !== 0) return error;
  if (flock.type === LOCK_NONE || (isOwnFile && flock.process !== 0)) return -EINVAL;
  const owner: u64 = isOwnFile ? addressOf(file) : addressOf(thread.files);
  const found = findConflict(file.inode, owner, false, flock.type, lockStart, lockEnd);
  if (found === null) {
    flock.type = LOCK_NONE as u16;
  } else {
    flock.type = found.type as u16;
    flock.whence = 0;
    flock.start = found.start as i64;
    flock.length = found.end === EVERYTHING ? 0 : ((found.end - found.start) as i64);
    flock.process = found.process;
  }
  return copyOut(thread.space, address, addressOf(flock), 32) === 32 ? 0 : -EFAULT;
}

function changeLock(thread: Thread, file: File, address: u64, isOwnFile: boolean, waits: boolean): i64 {
  const error = readLock(thread, file, address);
  if (error !== 0) return error;
  if (flock.type === LOCK_READ && !file.readable) return -EBADF;
  if (flock.type === LOCK_WRITE && !file.writable) return -EBADF;
  if (isOwnFile && flock.process !== 0) return -EINVAL;
  const owner: u64 = isOwnFile ? addressOf(file) : addressOf(thread.files);
  const conflict =
    flock.type === LOCK_NONE ? null : findConflict(file.inode, owner, false, flock.type, lockStart, lockEnd);
  if (conflict !== null) {
    if (!waits) return -EAGAIN;
    if (!isOwnFile && wouldDeadlock(owner, conflict.owner.address)) return -EDEADLK;
    if (thread.hasSignal()) return -ERESTARTSYS;
    thread.call.isDirty = true;
    thread.call.first = isOwnFile ? 0 : owner;
    thread.call.second = conflict.owner.address;
    return block(thread, lockWaiters);
  }
  if (!isOwnFile) thread.files.hasLocked = true;
  const process = isOwnFile ? -1 : thread.process.number;
  return setLock(process, file.inode, owner, false, flock.type, lockStart, lockEnd);
}

export function sysFlock(thread: Thread): i64 {
  const file = fileOf(thread, thread.frame.rdi);
  if (file === null || file.isPathOnly) return -EBADF;
  const operation: u64 = thread.frame.rsi & 0xffff_ffff;
  // Mandatory locks never worked; Linux ignores the request (fs/locks.c).
  if ((operation & LOCK_MANDATORY) !== 0) return 0;
  const kind: u64 = operation & ~LOCK_NB;
  let type: u32 = LOCK_NONE;
  if (kind === LOCK_SH) type = LOCK_READ;
  else if (kind === LOCK_EX) type = LOCK_WRITE;
  else if (kind !== LOCK_UN) return -EINVAL;
  const owner = addressOf(file);
  if (type !== LOCK_NONE && findConflict(file.inode, owner, true, type, 0, EVERYTHING) !== null) {
    if ((operation & LOCK_NB) !== 0) return -EAGAIN;
    return thread.hasSignal() ? -ERESTARTSYS : block(thread, lockWaiters);
  }
  return setLock(-1, file.inode, owner, true, type, 0, EVERYTHING);
}

export function sysIoctl(thread: Thread): i64 {
  const descriptor: u64 = thread.frame.rdi & 0xffff_ffff;
  const request: u64 = thread.frame.rsi & 0xffff_ffff;
  const argument = thread.frame.rdx;
  const file = thread.files.get(descriptor);
  if (file === null || file.isPathOnly) return -EBADF;
  switch (request) {
    case FIOCLEX:
    case FIONCLEX:
      thread.files.setCloseOnExec(descriptor, request === FIOCLEX);
      return 0;
    case FIONBIO:
      if (!readWord32(thread.space, argument, word)) return -EFAULT;
      file.flags = (word.value !== 0 ? file.flags | O_NONBLOCK : file.flags & ~O_NONBLOCK) as u32;
      return 0;
    case FIOASYNC:
      return readWord32(thread.space, argument, word) ? -ENOTTY : -EFAULT;
    default:
      return file.ioctl(thread, request as u32, argument);
  }
}

function makePipe(thread: Thread, address: u64, flags: u32): i64 {
  const allowed = O_CLOEXEC | O_NONBLOCK | O_DIRECT;
  if ((flags & ~allowed) !== 0) return -EINVAL;
  const credentials = thread.credentials;
  const inode = createAnonymousInode((S_IFIFO | 384) as u32, credentials.fsuid, credentials.fsgid);
  const pipe = createPipe();
  inode.pipe = pipe;
  const reader = openEnd(inode, pipe, (flags & O_NONBLOCK) | O_RDONLY);
  const writer = openEnd(inode, pipe, (flags & O_NONBLOCK) | O_WRONLY);
  inode.drop();
  const closeOnExec = (flags & O_CLOEXEC) !== 0;
  const first = installFile(thread, reader, closeOnExec);
  if (first < 0) {
    writer.drop();
    return -EMFILE;
  }
  const second = installFile(thread, writer, closeOnExec);
  if (second < 0) {
    thread.files.close(thread, first as u64);
    return -EMFILE;
  }
  if (writeWord64(thread.space, address, (first as u64) | ((second as u64) << 32))) return 0;
  thread.files.close(thread, first as u64);
  thread.files.close(thread, second as u64);
  return -EFAULT;
}

function openEnd(inode: Inode, pipe: PipeState, flags: u32): PipeFile {
  const file = new PipeFile();
  file.begin(inode, flags);
  file.attach(pipe);
  return file;
}

export function sysPipe(thread: Thread): i64 {
  return makePipe(thread, thread.frame.rdi, 0);
}

export function sysPipe2(thread: Thread): i64 {
  return makePipe(thread, thread.frame.rdi, thread.frame.rsi as u32);
}

function makeEventFile(thread: Thread, count: u64, flags: u32): i64 {
  if ((flags & ~(EFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK)) !== 0) return -EINVAL;
  const file = createEventFile(count & 0xffff_ffff, (flags & EFD_SEMAPHORE) !== 0, flags & O_NONBLOCK);
  return installFile(thread, file, (flags & O_CLOEXEC) !== 0);
}

export function sysEventfd(thread: Thread): i64 {
  return makeEventFile(thread, thread.frame.rdi, 0);
}

export function sysEventfd2(thread: Thread): i64 {
  return makeEventFile(thread, thread.frame.rdi, thread.frame.rsi as u32);
}
