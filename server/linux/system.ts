/** The machine and odds and ends: sysinfo(2), getrandom(2), reboot(2), prctl(2), arch_prctl(2), prlimit(2), scheduling. */

import { powerOff, reboot } from '../kernel/system';
import { fsBaseOf, gsBaseOf, setFsBase, setGsBase } from '../kernel/threads';
import { Buffer } from '../memory/buffer';
import { copyIn, copyOut } from '../memory/copy';
import { freePages, totalPages } from '../memory/pages';
import { writeWord32, writeWord64 } from '../memory/user-words';
import { LAST_CAPABILITY } from '../process/capability-set';
import { type Limit, RLIMIT_COUNT, RLIMIT_CPU, RLIMIT_NOFILE } from '../process/limits';
import { findProcess, findThread } from '../process/pids';
import type { Process } from '../process/process';
import { liveThreads } from '../process/statistics';
import type { Thread } from '../process/thread';
import { monotonicNanoseconds } from '../time/clock';
import { watchCpuTime } from '../time/cpu-timers';
import { fillRandom } from '../time/random';
import { flushConsole } from '../tty/console';
import { flushHostChannel } from '../tty/host-channel';
import { MAXIMUM_FILES } from '../vfs/file-table';
import { SLICE_BYTES } from '../wait/outcome';
import { EACCES, EFAULT, EINVAL, EPERM, ESRCH } from './errno';
import { MAXIMUM_TRANSFER } from './file-constants';
import { goOn, isClientRange } from './transfer';

const CAP_SYS_RESOURCE: u32 = 24;
const CAP_SYS_BOOT: u32 = 22;
const CAP_SETPCAP: u32 = 8;
const CAP_SYS_NICE: u32 = 23;
const GRND_RANDOM: u64 = 2;
const GRND_INSECURE: u64 = 4;
/** Making random bytes costs far more than copying them. */
const RANDOM_SLICE: u64 = SLICE_BYTES / 128;
const USER_END: u64 = 0x7fff_ffff_f000;

class SystemInformation {
  uptime!: u64;
  loads!: Fixed<u64, 3>;
  totalMemory!: u64;
  freeMemory!: u64;
  sharedMemory!: u64;
  bufferMemory!: u64;
  totalSwap!: u64;
  freeSwap!: u64;
  processes!: u16;
  padding!: u16;
  padding2!: u32;
  totalHigh!: u64;
  freeHigh!: u64;
  unit!: u32;
  padding3!: u32;
}

staticAssert(sizeOf<SystemInformation>() === 112, 'struct sysinfo is 112 bytes');

const information: SystemInformation = reserve();
const limitPair: Limit = reserve();
const transfer: Buffer = reserve();
const name: Fixed<u8, 16> = reserve();
const random: Fixed<u8, 256> = reserve();

export function sysSysinfo(thread: Thread): i64 {
  information.uptime = monotonicNanoseconds() / 1000000000;
  information.totalMemory = totalPages() << 12;
  information.freeMemory = freePages() << 12;
  information.processes = liveThreads as u16;
  information.unit = 1;
  const size = sizeOf<SystemInformation>() as u64;
  return copyOut(thread.space, thread.frame.rdi, addressOf(information), size) === size ? 0 : -EFAULT;
}

/** Random bytes, a slice at a time: a signal ends the call early only after the first 256 (getrandom(2)). */
export function sysGetrandom(thread: Thread): i64 {
  const frame = thread.frame;
  const flags = frame.rdx & 0xffff_ffff;
  if ((flags & ~7) !== 0 || (flags & (GRND_RANDOM | GRND_INSECURE)) === (GRND_RANDOM | GRND_INSECURE)) return -EINVAL;
  const before = thread.call.progress;
  const count: u64 = frame.rsi < MAXIMUM_TRANSFER ? frame.rsi : MAXIMUM_TRANSFER;
  if (!isClientRange(frame.rdi, count)) return -EFAULT;
  if (before !== 0 && thread.hasSignal()) return before as i64;
  transfer.space = thread.space;
  transfer.address = frame.rdi + before;
  transfer.length = count - before < RANDOM_SLICE ? count - before : RANDOM_SLICE;
  const wanted = transfer.length;
  let done: u64 = 0;
  while (done < wanted) {
    const left = wanted - done;
    const part: u64 = left < 256 ? left : 256;
    fillRandom(addressOf(random), part);
    const moved = transfer.put(addressOf(random), part);
    done += moved;
    if (moved !== part) break;
  }
  const total = before + done;
  if (done === wanted && total < count) return goOn(thread, total);
  return total === 0 && wanted !== 0 ? -EFAULT : (total as i64);
}

