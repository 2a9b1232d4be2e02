/**
 * Futexes (futex(2)): waiting for a word of memory to change, and robust lists (get_robust_list(2)).
 *
 * A word in shared memory is known by its physical address, any other by its space and address. The server runs one
 * request at a time, so comparing the word and queueing are one step. Priority inheritance is not offered (ENOSYS).
 */
import { USER_END } from '../../lib/abi/rights';
import {
  EAGAIN,
  EFAULT,
  EINVAL,
  ENOSYS,
  EPERM,
  ERESTART_RESTARTBLOCK,
  ERESTARTSYS,
  ESRCH,
  ETIMEDOUT,
} from '../linux/errno';
import { later, readNanoseconds, readTimespec } from '../linux/time';
import type { AddressSpace } from '../memory/address-space';
import { sharedAddress } from '../memory/shared-address';
import { readWord32, readWord64, Word, writeWord32, writeWord64 } from '../memory/user-words';
import { monotonicNanoseconds, realtimeNanoseconds } from '../time/clock';
import { armTimeout } from '../time/timer';
import { budget, spend } from '../wait/budget';
import { AGAIN } from '../wait/outcome';
import { block, type WaitEntry, WaitQueue, wake } from '../wait/wait-queue';
import { findThread } from './pids';
import type { Thread } from './thread';

const FUTEX_WAIT: u64 = 0;
const FUTEX_WAKE: u64 = 1;
const FUTEX_REQUEUE: u64 = 3;
const FUTEX_CMP_REQUEUE: u64 = 4;
const FUTEX_WAKE_OP: u64 = 5;
const FUTEX_WAIT_BITSET: u64 = 9;
const FUTEX_WAKE_BITSET: u64 = 10;
const FUTEX_PRIVATE_FLAG: u64 = 128;
const FUTEX_CLOCK_REALTIME: u64 = 256;
const MATCH_ANY: u32 = 0xffff_ffff;

const BUCKETS: u64 = 256;
const buckets: Fixed<Inline<WaitQueue>, 256> = reserve();
const word: Word = reserve();

const WAITING: u64 = 1;
const WOKEN: u64 = 2;

/** The identity of a futex word. */
class Key {
  address!: u64;
  space!: u64;
}

const key: Key = reserve();
const otherKey: Key = reserve();

function identify(into: Key, space: AddressSpace, address: u64): void {
  const physical = sharedAddress(space, address);
  into.address = physical === 0 ? address : physical;
  into.space = physical === 0 ? addressOf(space) : 0;
}

function bucketOf(which: Key): WaitQueue {
  const mixed = (which.address >> 2) ^ (which.address >> 12) ^ (which.space >> 6);
  return buckets[mixed % BUCKETS];
}

/** The last waking or moving came to the end of the budget: there may be more. */
let isCut: boolean = false;

/** Wakes up to `limit` threads that wait on `which` for any of `bits`, as far as the budget goes; gives how many. */
function wakeMatching(which: Key, limit: u64, bits: u32): u64 {
  const queue = bucketOf(which);
  let woken: u64 = 0;
  let entry = queue.first;
  isCut = false;
  while (entry !== null && woken < limit) {
    const next: WaitEntry | null = entry.next;
    const thread = entry.thread;
    if (thread.futexAddress === which.address && thread.futexSpace === which.space && (thread.futexBits & bits) !== 0) {
      if (woken !== 0 && budget <= 0) {
        isCut = true;
        break;
      }
      thread.call.stage = WOKEN;
      wake(thread);
      woken += 1;
    }
    entry = next;
  }
  return woken;
}

/** Leaves what a call has done so far, and how far it has come, for its next slice. */
function goOnLater(thread: Thread, stage: u64, woken: u64, second: u64): i64 {
  const call = thread.call;
  call.isDirty = true;
  call.stage = stage;
  call.progress = woken;
  call.first = second;
  return AGAIN;
}

/** FUTEX_WAKE and FUTEX_WAKE_BITSET. */
function wakeSome(thread: Thread, limit: u64, bits: u32): i64 {
  const before = thread.call.progress;
  identify(key, thread.space, thread.frame.rdi);
  const woken = before + wakeMatching(key, limit - before, bits);
  return isCut ? goOnLater(thread, 0, woken, 0) : (woken as i64);
}

