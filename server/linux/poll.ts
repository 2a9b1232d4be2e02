/**
 * Waiting for files (poll(2), ppoll(2), select(2), pselect6(2)).
 *
 * A call looks at its descriptors, and if none is ready stands in the queues of all of them; when one wakes it, it looks
 * again from the start. The deadline is fixed by the first look.
 */

import { copyIn, copyOut } from '../memory/copy';
import { freePages, reservedPages } from '../memory/pages';
import { readWord64, Word } from '../memory/user-words';
import { limit, RLIMIT_NOFILE } from '../process/limits';
import type { Thread } from '../process/thread';
import { useTemporaryMask } from '../signal/temporary-mask';
import { monotonicNanoseconds } from '../time/clock';
import { armTimeout } from '../time/timer';
import { AGAIN, BLOCKED } from '../wait/outcome';
import { leaveQueues } from '../wait/wait-queue';
import { EBADF, EFAULT, EINTR, EINVAL, ENOMEM, ERESTARTNOHAND } from './errno';
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  POLLRDBAND,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
} from './file-constants';
import { readNanoseconds, readTimespec, writeTimespec } from './time';

/** struct pollfd. */
class PollEntry {
  descriptor!: i32;
  events!: u16;
  ready!: u16;
}

class Microseconds {
  seconds!: i64;
  microseconds!: i64;
}

class MaskArgument {
  address!: u64;
  size!: u64;
}

const ENTRIES_AT_ONCE: u64 = 512;
const entries: Fixed<Inline<PollEntry>, 512> = reserve();
const timeValue: Microseconds = reserve();
const maskArgument: MaskArgument = reserve();
const mask: Word = reserve();
/** Three sets of as many descriptors as a table holds, as given and as found. */
const SET_BYTES: u64 = 512;
const wanted: Fixed<u64, 192> = reserve();
const found: Fixed<u64, 192> = reserve();
const SET_WORDS: u64 = 64;
/** A deadline that never comes. */
const NEVER: u64 = 0;
/** Bits of `thread.call.stage`: the deadline and the mask are set; nothing was ready, so now stand in the queues. */
export const WAITING: u64 = 1;
const LOOKED: u64 = 2;
/** It was woken, which took it out of many queues: a slice of its own. */
const RESTED: u64 = 4;
/** More entries than this are looked at in one slice and queued for in the next. */
const MANY: u64 = 1024;

const READ_EVENTS: u32 = POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR;
const WRITE_EVENTS: u32 = POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR;

/** Fixes when to give up: `nanoseconds` from now. */
export function setDeadline(thread: Thread, nanoseconds: u64): void {
  const call = thread.call;
  const now: u64 = monotonicNanoseconds();
  call.deadline = nanoseconds > 0x7fff_ffff_ffff_ffff - now ? NEVER : now + nanoseconds;
  call.isDirty = true;
}

/** Nothing is ready: whether to wait at all, and if so until when. */
export function waitForEvent(thread: Thread, isImmediate: boolean): i64 {
  const call = thread.call;
  const isOver = isImmediate || (call.deadline !== NEVER && monotonicNanoseconds() >= call.deadline);
  if (isOver || thread.hasSignal()) {
    leaveQueues(thread);
    return isOver ? 0 : -ERESTARTNOHAND;
  }
  call.stage = WAITING;
  call.isDirty = true;
  if (call.deadline !== NEVER) armTimeout(thread, call.deadline);
  return BLOCKED;
}

/** Whether a call that waited for `count` descriptors is to look at them in the next slice: the waking was dear enough. */
function rests(thread: Thread, count: u64): boolean {
  const call = thread.call;
  if (count <= MANY || call.stage !== WAITING) return false;
  call.stage = WAITING | RESTED;
  return true;
}

/** One pass over the client's entries, writing back what is ready; the count of ready ones or a negated errno. */
function lookAtEntries(thread: Thread, address: u64, count: u64, register: boolean, writes: boolean): i64 {
  let ready: i64 = 0;
  let base: u64 = 0;
  while (base < count) {
    const part: u64 = count - base < ENTRIES_AT_ONCE ? count - base : ENTRIES_AT_ONCE;
    const bytes: u64 = part * 8;
    const at: u64 = address + base * 8;
    if (copyIn(thread.space, addressOf(entries), at, bytes) !== bytes) return -EFAULT;
    for (let index: u64 = 0; index < part; index++) {
      const entry = entries[index];
      entry.ready = lookAt(thread, entry, register) as u16;
      if (entry.ready !== 0) ready += 1;
    }
    if (writes && copyOut(thread.space, at, addressOf(entries), bytes) !== bytes) return -EFAULT;
    base += part;
  }
  return ready;
}

function lookAt(thread: Thread, entry: PollEntry, register: boolean): u32 {
  if (entry.descriptor < 0) return 0;
  const file = thread.files.get(entry.descriptor as u64);
  if (file === null || file.isPathOnly) return POLLNVAL;
  return (file.poll(thread, entry.events, register) & (entry.events | POLLERR | POLLHUP)) as u32;
}