const REBOOT_MAGIC1: u64 = 0xfee1_dead;
const REBOOT_RESTART: u64 = 0x0123_4567;
const REBOOT_HALT: u64 = 0xcdef_0123;
const REBOOT_POWER_OFF: u64 = 0x4321_fedc;

export function sysReboot(thread: Thread): i64 {
  const frame = thread.frame;
  if (!thread.process.capabilities.has(CAP_SYS_BOOT)) return -EPERM;
  const second = frame.rsi & 0xffff_ffff;
  const isMagic = second === 672274793 || second === 85072278 || second === 369367448 || second === 537993216;
  if ((frame.rdi & 0xffff_ffff) !== REBOOT_MAGIC1 || !isMagic) return -EINVAL;
  const command = frame.rdx & 0xffff_ffff;
  flushConsole();
  flushHostChannel();
  if (command === REBOOT_POWER_OFF || command === REBOOT_HALT) powerOff();
  else if (command === REBOOT_RESTART) reboot();
  // Ctrl-Alt-Del on or off: there is no such key here.
  else if (command !== 0 && command !== 0x89ab_cdef) return -EINVAL;
  return 0;
}

const ARCH_SET_GS: u64 = 0x1001;
const ARCH_SET_FS: u64 = 0x1002;
const ARCH_GET_FS: u64 = 0x1003;
const ARCH_GET_GS: u64 = 0x1004;

export function sysArchPrctl(thread: Thread): i64 {
  const code = thread.frame.rdi & 0xffff_ffff;
  const value = thread.frame.rsi;
  if (code === ARCH_GET_FS) return writeWord64(thread.space, value, fsBaseOf(thread)) ? 0 : -EFAULT;
  if (code === ARCH_GET_GS) return writeWord64(thread.space, value, gsBaseOf(thread)) ? 0 : -EFAULT;
  if (code !== ARCH_SET_FS && code !== ARCH_SET_GS) return -EINVAL;
  if (value >= USER_END) return -EPERM;
  if (code === ARCH_SET_FS) setFsBase(thread, value);
  else setGsBase(thread, value);
  // The bases are loaded only when all registers are.
  thread.restoresAll = true;
  thread.call.isDirty = true;
  return 0;
}

const PR_SET_PDEATHSIG: u64 = 1;
const PR_GET_PDEATHSIG: u64 = 2;
const PR_GET_DUMPABLE: u64 = 3;
const PR_SET_DUMPABLE: u64 = 4;
const PR_GET_KEEPCAPS: u64 = 7;
const PR_SET_KEEPCAPS: u64 = 8;
const PR_SET_NAME: u64 = 15;
const PR_GET_NAME: u64 = 16;
const PR_GET_SECCOMP: u64 = 21;
const PR_CAPBSET_READ: u64 = 23;
const PR_CAPBSET_DROP: u64 = 24;
const PR_GET_TSC: u64 = 25;
const PR_GET_SECUREBITS: u64 = 27;
const PR_SET_TIMERSLACK: u64 = 29;
const PR_GET_TIMERSLACK: u64 = 30;
const PR_SET_CHILD_SUBREAPER: u64 = 36;
const PR_GET_CHILD_SUBREAPER: u64 = 37;
const PR_SET_NO_NEW_PRIVS: u64 = 38;
const PR_GET_NO_NEW_PRIVS: u64 = 39;
const PR_TSC_ENABLE: u64 = 1;
const TIMER_SLACK: i64 = 50000;

export function sysPrctl(thread: Thread): i64 {
  const frame = thread.frame;
  const process = thread.process;
  const argument = frame.rsi;
  switch (frame.rdi & 0xffff_ffff) {
    case PR_SET_PDEATHSIG:
      if (argument > 64) return -EINVAL;
      process.parentDeathSignal = argument as u32;
      return 0;
    case PR_GET_PDEATHSIG:
      return writeWord32(thread.space, argument, process.parentDeathSignal as u64) ? 0 : -EFAULT;
    case PR_GET_DUMPABLE:
      return process.isDumpable ? 1 : 0;
    case PR_SET_DUMPABLE:
      if (argument > 1) return -EINVAL;
      process.isDumpable = argument === 1;
      return 0;
    case PR_SET_NAME:
      return setName(thread, argument);
    case PR_GET_NAME:
      return copyOut(thread.space, argument, addressOf(thread.name), 16) === 16 ? 0 : -EFAULT;
    case PR_GET_KEEPCAPS:
    case PR_GET_SECCOMP:
    case PR_GET_SECUREBITS:
      return 0;
    case PR_SET_KEEPCAPS:
      return argument > 1 ? -EINVAL : argument === 0 ? 0 : -EPERM;
    case PR_CAPBSET_READ:
      return argument > LAST_CAPABILITY ? -EINVAL : (((process.capabilities.bounding >> argument) & 1) as i64);
    case PR_CAPBSET_DROP:
      return dropFromBounding(process, argument);
    case PR_GET_TSC:
      return writeWord32(thread.space, argument, PR_TSC_ENABLE) ? 0 : -EFAULT;
    case PR_SET_TIMERSLACK:
      return 0;
    case PR_GET_TIMERSLACK:
      return TIMER_SLACK;
    case PR_SET_CHILD_SUBREAPER:
      process.isSubreaper = argument !== 0;
      return 0;
    case PR_GET_CHILD_SUBREAPER:
      return writeWord32(thread.space, argument, process.isSubreaper ? 1 : 0) ? 0 : -EFAULT;
    case PR_SET_NO_NEW_PRIVS:
      if (argument !== 1 || frame.rdx !== 0 || frame.r10 !== 0 || frame.r8 !== 0) return -EINVAL;
      process.hasNoNewPrivileges = true;
      return 0;
    case PR_GET_NO_NEW_PRIVS:
      return process.hasNoNewPrivileges ? 1 : 0;
    default:
      return -EINVAL;
  }
}

