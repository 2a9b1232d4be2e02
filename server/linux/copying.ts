/** Copies between files without a client's buffer, and calls that a file system in memory need not do anything for. */

import { Buffer } from '../memory/buffer';
import { copyInString } from '../memory/copy';
import { readWord64, Word, writeWord64 } from '../memory/user-words';
import type { Thread } from '../process/thread';
import type { File } from '../vfs/file';
import { Made } from '../vfs/made';
import { openMemoryFile } from '../vfs/tmpfs/memory-file';
import { budget } from '../wait/budget';
import { BLOCKED, SLICE_BYTES } from '../wait/outcome';
import { EBADF, EFAULT, EINVAL, EISDIR, ENAMETOOLONG, EOPNOTSUPP, ESPIPE } from './errno';
import { MAXIMUM_TRANSFER, NAME_MAX, O_LARGEFILE, O_RDWR, SEEK_SET } from './file-constants';
import { installFile } from './open';
import { AT_OFFSET, fileOf, goOn, offsetOf } from './transfer';

const PIECE: u64 = 16384;
const MFD_CLOEXEC: u64 = 1;
const MFD_KNOWN: u64 = 7;

const pieceBytes: Fixed<u8, 16384> = reserve();
const pieceBuffer: Buffer = reserve();
const offsetWord: Word = reserve();
const made: Made = reserve();
const nameBytes: Fixed<u8, 256> = reserve();

/**
 * Moves up to `count` bytes, continuing at `thread.call.progress`. `from` and `to` -1: at the files' own offsets. What
 * was read but could not be written stays unread, since the source's offset moves only by what was written.
 */
function copyBetween(thread: Thread, source: File, target: File, count: u64, from: i64, to: i64): i64 {
  const before: u64 = thread.call.progress;
  const stop: u64 = before + SLICE_BYTES;
  let done: u64 = before;
  while (done < count) {
    if (done >= stop || (done !== before && budget <= 0)) return goOn(thread, done);
    const part: u64 = count - done < PIECE ? count - done : PIECE;
    const start: i64 = from >= 0 ? from + (done as i64) : offsetOf(thread, source);
    pieceBuffer.set(null, addressOf(pieceBytes), part);
    const got = source.read(thread, pieceBuffer, start);
    if (got === BLOCKED) return done !== 0 ? (done as i64) : BLOCKED;
    if (got <= 0) return done !== 0 ? (done as i64) : got;
    pieceBuffer.set(null, addressOf(pieceBytes), got as u64);
    const put = target.write(thread, pieceBuffer, to >= 0 ? to + (done as i64) : AT_OFFSET);
    if (put === BLOCKED) {
      goOn(thread, done);
      return BLOCKED;
    }
    if (put <= 0) return done !== 0 ? (done as i64) : put;
    done += put as u64;
    if (from < 0) source.seek(thread, start + put, SEEK_SET);
  }
  return done as i64;
}

/** sendfile(2): from a file with an offset to anything. */
export function sysSendfile(thread: Thread): i64 {
  const frame = thread.frame;
  const source = fileOf(thread, frame.rsi);
  const target = fileOf(thread, frame.rdi);
  if (source === null || !source.readable) return -EBADF;
  if (target === null || !target.writable) return -EBADF;
  if (source.isStream() || target.isAppending) return -EINVAL;
  if (source.inode.isDirectory) return -EINVAL;
  let from: i64 = AT_OFFSET;
  if (frame.rdx !== 0) {
    if (!readWord64(thread.space, frame.rdx, offsetWord)) return -EFAULT;
    from = offsetWord.value as i64;
    if (from < 0) return -EINVAL;
  }
  const count: u64 = frame.r10 < MAXIMUM_TRANSFER ? frame.r10 : MAXIMUM_TRANSFER;
  const result = copyBetween(thread, source, target, count, from, AT_OFFSET);
  if (result > 0 && from >= 0 && !writeWord64(thread.space, frame.rdx, (from + result) as u64)) return -EFAULT;
  return result;
}

