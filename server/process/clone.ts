/**
 * fork, vfork, clone and clone3 (clone(2)): a new thread, in the caller's process or in a new one.
 *
 * Flags are checked before anything is made; what was made is taken back on failure. Copying memory goes on in slices;
 * until it is done nothing but the new address space exists.
 */

import { copyFrame } from '../arch/x86_64/registers';
import { copyFpu, createKernelThread, fsBaseOf, gsBaseOf, resumeThread, setFsBase, setGsBase } from '../kernel/threads';
import { E2BIG, EAGAIN, EFAULT, EINTR, EINVAL, ENOSYS, ERESTARTNOINTR } from '../linux/errno';
import { cloneSpace } from '../memory/clone';
import { copyIn } from '../memory/copy';
import { release } from '../memory/heap';
import { writeWord32 } from '../memory/user-words';
import { bitOf, SIGCHLD, SIGKILL } from '../signal/numbers';
import { deliverable } from '../signal/send';
import { monotonicNanoseconds } from '../time/clock';
import { watchCpuTime } from '../time/cpu-timers';
import { AGAIN, BLOCKED } from '../wait/outcome';
import { ATTENTION_TRACE } from './attention';
import { addChild } from './family';
import { RLIMIT_NPROC } from './limits';
import { rootPids } from './pids';
import { Life, Process } from './process';
import { joinGroup } from './process-group';
import { countFork, countForkFailure, countThread, liveThreads, threadLimit } from './statistics';
import { Activity, Thread } from './thread';

const CSIGNAL: u64 = 0xff;
export const CLONE_VM: u64 = 0x100;
export const CLONE_FS: u64 = 0x200;
export const CLONE_FILES: u64 = 0x400;
export const CLONE_SIGHAND: u64 = 0x800;
export const CLONE_VFORK: u64 = 0x4000;
export const CLONE_PARENT: u64 = 0x8000;
export const CLONE_THREAD: u64 = 0x1_0000;
export const CLONE_NEWNS: u64 = 0x2_0000;
export const CLONE_SETTLS: u64 = 0x8_0000;
export const CLONE_PARENT_SETTID: u64 = 0x10_0000;
export const CLONE_CHILD_CLEARTID: u64 = 0x20_0000;
export const CLONE_CHILD_SETTID: u64 = 0x100_0000;
const CLONE_PTRACE: u64 = 0x2000;
const CLONE_PIDFD: u64 = 0x1000;
const CLONE_CLEAR_SIGHAND: u64 = 0x1_0000_0000;
/** Cgroup, UTS, IPC, user, pid and network name spaces, and pidfd: not here yet. */
const ABSENT: u64 =
  CLONE_NEWNS | 0x200_0000 | 0x400_0000 | 0x800_0000 | 0x1000_0000 | 0x2000_0000 | 0x4000_0000 | CLONE_PIDFD | 0x80;

/** What the three calls ask for, in one shape. */
export class CloneArguments {
  flags!: u64;
  exitSignal!: u32;
  /** Initial stack pointer; 0: the caller's. */
  stack!: u64;
  parentTid!: u64;
  childTid!: u64;
  tls!: u64;
}

/** struct clone_args of clone3(2), the version of 64 bytes and what later versions add. */
class Clone3Layout {
  flags!: u64;
  pidfd!: u64;
  childTid!: u64;
  parentTid!: u64;
  exitSignal!: u64;
  stack!: u64;
  stackSize!: u64;
  tls!: u64;
  setTid!: u64;
  setTidSize!: u64;
  cgroup!: u64;
}

const request: CloneArguments = reserve();
const clone3Request: Clone3Layout = reserve();

export function sysFork(thread: Thread): i64 {
  return simple(thread, 0);
}

export function sysVfork(thread: Thread): i64 {
  return simple(thread, CLONE_VM | CLONE_VFORK);
}

function simple(thread: Thread, flags: u64): i64 {
  request.flags = flags;
  request.exitSignal = SIGCHLD;
  request.stack = 0;
  request.parentTid = 0;
  request.childTid = 0;
  request.tls = 0;
  return clone(thread, request);
}

export function sysClone(thread: Thread): i64 {
  const frame = thread.frame;
  request.flags = frame.rdi & 0xffff_ff00;
  request.exitSignal = (frame.rdi & CSIGNAL) as u32;
  request.stack = frame.rsi;
  request.parentTid = frame.rdx;
  request.childTid = frame.r10;
  request.tls = frame.r8;
  return clone(thread, request);
}