function poll(thread: Thread, isImmediate: boolean): i64 {
  const address = thread.frame.rdi;
  const count: u64 = thread.frame.rsi & 0xffff_ffff;
  const call = thread.call;
  if (count > limit(thread, RLIMIT_NOFILE)) return -EINVAL;
  if (rests(thread, count)) return AGAIN;
  if ((call.stage & LOOKED) === 0) {
    const ready = lookAtEntries(thread, address, count, false, true);
    if (ready !== 0) return ready;
    if (count > MANY && !isImmediate) {
      call.stage = WAITING | LOOKED;
      call.isDirty = true;
      return AGAIN;
    }
  }
  call.stage = call.stage & ~LOOKED;
  if (!isImmediate) {
    // Each entry takes a place in a queue: 64 to a page, of which the heap's reserve promises one request only some.
    if (count > MANY && freePages() < reservedPages() + (count >>> 6)) return -ENOMEM;
    const ready = lookAtEntries(thread, address, count, true, count > MANY);
    if (ready !== 0) {
      leaveQueues(thread);
      return ready;
    }
  }
  return waitForEvent(thread, isImmediate);
}

export function sysPoll(thread: Thread): i64 {
  const timeout: i64 = thread.frame.rdx as i32;
  if (timeout > 0 && (thread.call.stage & WAITING) === 0) setDeadline(thread, (timeout as u64) * 1000000);
  return poll(thread, timeout === 0);
}

/** The relative timeout of ppoll and pselect6: 0, or an error. A null pointer is no deadline. */
export function readRelative(thread: Thread, address: u64): i64 {
  readTimeout = NEVER;
  hasTimeout = address !== 0;
  if (!hasTimeout) return 0;
  const error = readTimespec(thread, address);
  readTimeout = readNanoseconds;
  return error;
}

/** What readRelative read. */
export function relativeTime(): u64 {
  return readTimeout;
}

let readTimeout: u64 = 0;
let hasTimeout: boolean = false;

/** What is left of a timeout goes back to the client, as Linux does; a failure to write it is not an error. */
function writeRemaining(thread: Thread, address: u64): void {
  if (address === 0) return;
  const deadline: u64 = thread.call.deadline;
  const now: u64 = monotonicNanoseconds();
  writeTimespec(thread, address, deadline > now ? deadline - now : 0);
}

export function sysPpoll(thread: Thread): i64 {
  const frame = thread.frame;
  const isFirst = (thread.call.stage & WAITING) === 0;
  const error = readRelative(thread, frame.rdx);
  if (error !== 0) return error;
  const isImmediate = hasTimeout && readTimeout === 0;
  if (isFirst) {
    if (hasTimeout && !isImmediate) setDeadline(thread, readTimeout);
    const masked = setTemporaryMask(thread, frame.r10, frame.r8);
    if (masked !== 0) return masked;
  }
  const result = poll(thread, isImmediate);
  if (result !== BLOCKED && result !== AGAIN && hasTimeout) writeRemaining(thread, frame.rdx);
  return result === -ERESTARTNOHAND && frame.r10 !== 0 ? -EINTR : result;
}

/** The signal mask of ppoll and pselect6, in force until the call ends. A null pointer leaves the mask alone. */
export function setTemporaryMask(thread: Thread, address: u64, size: u64): i64 {
  if (address === 0) return 0;
  if (size !== 8) return -EINVAL;
  if (!readWord64(thread.space, address, mask)) return -EFAULT;
  useTemporaryMask(thread, mask.value);
  return 0;
}

/** Bytes of one set of `count` descriptors: whole words, as Linux copies them. */
function setBytes(count: u64): u64 {
  return ((count + 63) >>> 6) << 3;
}

/** Reads the three sets; a null pointer is an empty one. */
function readSets(thread: Thread, count: u64): i64 {
  const bytes = setBytes(count);
  for (let set: u64 = 0; set < 3; set++) {
    for (let word: u64 = 0; word < SET_WORDS; word++) {
      wanted[set * SET_WORDS + word] = 0;
      found[set * SET_WORDS + word] = 0;
    }
    const address = setAddress(thread, set);
    if (address === 0) continue;
    if (copyIn(thread.space, addressOf(wanted) + set * SET_BYTES, address, bytes) !== bytes) return -EFAULT;
  }
  return 0;
}

function setAddress(thread: Thread, set: u64): u64 {
  if (set === 0) return thread.frame.rsi;
  return set === 1 ? thread.frame.rdx : thread.frame.r10;
}

function writeSets(thread: Thread, count: u64): i64 {
  const bytes = setBytes(count);
  for (let set: u64 = 0; set < 3; set++) {
    const address = setAddress(thread, set);
    if (address === 0) continue;
    if (copyOut(thread.space, address, addressOf(found) + set * SET_BYTES, bytes) !== bytes) return -EFAULT;
  }
  return 0;
}