/** What is dropped can never be gained again by execve (capabilities(7), "Capability bounding set"). */
function dropFromBounding(process: Process, capability: u64): i64 {
  const set = process.capabilities;
  if (!set.has(CAP_SETPCAP)) return -EPERM;
  if (capability > LAST_CAPABILITY) return -EINVAL;
  process.capabilities = set.without(capability);
  set.drop();
  return 0;
}

/** The name is 15 bytes and a NUL; it is read until the NUL, so it may end right before a hole. */
function setName(thread: Thread, address: u64): i64 {
  let length: u64 = 0;
  while (length < 15) {
    if (copyIn(thread.space, addressOf(name) + length, address + length, 1) !== 1) return -EFAULT;
    if (name[length as i64] === 0) break;
    length += 1;
  }
  for (let index: u64 = 0; index < 16; index++) thread.name[index as i64] = index < length ? name[index as i64] : 0;
  return 0;
}

export function sysSetTidAddress(thread: Thread): i64 {
  thread.clearTid = thread.frame.rdi;
  return thread.number as i64;
}

export function sysPrlimit64(thread: Thread): i64 {
  const frame = thread.frame;
  const resource = frame.rsi & 0xffff_ffff;
  const pid = frame.rdi as i32;
  if (resource >= (RLIMIT_COUNT as u64)) return -EINVAL;
  const target = pid === 0 ? thread.process : findProcess(pid);
  if (target === null) return -ESRCH;
  const own = thread.credentials;
  const other = target.credentials;
  const isOwner = own.uid === other.uid && own.uid === other.euid && own.uid === other.suid;
  if (target !== thread.process && !isOwner && !thread.process.capabilities.has(CAP_SYS_RESOURCE)) return -EPERM;
  return exchangeLimit(thread, target, resource as u32, frame.rdx, frame.r10);
}

export function sysGetrlimit(thread: Thread): i64 {
  const resource = thread.frame.rdi & 0xffff_ffff;
  if (resource >= (RLIMIT_COUNT as u64)) return -EINVAL;
  if (thread.frame.rsi === 0) return -EFAULT;
  return exchangeLimit(thread, thread.process, resource as u32, 0, thread.frame.rsi);
}

export function sysSetrlimit(thread: Thread): i64 {
  const resource = thread.frame.rdi & 0xffff_ffff;
  if (resource >= (RLIMIT_COUNT as u64)) return -EINVAL;
  if (thread.frame.rsi === 0) return -EFAULT;
  return exchangeLimit(thread, thread.process, resource as u32, thread.frame.rsi, 0);
}

/** Reads a new limit from `from` (0: none) and writes the old one to `to` (0: nowhere). */
function exchangeLimit(thread: Thread, target: Process, resource: u32, from: u64, to: u64): i64 {
  const entry: Limit = target.limits.of[resource];
  const oldCurrent = entry.current;
  const oldMaximum = entry.maximum;
  if (from !== 0) {
    if (copyIn(thread.space, addressOf(limitPair), from, 16) !== 16) return -EFAULT;
    if (limitPair.current > limitPair.maximum) return -EINVAL;
    // Not above /proc/sys/fs/nr_open (getrlimit(2)).
    if (resource === RLIMIT_NOFILE && limitPair.maximum > MAXIMUM_FILES) return -EPERM;
    if (limitPair.maximum > oldMaximum && !thread.process.capabilities.has(CAP_SYS_RESOURCE)) return -EPERM;
    entry.current = limitPair.current;
    entry.maximum = limitPair.maximum;
    if (resource === RLIMIT_CPU) watchCpuTime(target);
  }
  if (to !== 0) {
    limitPair.current = oldCurrent;
    limitPair.maximum = oldMaximum;
    if (copyOut(thread.space, to, addressOf(limitPair), 16) !== 16) return -EFAULT;
  }
  return 0;
}

