/** Event polling (epoll_create(2), epoll_ctl(2), epoll_wait(2)). */
import { copyIn, copyOut } from '../memory/copy';
import type { Thread } from '../process/thread';
import {
  allowLooks,
  createEpollFile,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLONESHOT,
  EPOLLWAKEUP,
  type EpollFile,
  type EpollWatch,
  epollOf,
  looksLeft,
} from '../vfs/epoll';
import { AGAIN, BLOCKED } from '../wait/outcome';
import { enlist, leaveQueues } from '../wait/wait-queue';
import { EBADF, EEXIST, EFAULT, EINTR, EINVAL, ENOENT, EPERM } from './errno';
import { O_CLOEXEC, POLLERR, POLLHUP, POLLIN, POLLOUT } from './file-constants';
import { installFile } from './open';
import { readRelative, relativeTime, setDeadline, setTemporaryMask, WAITING, waitForEvent } from './poll';
import { fileOf } from './transfer';

const EPOLL_CTL_ADD: u64 = 1;
const EPOLL_CTL_DEL: u64 = 2;
const EPOLL_CTL_MOD: u64 = 3;
/** Most that maxevents may be (epoll_wait(2)): INT_MAX / sizeof(struct epoll_event). */
const MOST_EVENTS: i64 = 178956970;
/** Interests that one slice looks at, those of sets within the set included. */
const LOOKS_AT_ONCE: u64 = 512;
/** A bit of `thread.call.stage`, beside those of poll: in the middle of a round through what is ready. */
const ROUND: u64 = 8;
/** What may stand beside EPOLLEXCLUSIVE (epoll_ctl(2)). */
const WITH_EXCLUSIVE: u32 = POLLIN | POLLOUT | POLLERR | POLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;
const EVENT_BYTES: u64 = 12;

/** struct epoll_event, which x86_64 packs: twelve bytes. */
class EventLayout {
  events!: u32;
  dataLow!: u32;
  dataHigh!: u32;
}

const event: EventLayout = reserve();

export function sysEpollCreate(thread: Thread): i64 {
  if ((thread.frame.rdi as i32) <= 0) return -EINVAL;
  return installFile(thread, createEpollFile(thread.process.user), false);
}

export function sysEpollCreate1(thread: Thread): i64 {
  const flags = thread.frame.rdi as u32;
  if ((flags & ~O_CLOEXEC) !== 0) return -EINVAL;
  return installFile(thread, createEpollFile(thread.process.user), flags !== 0);
}

export function sysEpollCtl(thread: Thread): i64 {
  const frame = thread.frame;
  const operation: u64 = frame.rsi & 0xffff_ffff;
  const descriptor: u64 = frame.rdx & 0xffff_ffff;
  if (operation !== EPOLL_CTL_DEL) {
    if (copyIn(thread.space, addressOf(event), frame.r10, EVENT_BYTES) !== EVENT_BYTES) return -EFAULT;
  }
  const own = fileOf(thread, frame.rdi);
  const target = thread.files.get(descriptor);
  if (own === null || target === null || own.isPathOnly || target.isPathOnly) return -EBADF;
  if (!target.canPoll()) return -EPERM;
  const set = epollOf(own);
  if (set === null || own === target) return -EINVAL;
  if (operation !== EPOLL_CTL_DEL && (event.events & EPOLLEXCLUSIVE) !== 0) {
    if (operation === EPOLL_CTL_MOD) return -EINVAL;
    if (operation === EPOLL_CTL_ADD && (epollOf(target) !== null || (event.events & ~WITH_EXCLUSIVE) !== 0))
      return -EINVAL;
  }
  allowLooks(LOOKS_AT_ONCE);
  const watch = set.find(descriptor, target);
  const data: u64 = (event.dataLow as u64) | ((event.dataHigh as u64) << 32);
  switch (operation) {
    case EPOLL_CTL_ADD:
      return watch !== null ? -EEXIST : set.add(thread, descriptor, target, event.events, data);
    case EPOLL_CTL_MOD:
      if (watch === null) return -ENOENT;
      if ((watch.events & EPOLLEXCLUSIVE) !== 0) return -EINVAL;
      set.change(thread, watch, event.events, data);
      return 0;
    case EPOLL_CTL_DEL:
      if (watch === null) return -ENOENT;
      set.remove(watch);
      return 0;
    default:
      return -EINVAL;
  }
}

