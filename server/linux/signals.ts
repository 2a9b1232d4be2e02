/** The signal calls (rt_sigaction(2), rt_sigprocmask(2), kill(2), sigaltstack(2), rt_sigsuspend(2), rt_sigtimedwait(2)). */

import { isOnAlternateStack, returnedMask, takeSignalFrame } from '../arch/x86_64/signal-frame';
import { copyIn, copyOut } from '../memory/copy';
import { readWord64, Word, writeWord64 } from '../memory/user-words';
import { findGroup, findProcess, findThread, nextProcess } from '../process/pids';
import { Life, type Process } from '../process/process';
import type { Thread } from '../process/thread';
import { forceSignal } from '../signal/deliver';
import { type Disposition, SIG_DFL, SIG_IGN } from '../signal/dispositions';
import {
  bitOf,
  KILL_AND_STOP,
  SI_TKILL,
  SI_USER,
  SIGCONT,
  SIGKILL,
  SIGNAL_COUNT,
  SIGSEGV,
  SIGSTOP,
} from '../signal/numbers';
import { SignalInformation } from '../signal/pending';
import { describe, discardEverywhere, fromKernel, reconsider, sendToProcess, sendToThread } from '../signal/send';
import { useTemporaryMask } from '../signal/temporary-mask';
import { monotonicNanoseconds } from '../time/clock';
import { armTimeout } from '../time/timer';
import { budget, spend } from '../wait/budget';
import { AGAIN, BLOCKED, REGISTERS_SET } from '../wait/outcome';
import { EAGAIN, EFAULT, EINTR, EINVAL, ENOMEM, EPERM, ERESTARTNOHAND, ESRCH } from './errno';
import { SignalInformationLayout } from './siginfo';
import { later, readNanoseconds, readTimespec } from './time';

const SIG_BLOCK: u64 = 0;
const SIG_UNBLOCK: u64 = 1;
const SIG_SETMASK: u64 = 2;
const SET_BYTES: u64 = 8;
const CAP_KILL: u32 = 5;

const word: Word = reserve();
const action: Disposition = reserve();

export function sysRtSigaction(thread: Thread): i64 {
  const frame = thread.frame;
  const signal = frame.rdi & 0xffff_ffff;
  if (frame.r10 !== SET_BYTES) return -EINVAL;
  if (signal === 0 || signal > (SIGNAL_COUNT as u64)) return -EINVAL;
  const number = signal as u32;
  if (frame.rsi !== 0) {
    if (number === SIGKILL || number === SIGSTOP) return -EINVAL;
    if (copyIn(thread.space, addressOf(action), frame.rsi, 32) !== 32) return -EFAULT;
  }
  const dispositions = thread.process.dispositions;
  const entry: Disposition = dispositions.of[number];
  if (frame.rdx !== 0 && copyOut(thread.space, frame.rdx, addressOf(entry), 32) !== 32) return -EFAULT;
  if (frame.rsi === 0) return 0;
  entry.handler = action.handler;
  entry.flags = action.flags;
  entry.restorer = action.restorer;
  entry.mask = action.mask & ~KILL_AND_STOP;
  dispositions.note(number);
  // POSIX.1-2017 2.4.3: setting a pending signal to ignore discards it, blocked or not.
  if (action.handler === SIG_IGN || (action.handler === SIG_DFL && dispositions.ignores(number))) {
    discardEverywhere(thread.process, bitOf(number));
    reconsider(thread);
  }
  return 0;
}

export function sysRtSigprocmask(thread: Thread): i64 {
  const frame = thread.frame;
  if (frame.r10 !== SET_BYTES) return -EINVAL;
  const old = thread.mask;
  if (frame.rsi !== 0) {
    if (!readWord64(thread.space, frame.rsi, word)) return -EFAULT;
    const how = frame.rdi & 0xffff_ffff;
    const set = word.value & ~KILL_AND_STOP;
    if (how === SIG_BLOCK) thread.mask = old | set;
    else if (how === SIG_UNBLOCK) thread.mask = old & ~set;
    else if (how === SIG_SETMASK) thread.mask = set;
    else return -EINVAL;
    reconsider(thread);
  }
  if (frame.rdx !== 0 && !writeWord64(thread.space, frame.rdx, old)) return -EFAULT;
  return 0;
}