export function sysClone3(thread: Thread): i64 {
  const size = thread.frame.rsi;
  if (size < 64) return -EINVAL;
  if (size > 4096) return -E2BIG;
  const wanted: u64 = size < sizeOf<Clone3Layout>() ? size : (sizeOf<Clone3Layout>() as u64);
  clone3Request.setTidSize = 0;
  clone3Request.setTid = 0;
  if (copyIn(thread.space, addressOf(clone3Request), thread.frame.rdi, wanted) !== wanted) return -EFAULT;
  if (clone3Request.exitSignal > 64 || (clone3Request.flags & CSIGNAL) !== 0) return -EINVAL;
  if (clone3Request.setTidSize !== 0) return -EINVAL;
  if ((clone3Request.stack === 0) !== (clone3Request.stackSize === 0)) return -EINVAL;
  request.flags = clone3Request.flags;
  request.exitSignal = clone3Request.exitSignal as u32;
  request.stack = clone3Request.stack + clone3Request.stackSize;
  request.parentTid = clone3Request.parentTid;
  request.childTid = clone3Request.childTid;
  request.tls = clone3Request.tls;
  return clone(thread, request);
}

function checkFlags(flags: u64): i64 {
  if ((flags & CLONE_SIGHAND) !== 0 && (flags & CLONE_VM) === 0) return -EINVAL;
  if ((flags & CLONE_THREAD) !== 0 && (flags & CLONE_SIGHAND) === 0) return -EINVAL;
  if ((flags & CLONE_CLEAR_SIGHAND) !== 0 && (flags & CLONE_SIGHAND) !== 0) return -EINVAL;
  if ((flags & CLONE_NEWNS) !== 0 && (flags & CLONE_FS) !== 0) return -EINVAL;
  if ((flags & (ABSENT | CLONE_PTRACE)) !== 0) return (flags & CLONE_PTRACE) !== 0 ? -ENOSYS : -EINVAL;
  return 0;
}

/** Runs again until memory is copied and, for CLONE_VFORK, until the child lets go of the parent's memory. */
function clone(thread: Thread, wanted: CloneArguments): i64 {
  const call = thread.call;
  if (call.stage === WAITING_FOR_CHILD) return awaitVforkChild(thread);
  const flags = wanted.flags;
  const problem = checkFlags(flags);
  if (problem !== 0) return problem;
  const process = thread.process;
  if (call.stage === 0) {
    // What is on its way to the whole process or its group is to reach the child's maker first (Linux: copy_process).
    if ((thread.attention & ~ATTENTION_TRACE) !== 0) return -ERESTARTNOINTR;
    const isBound = process.credentials.uid !== 0 && (flags & CLONE_THREAD) === 0;
    if (isBound && (process.user.processes as u64) >= process.limits.of[RLIMIT_NPROC].current) return failed(EAGAIN);
    if (liveThreads >= threadLimit) return failed(EAGAIN);
  }
  if ((flags & CLONE_VM) === 0) {
    call.isDirty = true;
    call.stage = COPYING;
    const outcome = cloneSpace(thread);
    if (outcome === AGAIN) return AGAIN;
    if (outcome < 0) return failed(-outcome);
  }
  const child = (flags & CLONE_THREAD) !== 0 ? makeThread(thread, process) : makeProcess(thread, flags, wanted);
  if (child === null) return failed(EAGAIN);
  return start(thread, child, wanted);
}

const COPYING: u64 = 1;
const WAITING_FOR_CHILD: u64 = 2;

function failed(error: i64): i64 {
  countForkFailure();
  return -error;
}

/** A further thread of `process`. Null when numbers or kernel objects have run out. */
function makeThread(parent: Thread, process: Process): Thread | null {
  const record = rootPids.claim();
  if (record === null) return null;
  const child = new Thread();
  child.process = process;
  child.number = record.number;
  if (!createKernelThread(child, process.space)) {
    release(addressOf(child));
    rootPids.settle(record);
    return null;
  }
  record.thread = child;
  const first = parent.process === process ? process.firstThread : null;
  if (first === null) process.firstThread = child;
  else {
    child.nextInProcess = first.nextInProcess;
    first.nextInProcess = child;
  }
  process.threadCount += 1;
  countThread();
  child.mask = parent.mask;
  child.startTime = monotonicNanoseconds();
  for (let index: u32 = 0; index < 16; index++) child.name[index] = parent.name[index];
  child.attention = parent.attention & ATTENTION_TRACE;
  return child;
}

