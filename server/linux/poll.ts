/**
 * Waiting for files (poll(2), ppoll(2)), and what select (select.ts) and epoll_wait (epoll.ts) share with it.
 *
 * A call looks at its descriptors, and if none is ready stands in the queues of all of them; when one wakes it, it looks
 * again from the start. The deadline is fixed by the first look. Both passes go on in slices: `thread.call.progress` says
 * where, and `second` how many were ready until there.
 */

import { copyIn, copyOut } from '../memory/copy';
import { freePages, reservedPages } from '../memory/pages';
import { readWord64, Word } from '../memory/user-words';
import { limit, RLIMIT_NOFILE } from '../process/limits';
import type { Thread } from '../process/thread';
import { useTemporaryMask } from '../signal/temporary-mask';
import { monotonicNanoseconds } from '../time/clock';
import { armTimeout } from '../time/timer';
import { allowLooks, looksLeft } from '../vfs/epoll';
import { AGAIN, BLOCKED } from '../wait/outcome';
import { leaveQueues } from '../wait/wait-queue';
import { EFAULT, EINTR, EINVAL, ENOMEM, ERESTARTNOHAND } from './errno';
import { POLLERR, POLLHUP, POLLNVAL } from './file-constants';
import { readNanoseconds, readTimespec, writeTimespec } from './time';

/** struct pollfd. */
class PollEntry {
  descriptor!: i32;
  events!: u16;
  ready!: u16;
}

/** Entries, of which each may be a set of interests, that one slice looks at or stands in the queues of. */
export const ENTRIES_AT_ONCE: u64 = 512;
/** Interests of sets that one slice looks at (vfs/epoll.ts), and those that are left when a further entry begins. */
export const LOOKS_AT_ONCE: u64 = 1024;
export const FRESH_LOOKS: u64 = 256;
const entries: Fixed<Inline<PollEntry>, 512> = reserve();
const mask: Word = reserve();
/** A deadline that never comes. */
const NEVER: u64 = 0;
/** Bits of `thread.call.stage`: the deadline and the mask are set. */
export const WAITING: u64 = 1;
/** Nothing was ready, so now stand in the queues of all; it stands in some. */
export const ENLISTING: u64 = 2;
export const ENLISTED: u64 = 4;

/** Fixes when to give up: `nanoseconds` from now. */
export function setDeadline(thread: Thread, nanoseconds: u64): void {
  const call = thread.call;
  const now: u64 = monotonicNanoseconds();
  call.deadline = nanoseconds > 0x7fff_ffff_ffff_ffff - now ? NEVER : now + nanoseconds;
  call.isDirty = true;
}

/** Whether a call that found nothing ends now. */
function isEnding(thread: Thread, isImmediate: boolean): boolean {
  const deadline: u64 = thread.call.deadline;
  return isImmediate || thread.hasSignal() || (deadline !== NEVER && monotonicNanoseconds() >= deadline);
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

/**
 * Whether the call that goes on is to look at its descriptors; else it has done so, and is to stand in their queues. One
 * that was woken while it did that in slices has left all of them, and begins anew.
 */
export function isLooking(thread: Thread): boolean {
  const call = thread.call;
  if ((call.stage & ENLISTING) === 0) return true;
  if ((call.stage & ENLISTED) === 0 || thread.waitEntry.queue !== null) return false;
  lookAgain(thread);
  return true;
}

/** Begins anew, in the next slice if this one is over. */
export function lookAgain(thread: Thread): i64 {
  leaveQueues(thread);
  thread.call.stage = WAITING;
  thread.call.progress = 0;
  return AGAIN;
}

/** Nothing was ready: the queues are next, of `count` descriptors, unless the call ends (0, or a negated errno). */
export function beginEnlisting(thread: Thread, isImmediate: boolean, count: u64): i64 {
  if (isEnding(thread, isImmediate)) return waitForEvent(thread, isImmediate);
  // Each takes a place in a queue: 64 to a page, of which the heap's reserve promises one slice only some.
  if (count > ENTRIES_AT_ONCE && freePages() < reservedPages() + (count >>> 6)) return -ENOMEM;
  const call = thread.call;
  call.stage = WAITING | ENLISTING;
  call.progress = 0;
  call.isDirty = true;
  return AGAIN;
}

/** The slice of a pass is over at entry `next`. */
export function goOnAt(thread: Thread, next: u64): i64 {
  const call = thread.call;
  call.stage = call.stage | WAITING;
  if ((call.stage & ENLISTING) !== 0 && thread.waitEntry.queue !== null) call.stage = call.stage | ENLISTED;
  call.progress = next;
  return AGAIN;
}

/**
 * Goes on with a pass over the client's entries, which looks at them and writes back what is ready, or enlists the thread
 * for them. The count of ready ones (enlisting: of those that are or might be), a negated errno, or AGAIN.
 */
function passEntries(thread: Thread, address: u64, count: u64, enlists: boolean): i64 {
  const call = thread.call;
  const begun: u64 = call.progress;
  const part: u64 = count - begun < ENTRIES_AT_ONCE ? count - begun : ENTRIES_AT_ONCE;
  const at: u64 = address + begun * 8;
  let ready: i64 = enlists ? 0 : (call.second as i64);
  if (copyIn(thread.space, addressOf(entries), at, part * 8) !== part * 8) return -EFAULT;
  let index: u64 = 0;
  allowLooks(LOOKS_AT_ONCE);
  while (index < part && looksLeft >= FRESH_LOOKS) {
    const entry = entries[index];
    const events = lookAt(thread, entry, enlists);
    if (events === 0 && looksLeft === 0) {
      if (!enlists) break;
      ready += 1;
    }
    entry.ready = events as u16;
    if (events !== 0) ready += 1;
    index += 1;
  }
  if (!enlists && copyOut(thread.space, at, addressOf(entries), index * 8) !== index * 8) return -EFAULT;
  if (begun + index === count || (enlists && ready !== 0)) return ready;
  if (!enlists) call.second = ready as u64;
  return goOnAt(thread, begun + index);
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
  if (count > limit(thread, RLIMIT_NOFILE)) return -EINVAL;
  if (isLooking(thread)) {
    const ready = passEntries(thread, address, count, false);
    if (ready !== 0) return ready;
    const begun = beginEnlisting(thread, isImmediate, count);
    if (begun !== AGAIN) return begun;
  }
  const ready = passEntries(thread, address, count, true);
  if (ready === AGAIN) return AGAIN;
  if (ready < 0) leaveQueues(thread);
  if (ready !== 0) return ready < 0 ? ready : lookAgain(thread);
  thread.call.progress = 0;
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
export function writeRemaining(thread: Thread, address: u64): void {
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