export function sysRtSigpending(thread: Thread): i64 {
  if (thread.frame.rsi > SET_BYTES) return -EINVAL;
  word.value = (thread.pending.set | thread.process.pending.set) & thread.mask;
  return copyOut(thread.space, thread.frame.rdi, addressOf(word), thread.frame.rsi) === thread.frame.rsi ? 0 : -EFAULT;
}

export function sysRtSigsuspend(thread: Thread): i64 {
  if (thread.frame.rsi !== SET_BYTES) return -EINVAL;
  if (!thread.hasSavedMask) {
    if (!readWord64(thread.space, thread.frame.rdi, word)) return -EFAULT;
    useTemporaryMask(thread, word.value);
  }
  return thread.hasSignal() ? -ERESTARTNOHAND : BLOCKED;
}

export function sysPause(thread: Thread): i64 {
  return thread.hasSignal() ? -ERESTARTNOHAND : BLOCKED;
}

const taken: SignalInformation = reserve();
const layout: SignalInformationLayout = reserve();

/** Takes the lowest pending signal of `set` into `taken`; 0: none. */
function takeFrom(thread: Thread, set: u64): u32 {
  const process = thread.process;
  const ready = (thread.pending.set | process.pending.set) & set;
  if (ready === 0) return 0;
  let signal: u32 = 1;
  while ((ready & bitOf(signal)) === 0) signal += 1;
  if ((thread.pending.set & bitOf(signal)) !== 0) thread.pending.take(signal, taken);
  else process.pending.take(signal, taken);
  reconsider(thread);
  return signal;
}

/** sigtimedwait: the set is unblocked while waiting, so that its signals wake the thread. */
export function sysRtSigtimedwait(thread: Thread): i64 {
  const frame = thread.frame;
  const call = thread.call;
  if (frame.r10 !== SET_BYTES) return -EINVAL;
  const awaited = thread.awaited;
  if (call.stage !== 0) {
    thread.mask = call.first;
    thread.awaited = 0;
    reconsider(thread);
  } else if (!readWord64(thread.space, frame.rdi, word)) return -EFAULT;
  const set = call.stage !== 0 ? awaited : word.value & ~KILL_AND_STOP;
  if (call.stage === 0 && frame.rdx !== 0) {
    const problem = readTimespec(thread, frame.rdx);
    if (problem !== 0) return problem;
    call.deadline = later(readNanoseconds);
  }
  const signal = takeFrom(thread, set);
  if (signal !== 0) {
    layout.fill(taken);
    if (frame.rsi !== 0 && copyOut(thread.space, frame.rsi, addressOf(layout), 128) !== 128) return -EFAULT;
    return signal as i64;
  }
  if (call.deadline !== 0 && monotonicNanoseconds() >= call.deadline) return -EAGAIN;
  if (thread.hasSignal()) return -EINTR;
  call.isDirty = true;
  call.stage = 1;
  call.first = thread.mask;
  thread.mask &= ~set;
  thread.awaited = set;
  if (call.deadline !== 0) armTimeout(thread, call.deadline);
  return BLOCKED;
}

class AlternateStack {
  pointer!: u64;
  flags!: u32;
  padding!: u32;
  size!: u64;
}

const stack: AlternateStack = reserve();
const SS_ONSTACK: u32 = 1;
const SS_DISABLE: u32 = 2;
const SS_AUTODISARM: u32 = 0x8000_0000;
const MINSIGSTKSZ: u64 = 2048;

