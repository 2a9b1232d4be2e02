/**
 * Moving bytes between a file and a client (read(2), write(2), pread(2), readv(2)): checks in Linux's order, then one
 * slice after another. What a call has moved is in `thread.call.progress`; once that is not zero, an error ends the
 * call with the count instead.
 */

import { USER_TOP } from '../memory/address-space';
import { Buffer } from '../memory/buffer';
import type { Thread } from '../process/thread';
import type { File } from '../vfs/file';
import { AGAIN, BLOCKED, SLICE_BYTES } from '../wait/outcome';
import { leaveQueues } from '../wait/wait-queue';
import { EBADF, EFAULT, EINVAL, ESPIPE } from './errno';
import { MAXIMUM_OFFSET, MAXIMUM_TRANSFER, POLLIN, S_IFCHR, SEEK_CUR } from './file-constants';

/** Offset argument for "at the file's own offset, which moves". */
export const AT_OFFSET: i64 = -1;

/** Bytes that a device gets in one slice, about. */
const DEVICE_BYTES: u64 = 16384;

const clientBuffer: Buffer = reserve();

/** A descriptor argument: Linux takes 32 bits of the register. */
export function fileOf(thread: Thread, descriptor: u64): File | null {
  return thread.files.get(descriptor & 0xffff_ffff);
}

/** Whether `count` bytes at `address` lie below the end of user space, as access_ok checks. */
export function isClientRange(address: u64, count: u64): boolean {
  return count <= USER_TOP && address <= USER_TOP - count;
}

/** Reads on until `count` bytes are there, the file ends, or a stream has no more for now. */
function readWhole(thread: Thread, file: File, address: u64, count: u64, offset: i64): i64 {
  const done: u64 = thread.call.progress;
  const left: u64 = count - done;
  const slice: u64 = left < SLICE_BYTES ? left : SLICE_BYTES;
  clientBuffer.space = thread.space;
  clientBuffer.address = address + done;
  clientBuffer.length = slice;
  const moved = file.read(thread, clientBuffer, offset < 0 ? AT_OFFSET : offset + (done as i64));
  if (moved === AGAIN) return goOn(thread, done);
  if (moved <= 0) {
    if (done === 0) return moved;
    // A stream that had more when the last slice ended, but has no longer.
    if (moved === BLOCKED) leaveQueues(thread);
    return done as i64;
  }
  const total: u64 = done + (moved as u64);
  // Less than asked: there is no more. Only a device of random bytes gives as many as it can make in a slice.
  if (total === count || ((moved as u64) < slice && (file.inode.kind !== S_IFCHR || file.isStream())))
    return total as i64;
  if (file.isStream() && (file.poll(thread, POLLIN, false) & POLLIN) === 0) return total as i64;
  return goOn(thread, total);
}

/** Writes on until everything is written, or nothing more can be. */
function writeWhole(thread: Thread, file: File, address: u64, count: u64, offset: i64): i64 {
  let done: u64 = thread.call.progress;
  const stop: u64 = done + SLICE_BYTES;
  while (true) {
    const left: u64 = count - done;
    const slice: u64 = left < SLICE_BYTES ? left : SLICE_BYTES;
    clientBuffer.space = thread.space;
    clientBuffer.address = address + done;
    clientBuffer.length = slice;
    const moved = file.write(thread, clientBuffer, offset < 0 ? AT_OFFSET : offset + (done as i64));
    if (moved === BLOCKED) {
      remember(thread, done);
      return BLOCKED;
    }
    if (moved === AGAIN) return goOn(thread, done);
    if (moved <= 0) return done !== 0 ? (done as i64) : moved;
    done += moved as u64;
    // Less than asked: a limit, or no room. What is left would fail, and is not tried.
    if (done >= count || ((moved as u64) < slice && !file.isStream())) return done as i64;
    // Devices take a byte at a time: what would fill a slice elsewhere takes too long there.
    if (done >= stop || (file.inode.kind === S_IFCHR && stop - done <= SLICE_BYTES - DEVICE_BYTES)) {
      return goOn(thread, done);
    }
  }
}

function remember(thread: Thread, done: u64): void {
  thread.call.progress = done;
  thread.call.isDirty = true;
}

export function goOn(thread: Thread, done: u64): i64 {
  remember(thread, done);
  return AGAIN;
}

function transferLength(count: u64): u64 {
  return count < MAXIMUM_TRANSFER ? count : MAXIMUM_TRANSFER;
}

export function sysRead(thread: Thread): i64 {
  const frame = thread.frame;
  const file = fileOf(thread, frame.rdi);
  if (file === null || !file.readable) return -EBADF;
  const count = frame.rdx;
  if (!isClientRange(frame.rsi, count)) return -EFAULT;
  if (exceedsOffsets(file, file.offset, count)) return -EINVAL;
  return readWhole(thread, file, frame.rsi, transferLength(count), AT_OFFSET);
}

export function sysWrite(thread: Thread): i64 {
  const frame = thread.frame;
  const file = fileOf(thread, frame.rdi);
  if (file === null || !file.writable) return -EBADF;
  const count = frame.rdx;
  if (!isClientRange(frame.rsi, count)) return -EFAULT;
  if (exceedsOffsets(file, file.offset, count)) return -EINVAL;
  return writeWhole(thread, file, frame.rsi, transferLength(count), AT_OFFSET);
}

/** A transfer at an offset may not reach past the largest one (rw_verify_area): -EINVAL then. */
function exceedsOffsets(file: File, offset: u64, count: u64): boolean {
  return !file.isStream() && offset + count > MAXIMUM_OFFSET;
}

export function sysPread64(thread: Thread): i64 {
  const frame = thread.frame;
  if ((frame.r10 as i64) < 0) return -EINVAL;
  const file = fileOf(thread, frame.rdi);
  if (file === null) return -EBADF;
  if (file.isStream()) return -ESPIPE;
  if (!file.readable) return -EBADF;
  const count = frame.rdx;
  if (!isClientRange(frame.rsi, count)) return -EFAULT;
  if (exceedsOffsets(file, frame.r10, count)) return -EINVAL;
  return readWhole(thread, file, frame.rsi, transferLength(count), frame.r10 as i64);
}

export function sysPwrite64(thread: Thread): i64 {
  const frame = thread.frame;
  if ((frame.r10 as i64) < 0) return -EINVAL;
  const file = fileOf(thread, frame.rdi);
  if (file === null) return -EBADF;
  if (file.isStream()) return -ESPIPE;
  if (!file.writable) return -EBADF;
  const count = frame.rdx;
  if (!isClientRange(frame.rsi, count)) return -EFAULT;
  if (exceedsOffsets(file, frame.r10, count)) return -EINVAL;
  return writeWhole(thread, file, frame.rsi, transferLength(count), frame.r10 as i64);
}

export function sysLseek(thread: Thread): i64 {
  const frame = thread.frame;
  const file = fileOf(thread, frame.rdi);
  if (file === null) return -EBADF;
  const whence = frame.rdx & 0xffff_ffff;
  if (whence > 4) return -EINVAL;
  if (file.isStream()) return -ESPIPE;
  return file.seek(thread, frame.rsi as i64, whence as u32);
}

/** Where a file stands, for calls that move offsets by hand. */
export function offsetOf(thread: Thread, file: File): i64 {
  return file.seek(thread, 0, SEEK_CUR);
}