/** One pass over the sets, leaving what is ready in `found`; the count of bits set there or -EBADF. */
function lookAtSets(thread: Thread, count: u64, register: boolean): i64 {
  let ready: i64 = 0;
  for (let word: u64 = 0; word << 6 < count; word++) {
    const reads: u64 = wanted[word];
    const writes: u64 = wanted[SET_WORDS + word];
    const exceptions: u64 = wanted[SET_WORDS * 2 + word];
    const all: u64 = reads | writes | exceptions;
    if (all === 0) continue;
    for (let bit: u64 = 0; bit < 64 && (word << 6) + bit < count; bit++) {
      if (((all >>> bit) & 1) === 0) continue;
      const file = thread.files.get((word << 6) + bit);
      if (file === null || file.isPathOnly) return -EBADF;
      const events = file.poll(thread, READ_EVENTS | WRITE_EVENTS | POLLPRI, register);
      const one: u64 = (1 as u64) << bit;
      ready += mark(word, one, (reads & one) !== 0 && (events & READ_EVENTS) !== 0);
      ready += mark(SET_WORDS + word, one, (writes & one) !== 0 && (events & WRITE_EVENTS) !== 0);
      ready += mark(SET_WORDS * 2 + word, one, (exceptions & one) !== 0 && (events & POLLPRI) !== 0);
    }
  }
  return ready;
}

function mark(index: u64, bit: u64, isReady: boolean): i64 {
  if (!isReady) return 0;
  found[index] = found[index] | bit;
  return 1;
}

function select(thread: Thread, isImmediate: boolean): i64 {
  const given: i64 = thread.frame.rdi as i32;
  if (given < 0) return -EINVAL;
  let count: u64 = given as u64;
  // Numbers that the table has no room for cannot be open; Linux does not look at them either (do_select).
  const room: u64 = thread.files.chunkCount << 6;
  if (count > room) count = room;
  if (rests(thread, count)) return AGAIN;
  const error = readSets(thread, count);
  if (error !== 0) return error;
  const call = thread.call;
  const hasLooked = (call.stage & LOOKED) !== 0;
  call.stage = call.stage & ~LOOKED;
  if (hasLooked && freePages() < reservedPages() + (count >>> 6)) return -ENOMEM;
  const ready = lookAtSets(thread, count, hasLooked);
  if (hasLooked && ready !== 0) leaveQueues(thread);
  if (ready < 0) return ready;
  if (ready === 0) {
    if (!isImmediate && !hasLooked && count > MANY) {
      call.stage = WAITING | LOOKED;
      call.isDirty = true;
      return AGAIN;
    }
    if (!isImmediate && !hasLooked) lookAtSets(thread, count, true);
    const result = waitForEvent(thread, isImmediate);
    if (result !== 0) return result;
  }
  const failure = writeSets(thread, count);
  return failure !== 0 ? failure : ready;
}

export function sysSelect(thread: Thread): i64 {
  const address = thread.frame.r8;
  if (address === 0) return select(thread, false);
  const isFirst = (thread.call.stage & WAITING) === 0;
  if (isFirst) {
    if (copyIn(thread.space, addressOf(timeValue), address, 16) !== 16) return -EFAULT;
    if (timeValue.seconds < 0 || timeValue.microseconds < 0) return -EINVAL;
    const seconds = timeValue.seconds as u64;
    const most: u64 = 4000000000;
    if (seconds < most) setDeadline(thread, seconds * 1000000000 + (timeValue.microseconds as u64) * 1000);
  }
  const isImmediate = isFirst && timeValue.seconds === 0 && timeValue.microseconds === 0;
  const result = select(thread, isImmediate);
  if (result !== BLOCKED && result !== AGAIN && !isImmediate) {
    const now: u64 = monotonicNanoseconds();
    const deadline: u64 = thread.call.deadline;
    const left: u64 = deadline > now ? (deadline - now) / 1000 : 0;
    timeValue.seconds = (left / 1000000) as i64;
    timeValue.microseconds = (left % 1000000) as i64;
    copyOut(thread.space, address, addressOf(timeValue), 16);
  }
  return result;
}

export function sysPselect6(thread: Thread): i64 {
  const frame = thread.frame;
  const isFirst = (thread.call.stage & WAITING) === 0;
  const error = readRelative(thread, frame.r8);
  if (error !== 0) return error;
  const isImmediate = hasTimeout && readTimeout === 0;
  let hasMask = false;
  if (frame.r9 !== 0) {
    if (copyIn(thread.space, addressOf(maskArgument), frame.r9, 16) !== 16) return -EFAULT;
    hasMask = maskArgument.address !== 0;
  }
  if (isFirst) {
    if (hasTimeout && !isImmediate) setDeadline(thread, readTimeout);
    const masked = hasMask ? setTemporaryMask(thread, maskArgument.address, maskArgument.size) : 0;
    if (masked !== 0) return masked;
  }
  const result = select(thread, isImmediate);
  if (result !== BLOCKED && result !== AGAIN && hasTimeout) writeRemaining(thread, frame.r8);
  return result === -ERESTARTNOHAND && hasMask ? -EINTR : result;
}
