/**
 * Waiting for sets of descriptors (select(2), pselect6(2)): the passes of poll (poll.ts) over bits. The sets are read once;
 * a call of several slices keeps them on the heap.
 */
import { copyMemory } from '../../lib/arch/x86_64/bytes';
import { copyIn, copyOut } from '../memory/copy';
import type { Thread } from '../process/thread';
import { monotonicNanoseconds } from '../time/clock';
import { allowLooks, looksLeft } from '../vfs/epoll';
import { AGAIN, BLOCKED } from '../wait/outcome';
import { leaveQueues } from '../wait/wait-queue';
import { EBADF, EFAULT, EINTR, EINVAL, ERESTARTNOHAND } from './errno';
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLPRI,
  POLLRDBAND,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
} from './file-constants';
import {
  beginEnlisting,
  ENTRIES_AT_ONCE,
  FRESH_LOOKS,
  goOnAt,
  isLooking,
  LOOKS_AT_ONCE,
  lookAgain,
  readRelative,
  relativeTime,
  setDeadline,
  setTemporaryMask,
  WAITING,
  waitForEvent,
  writeRemaining,
} from './poll';

/** Words of a set of as many descriptors as a table holds. */
const SET_WORDS: u64 = 64;
const SET_BYTES: u64 = 512;

/** Three sets, to read, to write and exceptional, as given and as found. */
export class SelectSets {
  wanted!: Fixed<u64, 192>;
  found!: Fixed<u64, 192>;
}

class Microseconds {
  seconds!: i64;
  microseconds!: i64;
}

class MaskArgument {
  address!: u64;
  size!: u64;
}

/** Of a call that is in its first slice. */
const newSets: SelectSets = reserve();
const timeValue: Microseconds = reserve();
const maskArgument: MaskArgument = reserve();

const READ_EVENTS: u32 = POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR;
const WRITE_EVENTS: u32 = POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR;

/** Bytes of one set of `count` descriptors: whole words, as Linux copies them. */
function setBytes(count: u64): u64 {
  return ((count + 63) >>> 6) << 3;
}

/** Reads the three sets; a null pointer is an empty one. */
function readSets(thread: Thread, sets: SelectSets, count: u64): i64 {
  const bytes = setBytes(count);
  for (let word: u64 = 0; word < SET_WORDS * 3; word++) {
    sets.wanted[word] = 0;
    sets.found[word] = 0;
  }
  for (let set: u64 = 0; set < 3; set++) {
    const address = setAddress(thread, set);
    if (address === 0) continue;
    if (copyIn(thread.space, addressOf(sets.wanted) + set * SET_BYTES, address, bytes) !== bytes) return -EFAULT;
  }
  return 0;
}

function setAddress(thread: Thread, set: u64): u64 {
  if (set === 0) return thread.frame.rsi;
  return set === 1 ? thread.frame.rdx : thread.frame.r10;
}

function writeSets(thread: Thread, sets: SelectSets, count: u64): i64 {
  const bytes = setBytes(count);
  for (let set: u64 = 0; set < 3; set++) {
    const address = setAddress(thread, set);
    if (address === 0) continue;
    if (copyOut(thread.space, address, addressOf(sets.found) + set * SET_BYTES, bytes) !== bytes) return -EFAULT;
  }
  return 0;
}

/** The call goes on in another slice: what the client wanted and what was found stay until it ends. */
function keep(thread: Thread, sets: SelectSets): void {
  if (thread.call.sets !== null) return;
  const kept = new SelectSets();
  copyMemory(addressOf(kept), addressOf(sets), sizeOf<SelectSets>());
  thread.call.sets = kept;
}

/**
 * Goes on with a pass over the sets, which looks and leaves what is ready in `found`, or enlists the thread. The count of
 * bits set there (enlisting: of descriptors that are or might be ready), a negated errno, or AGAIN.
 */