export function sysSigaltstack(thread: Thread): i64 {
  const frame = thread.frame;
  const isInUse = isOnAlternateStack(thread, frame.rsp);
  const oldPointer = thread.alternateStack;
  const oldSize = thread.alternateSize;
  if (frame.rdi !== 0) {
    if (copyIn(thread.space, addressOf(stack), frame.rdi, 24) !== 24) return -EFAULT;
    if (isInUse) return -EPERM;
    const mode = stack.flags & ~SS_AUTODISARM & 0xffff_ffff;
    if (mode !== 0 && mode !== (SS_ONSTACK as u64) && mode !== (SS_DISABLE as u64)) return -EINVAL;
    if (mode === (SS_DISABLE as u64)) {
      thread.alternateStack = 0;
      thread.alternateSize = 0;
    } else {
      if (stack.size < MINSIGSTKSZ) return -ENOMEM;
      thread.alternateStack = stack.pointer;
      thread.alternateSize = stack.size;
    }
  }
  if (frame.rsi !== 0) {
    stack.pointer = oldPointer;
    stack.size = oldSize;
    stack.padding = 0;
    stack.flags = oldSize === 0 ? SS_DISABLE : isInUse ? SS_ONSTACK : 0;
    if (copyOut(thread.space, frame.rsi, addressOf(stack), 24) !== 24) return -EFAULT;
  }
  return 0;
}

export function sysRtSigreturn(thread: Thread): i64 {
  if (!takeSignalFrame(thread)) {
    forceSignal(thread, fromKernel(SIGSEGV));
    return REGISTERS_SET;
  }
  thread.mask = returnedMask() & ~KILL_AND_STOP;
  reconsider(thread);
  return REGISTERS_SET;
}

/** kill(2): the sender's real or effective user must be the target's real or saved one; SIGCONT passes in a session. */
function maySignal(thread: Thread, target: Process, signal: u32): boolean {
  const own = thread.credentials;
  const other = target.credentials;
  if (own.euid === other.suid || own.euid === other.uid || own.uid === other.suid || own.uid === other.uid) return true;
  if (thread.process.capabilities.has(CAP_KILL)) return true;
  return signal === SIGCONT && thread.process.group.session === target.group.session;
}

function fromUser(thread: Thread, signal: u32, code: i32): SignalInformation {
  const information = describe(signal, code);
  information.pid = thread.process.number;
  information.uid = thread.credentials.uid;
  return information;
}

/** Bits of `call.stage` in killMany. */
const BEGUN: u64 = 1;
const FOUND: u64 = 2;
const ALLOWED: u64 = 4;

/**
 * Sends to every process for which kill's pid argument stands (`group` 0: all), in slices: how many may be signalled
 * decides the result. The caller comes last, or it might not live to send to all.
 */
function killMany(thread: Thread, signal: u32, group: i32): i64 {
  const call = thread.call;
  const own = thread.process;
  let process = nextProcess(call.first === 0 ? 1 : (call.first as i32));
  while (process !== null) {
    const number = process.number;
    if (budget <= 0) {
      call.first = number as u64;
      call.stage |= BEGUN;
      return AGAIN;
    }
    spend(1);
    const isMember = group !== 0 ? process.group.number === group : !process.isInit;
    if (isMember && process !== own && process.life !== Life.Gone) {
      call.stage |= FOUND;
      if (maySignal(thread, process, signal)) {
        call.stage |= ALLOWED;
        if (signal !== 0) sendToProcess(process, fromUser(thread, signal, SI_USER));
      }
    }
    process = nextProcess((number + 1) as i32);
  }
  const stage = call.stage;
  call.stage = 0;
  if (group !== 0 && own.group.number === group) {
    if (signal !== 0) sendToProcess(own, fromUser(thread, signal, SI_USER));
    return 0;
  }
  if ((stage & FOUND) === 0) return -ESRCH;
  return (stage & ALLOWED) !== 0 ? 0 : -EPERM;
}

