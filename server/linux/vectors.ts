/**
 * Scattered reads and gathered writes (readv(2), preadv(2), preadv2(2)).
 *
 * Files with an offset are moved segment by segment. Streams see one read or write through a buffer of the server's, so
 * that what must be whole (a record of PIPE_BUF bytes, a datagram, a line) stays whole over segments.
 */

import { Buffer } from '../memory/buffer';
import { copyIn, copyOut, reachForRead, reachForWrite } from '../memory/copy';
import type { Thread } from '../process/thread';
import type { File } from '../vfs/file';
import { budget } from '../wait/budget';
import { AGAIN, BLOCKED, SLICE_BYTES } from '../wait/outcome';
import { EBADF, EFAULT, EINVAL, EOPNOTSUPP, ESPIPE } from './errno';
import { IOV_MAX, MAXIMUM_TRANSFER, S_IFCHR } from './file-constants';
import { AT_OFFSET, fileOf, goOn, isClientRange } from './transfer';

class Segment {
  address!: u64;
  length!: u64;
}

const STREAM_BYTES: u64 = 16384;
/** Segments whose first page is brought in within one slice. */
const SEGMENT_SLICE: u64 = 128;
const segments: Fixed<Inline<Segment>, 1024> = reserve();
const streamBytes: Fixed<u8, 16384> = reserve();
const vectorBuffer: Buffer = reserve();

/** Reads the client's segments: their total length, or a negated errno. A total beyond the limit is cut, as Linux does. */
function readSegments(thread: Thread, address: u64, count: u64): i64 {
  if (count > IOV_MAX) return -EINVAL;
  const bytes: u64 = count * 16;
  if (copyIn(thread.space, addressOf(segments), address, bytes) !== bytes) return -EFAULT;
  let total: u64 = 0;
  for (let index: u64 = 0; index < count; index++) {
    const segment = segments[index];
    if ((segment.length as i64) < 0) return -EINVAL;
    if (!isClientRange(segment.address, segment.length)) return -EFAULT;
    if (segment.length > MAXIMUM_TRANSFER - total) segment.length = MAXIMUM_TRANSFER - total;
    total += segment.length;
  }
  return total as i64;
}

/** Copies between the segments and a span of the server's, from byte `skip` of the segments on; bytes moved. */
function moveSegments(thread: Thread, count: u64, skip: u64, span: u64, length: u64, toClient: boolean): u64 {
  let before: u64 = skip;
  let done: u64 = 0;
  for (let index: u64 = 0; index < count && done < length; index++) {
    const segment = segments[index];
    if (before >= segment.length) {
      before -= segment.length;
      continue;
    }
    let part: u64 = segment.length - before;
    if (part > length - done) part = length - done;
    const address: u64 = segment.address + before;
    const moved: u64 = toClient
      ? copyOut(thread.space, address, span + done, part)
      : copyIn(thread.space, span + done, address, part);
    done += moved;
    if (moved !== part) return done;
    before = 0;
  }
  return done;
}

function streamRead(thread: Thread, file: File, count: u64, total: u64): i64 {
  vectorBuffer.space = null;
  vectorBuffer.address = addressOf(streamBytes);
  vectorBuffer.length = total < STREAM_BYTES ? total : STREAM_BYTES;
  const got = file.read(thread, vectorBuffer, AT_OFFSET);
  if (got <= 0) return got;
  const moved = moveSegments(thread, count, 0, addressOf(streamBytes), got as u64, true);
  return moved === 0 ? -EFAULT : (moved as i64);
}

function streamWrite(thread: Thread, file: File, count: u64, total: u64): i64 {
  let done: u64 = thread.call.progress;
  const stop: u64 = done + SLICE_BYTES;
  while (true) {
    const wanted: u64 = total - done < STREAM_BYTES ? total - done : STREAM_BYTES;
    const have = moveSegments(thread, count, done, addressOf(streamBytes), wanted, false);
    if (have === 0 && wanted !== 0) return done !== 0 ? (done as i64) : -EFAULT;
    vectorBuffer.space = null;
    vectorBuffer.address = addressOf(streamBytes);
    vectorBuffer.length = have;
    const moved = file.write(thread, vectorBuffer, AT_OFFSET);
    if (moved === BLOCKED) {
      goOn(thread, done);
      return BLOCKED;
    }
    if (moved <= 0) return done !== 0 ? (done as i64) : moved;
    done += moved as u64;
    if (done >= total) return done as i64;
    if (done >= stop) return goOn(thread, done);
  }
}