function passSets(thread: Thread, sets: SelectSets, count: u64, enlists: boolean): i64 {
  const call = thread.call;
  let ready: i64 = enlists ? 0 : (call.second as i64);
  let left: u64 = ENTRIES_AT_ONCE;
  let descriptor: u64 = call.progress;
  allowLooks(LOOKS_AT_ONCE);
  while (descriptor < count) {
    const word: u64 = descriptor >>> 6;
    const reads: u64 = sets.wanted[word];
    const writes: u64 = sets.wanted[SET_WORDS + word];
    const exceptions: u64 = sets.wanted[SET_WORDS * 2 + word];
    const rest: u64 = (reads | writes | exceptions) >>> (descriptor & 63);
    if (rest === 0) {
      descriptor = (word + 1) << 6;
      continue;
    }
    descriptor += trailingZeros(rest);
    if (descriptor >= count) break;
    if (left === 0 || looksLeft < FRESH_LOOKS) return pause(thread, sets, descriptor, ready);
    left -= 1;
    const file = thread.files.get(descriptor);
    if (file === null || file.isPathOnly) return -EBADF;
    const events = file.poll(thread, READ_EVENTS | WRITE_EVENTS | POLLPRI, enlists);
    if (looksLeft === 0 && events === 0) {
      if (!enlists) return pause(thread, sets, descriptor, ready);
      ready += 1;
    }
    const one: u64 = (1 as u64) << (descriptor & 63);
    ready += mark(sets, word, one, (reads & one) !== 0 && (events & READ_EVENTS) !== 0, enlists);
    ready += mark(sets, SET_WORDS + word, one, (writes & one) !== 0 && (events & WRITE_EVENTS) !== 0, enlists);
    ready += mark(sets, SET_WORDS * 2 + word, one, (exceptions & one) !== 0 && (events & POLLPRI) !== 0, enlists);
    if (enlists && ready !== 0) return ready;
    descriptor += 1;
  }
  return ready;
}

function pause(thread: Thread, sets: SelectSets, descriptor: u64, ready: i64): i64 {
  keep(thread, sets);
  thread.call.second = ready as u64;
  return goOnAt(thread, descriptor);
}

function mark(sets: SelectSets, index: u64, bit: u64, isReady: boolean, enlists: boolean): i64 {
  if (!isReady) return 0;
  if (!enlists) sets.found[index] = sets.found[index] | bit;
  return 1;
}

function select(thread: Thread, isImmediate: boolean): i64 {
  const given: i64 = thread.frame.rdi as i32;
  if (given < 0) return -EINVAL;
  let count: u64 = given as u64;
  // Numbers that the table has no room for cannot be open; Linux does not look at them either (do_select).
  const room: u64 = thread.files.chunkCount << 6;
  if (count > room) count = room;
  const kept = thread.call.sets;
  const sets: SelectSets = kept === null ? newSets : kept;
  const error = kept === null ? readSets(thread, sets, count) : 0;
  if (error !== 0) return error;
  let ready: i64 = 0;
  if (isLooking(thread)) {
    ready = passSets(thread, sets, count, false);
    if (ready < 0) return ready;
    if (ready === 0) {
      const begun = beginEnlisting(thread, isImmediate, count);
      if (begun < 0 && begun !== AGAIN) return begun;
      if (begun === 0) return writeSets(thread, sets, count);
    }
  }
  if (ready === 0) {
    ready = passSets(thread, sets, count, true);
    if (ready === AGAIN) return AGAIN;
    if (ready < 0) leaveQueues(thread);
    if (ready !== 0) return ready < 0 ? ready : lookAgain(thread);
    thread.call.progress = 0;
    const result = waitForEvent(thread, isImmediate);
    if (result !== 0) return result;
  }
  const failure = writeSets(thread, sets, count);
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
  const hasTimeout = frame.r8 !== 0;
  const isImmediate = hasTimeout && relativeTime() === 0;
  let hasMask = false;
  if (frame.r9 !== 0) {
    if (copyIn(thread.space, addressOf(maskArgument), frame.r9, 16) !== 16) return -EFAULT;
    hasMask = maskArgument.address !== 0;
  }
  if (isFirst) {
    if (hasTimeout && !isImmediate) setDeadline(thread, relativeTime());
    const masked = hasMask ? setTemporaryMask(thread, maskArgument.address, maskArgument.size) : 0;
    if (masked !== 0) return masked;
  }
  const result = select(thread, isImmediate);
  if (result !== BLOCKED && result !== AGAIN && hasTimeout) writeRemaining(thread, frame.r8);
  return result === -ERESTARTNOHAND && hasMask ? -EINTR : result;
}