/** A new process with one thread. The new space, if one was made, is taken over from `call.space`. */
function makeProcess(thread: Thread, flags: u64, wanted: CloneArguments): Thread | null {
  const parent = thread.process;
  const process = new Process();
  const copied = thread.call.space;
  process.space = copied === null ? parent.space : copied;
  const child = makeThread(thread, process);
  if (child === null) {
    release(addressOf(process));
    return null;
  }
  if (copied === null) process.space.retain();
  else thread.call.space = null;
  process.number = child.number;
  const record = rootPids.find(child.number);
  if (record !== null) record.process = process;
  process.life = Life.Running;
  // A sibling's end is told as the caller's own would be, whatever was asked for (Linux: copy_process).
  process.exitSignal = (flags & CLONE_PARENT) !== 0 ? parent.exitSignal : wanted.exitSignal;
  process.isDumpable = parent.isDumpable;
  process.hasNoNewPrivileges = parent.hasNoNewPrivileges;
  process.nice = parent.nice;
  process.outOfMemoryAdjustment = parent.outOfMemoryAdjustment;
  process.startTime = child.startTime;
  shareResources(process, parent, flags);
  if ((flags & CLONE_VM) === 0 || (flags & CLONE_VFORK) !== 0) {
    child.alternateStack = thread.alternateStack;
    child.alternateSize = thread.alternateSize;
    child.alternateFlags = thread.alternateFlags;
  }
  const family = (flags & CLONE_PARENT) !== 0 ? parent.parent : parent;
  joinGroup(process, parent.group);
  addChild(family === null ? parent : family, process);
  countFork();
  return child;
}

/** One reference to each object the child shares, a copy of what it does not. */
function shareResources(process: Process, parent: Process, flags: u64): void {
  if ((flags & CLONE_FILES) !== 0) {
    parent.files.references += 1;
    process.files = parent.files;
  } else process.files = parent.files.clone();
  if ((flags & CLONE_FS) !== 0) {
    parent.fileSystem.references += 1;
    process.fileSystem = parent.fileSystem;
  } else process.fileSystem = parent.fileSystem.clone();
  if ((flags & CLONE_SIGHAND) !== 0) {
    parent.dispositions.references += 1;
    process.dispositions = parent.dispositions;
  } else {
    process.dispositions = parent.dispositions.copy();
    if ((flags & CLONE_CLEAR_SIGHAND) !== 0) process.dispositions.resetHandlers();
  }
  process.mounts = parent.mounts;
  process.mounts.references += 1;
  process.pids = parent.pids;
  process.pids.references += 1;
  process.network = parent.network;
  process.network.references += 1;
  process.ipc = parent.ipc;
  process.ipc.references += 1;
  process.environment = parent.environment;
  process.environment.references += 1;
  process.signalGroup = parent.signalGroup;
  process.signalGroup.references += 1;
  process.capabilities = parent.capabilities;
  process.capabilities.retain();
  process.credentials = parent.credentials;
  process.credentials.retain();
  process.user = parent.user;
  process.user.processes += 1;
  process.limits.copyFrom(parent.limits);
  watchCpuTime(process);
  const executable = parent.executable;
  process.executable = executable;
  if (executable !== null) executable.beginExecution();
  process.copyExecutablePath(parent);
}

/** Gives the child its registers and lets it run. */
function start(thread: Thread, child: Thread, wanted: CloneArguments): i64 {
  const flags = wanted.flags;
  const frame = child.frame;
  copyFrame(frame, thread.frame);
  frame.rax = 0;
  if (wanted.stack !== 0) frame.rsp = wanted.stack;
  setFsBase(child, (flags & CLONE_SETTLS) !== 0 ? wanted.tls : fsBaseOf(thread));
  setGsBase(child, gsBaseOf(thread));
  copyFpu(child, thread);
  if ((flags & CLONE_CHILD_CLEARTID) !== 0) child.clearTid = wanted.childTid;
  if ((flags & CLONE_CHILD_SETTID) !== 0) writeWord32(child.space, wanted.childTid, child.number as u64);
  if ((flags & CLONE_PARENT_SETTID) !== 0) writeWord32(thread.space, wanted.parentTid, child.number as u64);
  child.activity = Activity.InUser;
  const number = child.number as i64;
  if ((flags & CLONE_VFORK) !== 0) {
    child.vforkParent = thread;
    thread.vforkChild = child;
    thread.call.isDirty = true;
    thread.call.stage = WAITING_FOR_CHILD;
    thread.call.first = number as u64;
    resumeThread(child);
    return BLOCKED;
  }
  resumeThread(child);
  return number;
}

function awaitVforkChild(thread: Thread): i64 {
  if (thread.vforkChild === null) return thread.call.first as i64;
  // Nothing but SIGKILL ends this wait (Linux: wait_for_vfork_done).
  return (deliverable(thread) & bitOf(SIGKILL)) !== 0 ? -EINTR : BLOCKED;
}