/** Moves whole segments one after another, a slice at a time; ends at the first that is short. */
function moveFile(thread: Thread, file: File, count: u64, total: u64, offset: i64, reads: boolean): i64 {
  let done: u64 = thread.call.progress;
  const stop: u64 = done + SLICE_BYTES;
  let before: u64 = done;
  for (let index: u64 = 0; index < count; index++) {
    const segment = segments[index];
    if (before >= segment.length) {
      before -= segment.length;
      continue;
    }
    const room: u64 = stop - done;
    const part: u64 = segment.length - before < room ? segment.length - before : room;
    vectorBuffer.space = thread.space;
    vectorBuffer.address = segment.address + before;
    vectorBuffer.length = part;
    const at = offset < 0 ? AT_OFFSET : offset + (done as i64);
    const moved = reads ? file.read(thread, vectorBuffer, at) : file.write(thread, vectorBuffer, at);
    if (moved <= 0) return done !== 0 ? (done as i64) : moved;
    done += moved as u64;
    if (done >= total) return done as i64;
    const isSpent = budget <= 0;
    if ((moved as u64) < part && !(isSpent && file.inode.kind === S_IFCHR)) return done as i64;
    if (done >= stop || isSpent) return goOn(thread, done);
    before = 0;
  }
  return done as i64;
}

/**
 * Many segments may lie in as many pages that are not there yet: those are brought in first, so many at a time. False: a
 * slice is over. A page that cannot be is left to the transfer.
 */
function bringSegmentsIn(thread: Thread, count: u64, reads: boolean): boolean {
  const call = thread.call;
  if (count <= SEGMENT_SLICE) return true;
  for (let left: u64 = SEGMENT_SLICE; call.second < count; left--) {
    call.isDirty = true;
    if (left === 0) return false;
    const segment = segments[call.second];
    call.second += 1;
    if (segment.length === 0) continue;
    if (reads) reachForWrite(thread.space, segment.address);
    else reachForRead(thread.space, segment.address);
  }
  return true;
}

function vectored(thread: Thread, offset: i64, reads: boolean): i64 {
  const frame = thread.frame;
  const file = fileOf(thread, frame.rdi);
  if (file === null) return -EBADF;
  if (offset >= 0 && file.isStream()) return -ESPIPE;
  if (reads ? !file.readable : !file.writable) return -EBADF;
  const count = frame.rdx;
  const total = readSegments(thread, frame.rsi, count);
  if (total < 0) return total;
  if (total === 0) return 0;
  if (!bringSegmentsIn(thread, count, reads)) return AGAIN;
  if (!file.isStream()) return moveFile(thread, file, count, total as u64, offset, reads);
  return reads ? streamRead(thread, file, count, total as u64) : streamWrite(thread, file, count, total as u64);
}

export function sysReadv(thread: Thread): i64 {
  return vectored(thread, AT_OFFSET, true);
}

export function sysWritev(thread: Thread): i64 {
  return vectored(thread, AT_OFFSET, false);
}

export function sysPreadv(thread: Thread): i64 {
  const offset = thread.frame.r10 as i64;
  return offset < 0 ? -EINVAL : vectored(thread, offset, true);
}

export function sysPwritev(thread: Thread): i64 {
  const offset = thread.frame.r10 as i64;
  return offset < 0 ? -EINVAL : vectored(thread, offset, false);
}

/** preadv2(2): offset -1 is the file's own; flags are hints that we need not take, except those that change results. */
export function sysPreadv2(thread: Thread): i64 {
  const offset = thread.frame.r10 as i64;
  if ((thread.frame.r9 & 0xffff_ffff) !== 0) return -EOPNOTSUPP;
  return offset < -1 ? -EINVAL : vectored(thread, offset, true);
}

export function sysPwritev2(thread: Thread): i64 {
  const offset = thread.frame.r10 as i64;
  if ((thread.frame.r9 & 0xffff_ffff) !== 0) return -EOPNOTSUPP;
  return offset < -1 ? -EINVAL : vectored(thread, offset, false);
}