/** Wakes up to `limit` waiters of the word at `address`. */
export function wakeFutex(space: AddressSpace, address: u64, limit: u64): void {
  identify(key, space, address);
  wakeMatching(key, limit, MATCH_ANY);
}

function wait(thread: Thread, bits: u32, deadline: u64): i64 {
  const call = thread.call;
  const address = thread.frame.rdi;
  if (call.stage === WOKEN) return 0;
  if (call.stage === 0) {
    if (!readWord32(thread.space, address, word)) return -EFAULT;
    if (word.value !== (thread.frame.rdx & 0xffff_ffff)) return -EAGAIN;
  }
  if (deadline !== 0 && monotonicNanoseconds() >= deadline) return -ETIMEDOUT;
  if (thread.hasSignal()) {
    if (deadline === 0) return -ERESTARTSYS;
    // With a time-out a handler ends it, whatever SA_RESTART says (signal(7)); a stop does not.
    thread.restartDeadline = deadline;
    return -ERESTART_RESTARTBLOCK;
  }
  call.isDirty = true;
  call.stage = WAITING;
  identify(key, thread.space, address);
  thread.futexAddress = key.address;
  thread.futexSpace = key.space;
  thread.futexBits = bits;
  if (deadline !== 0) armTimeout(thread, deadline);
  return block(thread, bucketOf(key));
}

/** The deadline of a wait: relative for FUTEX_WAIT, absolute for FUTEX_WAIT_BITSET; -errno, or 0 with call.deadline set. */
function prepareDeadline(thread: Thread, isAbsolute: boolean, isRealtime: boolean): i64 {
  const call = thread.call;
  if (call.deadline !== 0 || thread.frame.r10 === 0) return 0;
  const problem = readTimespec(thread, thread.frame.r10);
  if (problem !== 0) return problem;
  call.isDirty = true;
  if (thread.restartDeadline !== 0) {
    call.deadline = thread.restartDeadline;
    thread.restartDeadline = 0;
  } else if (!isAbsolute) call.deadline = later(readNanoseconds);
  else {
    const offset: u64 = isRealtime ? realtimeNanoseconds() - monotonicNanoseconds() : 0;
    call.deadline = readNanoseconds > offset ? readNanoseconds - offset : 1;
  }
  return 0;
}

/** Moves up to `limit` waiters from `key` to `otherKey` without waking them, as far as the budget goes. */
function requeue(limit: u64): u64 {
  const from = bucketOf(key);
  const to = bucketOf(otherKey);
  const isSame = key.address === otherKey.address && key.space === otherKey.space;
  const last = from.last;
  let moved: u64 = 0;
  let entry = from.first;
  isCut = false;
  while (entry !== null && moved < limit) {
    const next: WaitEntry | null = entry.next;
    const thread = entry.thread;
    if (thread.futexAddress === key.address && thread.futexSpace === key.space) {
      // Where both words are one, all stay where they are.
      if (!isSame) {
        if (moved !== 0 && budget <= 0) {
          isCut = true;
          break;
        }
        spend(1);
        thread.futexAddress = otherKey.address;
        thread.futexSpace = otherKey.space;
        from.remove(entry);
        to.append(entry);
      }
      moved += 1;
    }
    // Both words may hash to one bucket: what was moved to its end must not be met again.
    if (entry === last) break;
    entry = next;
  }
  return moved;
}

/** `call.stage` of a requeue and of FUTEX_WAKE_OP: what was compared or changed is; the first waking is over too. */
const BEGUN: u64 = 1;
const BEGUN_ALONE: u64 = 2;
const SECOND: u64 = 3;