/** copy_file_range(2): between regular files. */
export function sysCopyFileRange(thread: Thread): i64 {
  const frame = thread.frame;
  const source = fileOf(thread, frame.rdi);
  const target = fileOf(thread, frame.rdx);
  if (source === null || !source.readable) return -EBADF;
  if (target === null || !target.writable || target.isAppending) return -EBADF;
  if (source.inode.isDirectory || target.inode.isDirectory) return -EISDIR;
  if (!source.inode.isRegular || !target.inode.isRegular || (frame.r9 & 0xffff_ffff) !== 0) return -EINVAL;
  let from: i64 = AT_OFFSET;
  let to: i64 = AT_OFFSET;
  if (frame.rsi !== 0) {
    if (!readWord64(thread.space, frame.rsi, offsetWord)) return -EFAULT;
    from = offsetWord.value as i64;
    if (from < 0) return -EINVAL;
  }
  if (frame.r10 !== 0) {
    if (!readWord64(thread.space, frame.r10, offsetWord)) return -EFAULT;
    to = offsetWord.value as i64;
    if (to < 0) return -EINVAL;
  }
  const count: u64 = frame.r8 < MAXIMUM_TRANSFER ? frame.r8 : MAXIMUM_TRANSFER;
  if (source.inode === target.inode && overlaps(thread, source, target, from, to, count)) return -EINVAL;
  const result = copyBetween(thread, source, target, count, from, to);
  if (result <= 0) return result;
  if (from >= 0 && !writeWord64(thread.space, frame.rsi, (from + result) as u64)) return -EFAULT;
  if (to >= 0 && !writeWord64(thread.space, frame.r10, (to + result) as u64)) return -EFAULT;
  return result;
}

function overlaps(thread: Thread, source: File, target: File, from: i64, to: i64, count: u64): boolean {
  const first: i64 = from >= 0 ? from : offsetOf(thread, source);
  const second: i64 = to >= 0 ? to : offsetOf(thread, target);
  // The copy ends where the file does: what lies beyond overlaps nothing.
  const left = (source.inode.size as i64) - first;
  const length = left < (count as i64) ? left : (count as i64);
  return length > 0 && first < second + length && second < first + length;
}

/** memfd_create(2); sealing is not offered, so MFD_ALLOW_SEALING only makes F_GET_SEALS fail. */
export function sysMemfdCreate(thread: Thread): i64 {
  const flags: u64 = thread.frame.rsi & 0xffff_ffff;
  if ((flags & ~MFD_KNOWN) !== 0) return -EINVAL;
  if ((flags & 4) !== 0) return -EOPNOTSUPP;
  // The name's limit leaves room for the prefix "memfd:" (memfd_create(2)).
  const length = copyInString(thread.space, addressOf(nameBytes), thread.frame.rdi, NAME_MAX - 5);
  if (length === -ENAMETOOLONG) return -EINVAL;
  if (length < 0) return length;
  openMemoryFile(thread, addressOf(nameBytes), length as u64, O_RDWR | O_LARGEFILE, made);
  const file = made.file;
  made.file = null;
  return file === null ? -EINVAL : installFile(thread, file, (flags & MFD_CLOEXEC) !== 0);
}

export function sysSync(thread: Thread): i64 {
  return 0;
}

function syncFile(thread: Thread): i64 {
  const file = fileOf(thread, thread.frame.rdi);
  if (file === null || file.isPathOnly) return -EBADF;
  return file.inode.isRegular || file.inode.isDirectory ? 0 : -EINVAL;
}

export function sysFsync(thread: Thread): i64 {
  return syncFile(thread);
}

export function sysFdatasync(thread: Thread): i64 {
  return syncFile(thread);
}

export function sysSyncfs(thread: Thread): i64 {
  return fileOf(thread, thread.frame.rdi) === null ? -EBADF : 0;
}

export function sysSyncFileRange(thread: Thread): i64 {
  return syncFile(thread);
}

/** posix_fadvise(2): contents are in memory already. */
export function sysFadvise64(thread: Thread): i64 {
  const file = fileOf(thread, thread.frame.rdi);
  if (file === null) return -EBADF;
  if (file.isStream()) return -ESPIPE;
  return (thread.frame.r10 & 0xffff_ffff) > 5 ? -EINVAL : 0;
}

export function sysReadahead(thread: Thread): i64 {
  const file = fileOf(thread, thread.frame.rdi);
  if (file === null || !file.readable) return -EBADF;
  return file.inode.isRegular ? 0 : -EINVAL;
}