/**
 * Goes on with a round through what is ready, in which each interest is given out once: the number of events so far,
 * -EFAULT if not even one could be written, or AGAIN when the slice is over. Interests that became ready after the round
 * began are for the next one; they stand behind the others.
 */
function giveOut(thread: Thread, set: EpollFile, address: u64, most: u64): i64 {
  const call = thread.call;
  const isBegun = (call.stage & ROUND) !== 0;
  const last: u64 = isBegun ? call.first : set.timesReady;
  let given: u64 = isBegun ? call.second : 0;
  let watch: EpollWatch | null = set.firstReady;
  allowLooks(LOOKS_AT_ONCE);
  while (watch !== null && watch.readySince <= last && given < most) {
    const ready = watch.tryLook(thread);
    if (ready === 0 && looksLeft === 0) {
      hold(thread, set);
      call.stage = WAITING | ROUND;
      call.first = last;
      call.second = given;
      return AGAIN;
    }
    if (ready !== 0) {
      event.events = ready;
      event.dataLow = watch.data as u32;
      event.dataHigh = (watch.data >>> 32) as u32;
      const at: u64 = address + given * EVENT_BYTES;
      if (copyOut(thread.space, at, addressOf(event), EVENT_BYTES) !== EVENT_BYTES) {
        return given === 0 ? -EFAULT : (given as i64);
      }
      given += 1;
    }
    set.takeFromReady(watch);
    if (ready !== 0 && (watch.events & EPOLLONESHOT) !== 0) watch.events = (watch.events & EPOLLET) as u32;
    else if (ready !== 0 && (watch.events & EPOLLET) === 0) set.append(watch);
    watch = set.firstReady;
  }
  return given as i64;
}

/** The set lives until the call ends, even if somebody closes the descriptor meanwhile. */
function hold(thread: Thread, set: EpollFile): void {
  const call = thread.call;
  if (call.file !== null) return;
  set.retain();
  call.file = set;
  call.isDirty = true;
}

/** The set that a call is about: the descriptor's when the call began. */
function setOf(thread: Thread): EpollFile | null {
  const held = thread.call.file;
  const file = held === null ? fileOf(thread, thread.frame.rdi) : held;
  return file === null ? null : epollOf(file);
}

function wait(thread: Thread, isImmediate: boolean): i64 {
  const frame = thread.frame;
  const most: i64 = frame.rdx as i32;
  if (most <= 0 || most > MOST_EVENTS) return -EINVAL;
  const set = setOf(thread);
  if (set === null) return fileOf(thread, frame.rdi) === null ? -EBADF : -EINVAL;
  const given = giveOut(thread, set, frame.rsi, most as u64);
  if (given !== 0) return given;
  if (!isImmediate) enlist(thread, set.waiters);
  const result = waitForEvent(thread, isImmediate);
  if (result === BLOCKED) hold(thread, set);
  else leaveQueues(thread);
  // epoll_wait is never restarted (signal(7)).
  return result < 0 && result !== BLOCKED ? -EINTR : result;
}

export function sysEpollWait(thread: Thread): i64 {
  const timeout: i64 = thread.frame.r10 as i32;
  if (timeout > 0 && (thread.call.stage & WAITING) === 0) setDeadline(thread, (timeout as u64) * 1000000);
  return wait(thread, timeout === 0);
}

export function sysEpollPwait(thread: Thread): i64 {
  if ((thread.call.stage & WAITING) === 0) {
    const error = setTemporaryMask(thread, thread.frame.r8, thread.frame.r9);
    if (error !== 0) return error;
  }
  return sysEpollWait(thread);
}

export function sysEpollPwait2(thread: Thread): i64 {
  const frame = thread.frame;
  const error = readRelative(thread, frame.r10);
  if (error !== 0) return error;
  const isImmediate = frame.r10 !== 0 && relativeTime() === 0;
  if ((thread.call.stage & WAITING) === 0) {
    if (frame.r10 !== 0 && !isImmediate) setDeadline(thread, relativeTime());
    const masked = setTemporaryMask(thread, frame.r8, frame.r9);
    if (masked !== 0) return masked;
  }
  return wait(thread, isImmediate);
}