/** FUTEX_REQUEUE and FUTEX_CMP_REQUEUE: wakes some and moves others. */
function wakeAndMove(thread: Thread, count: u64, isCompared: boolean): i64 {
  const frame = thread.frame;
  const call = thread.call;
  if ((frame.r8 & 3) !== 0 || (frame.rdx as i32) < 0 || (frame.r10 as i32) < 0) return -EINVAL;
  if (isCompared && call.stage === 0) {
    if (!readWord32(thread.space, frame.rdi, word)) return -EFAULT;
    if (word.value !== (frame.r9 & 0xffff_ffff)) return -EAGAIN;
  }
  identify(key, thread.space, frame.rdi);
  identify(otherKey, thread.space, frame.r8);
  let woken = call.progress;
  if (call.stage !== SECOND) {
    woken += wakeMatching(key, count - woken, MATCH_ANY);
    if (isCut) return goOnLater(thread, BEGUN, woken, 0);
  }
  const before = call.first;
  const moved = before + requeue((frame.r10 & 0x7fff_ffff) - before);
  if (isCut) return goOnLater(thread, SECOND, woken, moved);
  return (isCompared ? woken + moved : woken) as i64;
}

/** FUTEX_WAKE_OP: changes the second word; 1 if its waiters are to be woken too, 0 if not (futex(2)), or a negated errno. */
function changeWord(thread: Thread): i64 {
  const frame = thread.frame;
  const encoded = frame.r9 & 0xffff_ffff;
  if (!readWord32(thread.space, frame.r8, word)) return -EFAULT;
  const old = word.value as i32;
  let argument = (((encoded >> 12) & 0xfff) << 52) as i64;
  argument = argument >> 52;
  const comparand = ((((encoded & 0xfff) << 52) as i64) >> 52) as i32;
  if (encoded >> 31 !== 0) argument = (1 as i64) << (argument & 31);
  const operation = (encoded >> 28) & 7;
  let value = argument;
  if (operation === 1) value = old + argument;
  else if (operation === 2) value = old | argument;
  else if (operation === 3) value = old & ~argument;
  else if (operation === 4) value = old ^ argument;
  else if (operation !== 0) return -ENOSYS;
  if (!writeWord32(thread.space, frame.r8, (value as u64) & 0xffff_ffff)) return -EFAULT;
  const comparison = (encoded >> 24) & 15;
  let holds = old === comparand;
  if (comparison === 1) holds = old !== comparand;
  else if (comparison === 2) holds = old < comparand;
  else if (comparison === 3) holds = old <= comparand;
  else if (comparison === 4) holds = old > comparand;
  else if (comparison === 5) holds = old >= comparand;
  else if (comparison !== 0) return -ENOSYS;
  return holds ? 1 : 0;
}

/** Wakes waiters of the first word and, if the old value of the second holds, of that. */
function wakeOperation(thread: Thread, wakeFirst: u64, wakeSecond: u64): i64 {
  const frame = thread.frame;
  const call = thread.call;
  let stage = call.stage;
  if (stage === 0) {
    const holds = changeWord(thread);
    if (holds < 0) return holds;
    stage = holds === 1 ? BEGUN : BEGUN_ALONE;
  }
  let woken = call.progress;
  if (stage !== SECOND) {
    identify(key, thread.space, frame.rdi);
    woken += wakeMatching(key, wakeFirst - woken, MATCH_ANY);
    if (isCut) return goOnLater(thread, stage, woken, 0);
    if (stage === BEGUN_ALONE) return woken as i64;
  }
  identify(otherKey, thread.space, frame.r8);
  const more = call.first + wakeMatching(otherKey, wakeSecond - call.first, MATCH_ANY);
  return isCut ? goOnLater(thread, SECOND, woken, more) : ((woken + more) as i64);
}

/** futex(uaddr, op, val, timeout or val2, uaddr2, val3) */
export function sysFutex(thread: Thread): i64 {
  const frame = thread.frame;
  const operation = frame.rsi & 0x7f;
  const isRealtime = (frame.rsi & FUTEX_CLOCK_REALTIME) !== 0;
  const count = frame.rdx & 0x7fff_ffff;
  if ((frame.rdi & 3) !== 0) return -EINVAL;
  if (frame.rdi >= USER_END) return -EFAULT;
  if ((frame.rsi & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME | 0x7f) & 0xffff_ffff) !== 0) return -ENOSYS;
  if (isRealtime && operation !== FUTEX_WAIT_BITSET) return -ENOSYS;
  if (operation === FUTEX_WAIT || operation === FUTEX_WAIT_BITSET) {
    const isBitset = operation === FUTEX_WAIT_BITSET;
    const bits: u32 = isBitset ? (frame.r9 as u32) : MATCH_ANY;
    if (bits === 0) return -EINVAL;
    const problem = prepareDeadline(thread, isBitset, isRealtime);
    return problem !== 0 ? problem : wait(thread, bits, thread.call.deadline);
  }
  if (operation === FUTEX_WAKE) return wakeSome(thread, count, MATCH_ANY);
  if (operation === FUTEX_WAKE_BITSET) {
    const bits = frame.r9 as u32;
    return bits === 0 ? -EINVAL : wakeSome(thread, count, bits);
  }
  if (operation === FUTEX_REQUEUE || operation === FUTEX_CMP_REQUEUE) {
    return wakeAndMove(thread, count, operation === FUTEX_CMP_REQUEUE);
  }
  if (operation === FUTEX_WAKE_OP) return wakeOperation(thread, count, frame.r10 & 0x7fff_ffff);
  return -ENOSYS;
}