/** Answered without a direct switch, so the thread joins the end of its queue and its equals run first. */
export function sysSchedYield(thread: Thread): i64 {
  thread.call.isDirty = true;
  return 0;
}

/** One bit per CPU; there is one. Returns the bytes written, as the system call does. */
export function sysSchedGetaffinity(thread: Thread): i64 {
  const frame = thread.frame;
  if (frame.rsi < 8 || (frame.rsi & 7) !== 0) return -EINVAL;
  if (frame.rdi !== 0 && findThread(frame.rdi as i32) === null) return -ESRCH;
  return writeWord64(thread.space, frame.rdx, 1) ? 8 : -EFAULT;
}

export function sysSchedSetaffinity(thread: Thread): i64 {
  const frame = thread.frame;
  if (frame.rdi !== 0 && findThread(frame.rdi as i32) === null) return -ESRCH;
  if (frame.rsi === 0) return -EINVAL;
  if (copyIn(thread.space, addressOf(name), frame.rdx, 1) !== 1) return -EFAULT;
  return (name[0] & 1) !== 0 ? 0 : -EINVAL;
}

/** SCHED_OTHER is the only policy a thread can have. */
export function sysSchedGetscheduler(thread: Thread): i64 {
  return thread.frame.rdi === 0 || findThread(thread.frame.rdi as i32) !== null ? 0 : -ESRCH;
}

export function sysSchedGetparam(thread: Thread): i64 {
  if (thread.frame.rdi !== 0 && findThread(thread.frame.rdi as i32) === null) return -ESRCH;
  return writeWord32(thread.space, thread.frame.rsi, 0) ? 0 : -EFAULT;
}

/** The range of a policy's priorities: 1..99 for the real-time ones, 0 else (sched_get_priority_max(2)). */
export function sysSchedGetPriorityMax(thread: Thread): i64 {
  const policy = thread.frame.rdi & 0xffff_ffff;
  if (policy === 1 || policy === 2) return 99;
  return policy === 0 || policy === 3 || policy === 5 ? 0 : -EINVAL;
}

export function sysSchedGetPriorityMin(thread: Thread): i64 {
  const policy = thread.frame.rdi & 0xffff_ffff;
  if (policy === 1 || policy === 2) return 1;
  return policy === 0 || policy === 3 || policy === 5 ? 0 : -EINVAL;
}

/** getpriority(2) returns 20 - nice. */
export function sysGetpriority(thread: Thread): i64 {
  const which = thread.frame.rdi & 0xffff_ffff;
  if (which > 2) return -EINVAL;
  if (which !== 0) return 20;
  const target = thread.frame.rsi === 0 ? thread.process : findProcess(thread.frame.rsi as i32);
  return target === null ? -ESRCH : ((20 - (target.nice as i64)) as i64);
}

export function sysSetpriority(thread: Thread): i64 {
  const which = thread.frame.rdi & 0xffff_ffff;
  if (which > 2) return -EINVAL;
  if (which !== 0) return 0;
  const target = thread.frame.rsi === 0 ? thread.process : findProcess(thread.frame.rsi as i32);
  if (target === null) return -ESRCH;
  let nice = thread.frame.rdx as i32 as i64;
  if (nice < -20) nice = -20;
  if (nice > 19) nice = 19;
  if (nice < (target.nice as i64) && !thread.process.capabilities.has(CAP_SYS_NICE)) return -EACCES;
  target.nice = nice as i32;
  return 0;
}

/** getcpu(2): the one there is. */
export function sysGetcpu(thread: Thread): i64 {
  const frame = thread.frame;
  if (frame.rdi !== 0 && !writeWord32(thread.space, frame.rdi, 0)) return -EFAULT;
  if (frame.rsi !== 0 && !writeWord32(thread.space, frame.rsi, 0)) return -EFAULT;
  return 0;
}

/** membarrier(2): with one CPU every barrier has happened. Commands: query, global and the private ones. */
export function sysMembarrier(thread: Thread): i64 {
  const supported: i64 = 0x1f;
  const command = thread.frame.rdi as i32 as i64;
  if (thread.frame.rsi !== 0) return -EINVAL;
  if (command === 0) return supported;
  return command > 0 && (command & supported) === command ? 0 : -EINVAL;
}

/** personality(2): only Linux's own, which is 0; 0xffffffff asks. */
export function sysPersonality(thread: Thread): i64 {
  const wanted = thread.frame.rdi & 0xffff_ffff;
  return wanted === 0xffff_ffff || wanted === 0 ? 0 : -EINVAL;
}