export function sysKill(thread: Thread): i64 {
  const pid = thread.frame.rdi as i32;
  const number = thread.frame.rsi & 0xffff_ffff;
  if (number > (SIGNAL_COUNT as u64)) return -EINVAL;
  const signal = number as u32;
  if (pid === -2147483648) return -ESRCH;
  if (pid === -1) return killMany(thread, signal, 0);
  if (pid <= 0) {
    const group = pid === 0 ? thread.process.group.number : ((0 - pid) as i32);
    return thread.call.stage === 0 && findGroup(group) === null ? -ESRCH : killMany(thread, signal, group);
  }
  let target = findProcess(pid);
  if (target === null) {
    const other = findThread(pid);
    if (other === null) return -ESRCH;
    target = other.process;
  }
  if (!maySignal(thread, target, signal)) return -EPERM;
  if (signal !== 0) sendToProcess(target, fromUser(thread, signal, SI_USER));
  return 0;
}

/** tgkill and tkill; `group` 0 accepts any process. */
function killThread(thread: Thread, group: i32, number: i32, value: u64): i64 {
  if (number <= 0 || value > (SIGNAL_COUNT as u64)) return -EINVAL;
  const target = findThread(number);
  if (target === null) {
    // A zombie leader is a thread that has exited: it accepts and ignores.
    const process = findProcess(number);
    return process !== null && (group === 0 || process.number === group) ? 0 : -ESRCH;
  }
  if (group !== 0 && target.process.number !== group) return -ESRCH;
  const signal = value as u32;
  if (!maySignal(thread, target.process, signal)) return -EPERM;
  if (signal === 0) return 0;
  return sendToThread(target, fromUser(thread, signal, SI_TKILL)) ? 0 : -EAGAIN;
}

export function sysTkill(thread: Thread): i64 {
  return killThread(thread, 0, thread.frame.rdi as i32, thread.frame.rsi & 0xffff_ffff);
}

export function sysTgkill(thread: Thread): i64 {
  const group = thread.frame.rdi as i32;
  if (group <= 0) return -EINVAL;
  return killThread(thread, group, thread.frame.rsi as i32, thread.frame.rdx & 0xffff_ffff);
}

/** Reads a siginfo that a program sends: only the code, sender and value are its own to choose. */
function readInformation(thread: Thread, address: u64, signal: u32): SignalInformation | null {
  if (copyIn(thread.space, addressOf(layout), address, 128) !== 128) return null;
  const information = describe(signal, layout.code);
  information.pid = layout.pid;
  information.uid = layout.uid;
  information.value = ((layout.status as u64) & 0xffff_ffff) | ((layout.padding2 as u64) << 32);
  return information;
}

export function sysRtSigqueueinfo(thread: Thread): i64 {
  const number = thread.frame.rsi & 0xffff_ffff;
  if (number > (SIGNAL_COUNT as u64)) return -EINVAL;
  const target = findProcess(thread.frame.rdi as i32);
  const information = readInformation(thread, thread.frame.rdx, number as u32);
  if (information === null) return -EFAULT;
  if (target === null) return -ESRCH;
  if ((information.code >= 0 || information.code === SI_TKILL) && target !== thread.process) return -EPERM;
  if (!maySignal(thread, target, number as u32)) return -EPERM;
  if (number === 0) return 0;
  return sendToProcess(target, information) ? 0 : -EAGAIN;
}

export function sysRtTgsigqueueinfo(thread: Thread): i64 {
  const number = thread.frame.rdx & 0xffff_ffff;
  if (number > (SIGNAL_COUNT as u64)) return -EINVAL;
  const information = readInformation(thread, thread.frame.r10, number as u32);
  if (information === null) return -EFAULT;
  if ((thread.frame.rdi as i32) <= 0 || (thread.frame.rsi as i32) <= 0) return -EINVAL;
  const target = findThread(thread.frame.rsi as i32);
  if (target === null || target.process.number !== (thread.frame.rdi as i32)) return -ESRCH;
  if ((information.code >= 0 || information.code === SI_TKILL) && target.process !== thread.process) return -EPERM;
  if (!maySignal(thread, target.process, number as u32)) return -EPERM;
  if (number === 0) return 0;
  return sendToThread(target, information) ? 0 : -EAGAIN;
}
