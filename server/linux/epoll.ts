/** Event polling (epoll_create(2), epoll_ctl(2), epoll_wait(2)). */
import { copyIn, copyOut } from '../memory/copy';
import type { Thread } from '../process/thread';
import { createEpollFile, EPOLLET, EPOLLONESHOT, type EpollFile, type EpollWatch, epollOf } from '../vfs/epoll';
import { BLOCKED } from '../wait/outcome';
import { enlist, leaveQueues } from '../wait/wait-queue';
import { EBADF, EEXIST, EFAULT, EINTR, EINVAL, ENOENT, EPERM } from './errno';
import { O_CLOEXEC } from './file-constants';
import { installFile } from './open';
import { readRelative, relativeTime, setDeadline, setTemporaryMask, WAITING, waitForEvent } from './poll';
import { fileOf } from './transfer';

const EPOLL_CTL_ADD: u64 = 1;
const EPOLL_CTL_DEL: u64 = 2;
const EPOLL_CTL_MOD: u64 = 3;
/** Most that maxevents may be (epoll_wait(2)): INT_MAX / sizeof(struct epoll_event). */
const MOST_EVENTS: i64 = 178956970;
/** Events that one call gives out: within a slice, and callers ask again. */
const EVENTS_AT_ONCE: u64 = 1024;
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
  return installFile(thread, createEpollFile(), false);
}

export function sysEpollCreate1(thread: Thread): i64 {
  const flags = thread.frame.rdi as u32;
  if ((flags & ~O_CLOEXEC) !== 0) return -EINVAL;
  return installFile(thread, createEpollFile(), flags !== 0);
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
  const watch = set.find(descriptor, target);
  const data: u64 = (event.dataLow as u64) | ((event.dataHigh as u64) << 32);
  switch (operation) {
    case EPOLL_CTL_ADD:
      return watch !== null ? -EEXIST : set.add(thread, descriptor, target, event.events, data);
    case EPOLL_CTL_MOD:
      if (watch === null) return -ENOENT;
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

/** Gives out what is ready, each interest once: the number of events, or -EFAULT if not even one could be written. */
function giveOut(thread: Thread, set: EpollFile, address: u64, most: u64): i64 {
  const last = set.lastReady;
  let given: u64 = 0;
  let watch: EpollWatch | null = set.firstReady;
  while (watch !== null && given < most) {
    const next: EpollWatch | null = watch.nextReady;
    const isLast = watch === last;
    const ready = watch.look(thread);
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
    if (isLast) break;
    watch = next;
  }
  return given as i64;
}

function wait(thread: Thread, isImmediate: boolean): i64 {
  const frame = thread.frame;
  const most: i64 = frame.rdx as i32;
  if (most <= 0 || most > MOST_EVENTS) return -EINVAL;
  const file = fileOf(thread, frame.rdi);
  if (file === null) return -EBADF;
  const set = epollOf(file);
  if (set === null) return -EINVAL;
  const limit = most as u64;
  const given = giveOut(thread, set, frame.rsi, limit < EVENTS_AT_ONCE ? limit : EVENTS_AT_ONCE);
  if (given !== 0) return given;
  if (!isImmediate) enlist(thread, set.waiters);
  const result = waitForEvent(thread, isImmediate);
  if (result !== BLOCKED) leaveQueues(thread);
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