const ROBUST_HEAD_BYTES: u64 = 24;
const CAP_SYS_PTRACE: u32 = 19;
const ROBUST_LIMIT: u64 = 2048;
/** Entries of one slice: each may write to a page that must be copied first. */
const ROBUST_SLICE: u64 = 64;
const FUTEX_WAITERS: u64 = 0x8000_0000;
const FUTEX_OWNER_DIED: u64 = 0x4000_0000;
const FUTEX_TID_MASK: u64 = 0x3fff_ffff;

export function sysSetRobustList(thread: Thread): i64 {
  if (thread.frame.rsi !== ROBUST_HEAD_BYTES) return -EINVAL;
  thread.robustList = thread.frame.rdi;
  return 0;
}

/** get_robust_list(pid, head, length): of the caller's own threads, or anybody's for who may look into processes. */
export function sysGetRobustList(thread: Thread): i64 {
  const frame = thread.frame;
  const number = frame.rdi as i32;
  const target = number === 0 ? thread : findThread(number);
  if (target === null) return -ESRCH;
  if (target.process !== thread.process && !thread.process.capabilities.has(CAP_SYS_PTRACE)) return -EPERM;
  if (!writeWord64(thread.space, frame.rdx, ROBUST_HEAD_BYTES)) return -EFAULT;
  return writeWord64(thread.space, frame.rsi, target.robustList) ? 0 : -EFAULT;
}

/** Marks the lock at `address` as left behind, if `thread` held it, and wakes one waiter. */
function abandonLock(thread: Thread, address: u64): void {
  if ((address & 3) !== 0 || !readWord32(thread.space, address, word)) return;
  const value = word.value;
  if ((value & FUTEX_TID_MASK) !== (thread.number as u64)) return;
  if (!writeWord32(thread.space, address, (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED)) return;
  if ((value & FUTEX_WAITERS) !== 0) wakeFutex(thread.space, address, 1);
}

/**
 * Walks the list of locks that `thread` held, a slice at a time: true when it is done. The list is the client's: it may
 * be cyclic, long or nowhere. Where the walk stands is kept in the thread.
 */
export function walkRobustList(thread: Thread): boolean {
  const head = thread.robustList;
  if (head === 0) return true;
  const space = thread.space;
  if (!readWord64(space, head + 8, word)) return endWalk(thread);
  const offset = word.value;
  if (!readWord64(space, head + 16, word)) return endWalk(thread);
  const pending = word.value & ~1;
  if (thread.robustCount === 0) {
    if (!readWord64(space, head, word)) return endWalk(thread);
    thread.robustNext = word.value & ~1;
  }
  for (let count: u64 = 0; thread.robustNext !== head && thread.robustCount < ROBUST_LIMIT; count++) {
    if (count === ROBUST_SLICE) return false;
    const entry = thread.robustNext;
    const isRead = readWord64(space, entry, word);
    thread.robustNext = word.value & ~1;
    thread.robustCount += 1;
    if (entry !== pending) abandonLock(thread, entry + offset);
    if (!isRead) return endWalk(thread);
  }
  if (pending !== 0) abandonLock(thread, pending + offset);
  return endWalk(thread);
}

function endWalk(thread: Thread): boolean {
  thread.robustList = 0;
  thread.robustCount = 0;
  return true;
}
