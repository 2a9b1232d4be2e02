/**
 * Who a process is: pids and credentials (getpid(2), setuid(2), setresuid(2), setgroups(2), credentials(7)).
 *
 * A change of credentials makes a new set (the old one may be held by open files), and keeps the capability rules of
 * capabilities(7), "Effect of user ID changes on capabilities".
 */

import { copyIn, copyOut } from '../memory/copy';
import { writeWord32 } from '../memory/user-words';
import { ALL_CAPABILITIES, CapabilitySet } from '../process/capability-set';
import { type Credentials, MAXIMUM_GROUPS } from '../process/credentials';
import { findProcess } from '../process/pids';
import type { Process } from '../process/process';
import type { Thread } from '../process/thread';
import { joinUser, leaveUser } from '../process/user';
import { EFAULT, EINVAL, EPERM, ESRCH } from './errno';

const CAP_SETGID: u32 = 6;
const CAP_SETUID: u32 = 7;
const UNCHANGED: u32 = 0xffff_ffff;

export function sysGetpid(thread: Thread): i64 {
  return thread.process.number as i64;
}

export function sysGettid(thread: Thread): i64 {
  return thread.number as i64;
}

export function sysGetppid(thread: Thread): i64 {
  const parent = thread.process.parent;
  return parent === null ? 0 : (parent.number as i64);
}

export function sysGetuid(thread: Thread): i64 {
  return thread.credentials.uid as i64;
}

export function sysGeteuid(thread: Thread): i64 {
  return thread.credentials.euid as i64;
}

export function sysGetgid(thread: Thread): i64 {
  return thread.credentials.gid as i64;
}

export function sysGetegid(thread: Thread): i64 {
  return thread.credentials.egid as i64;
}

/** Puts `changed` in force: user counts and capabilities follow. */
function adopt(process: Process, changed: Credentials): i64 {
  const old = process.credentials;
  if (old.uid !== changed.uid) {
    leaveUser(process.user);
    process.user = joinUser(changed.uid);
  }
  const hadRoot = old.uid === 0 || old.euid === 0 || old.suid === 0;
  const hasRoot = changed.uid === 0 || changed.euid === 0 || changed.suid === 0;
  const set = process.capabilities;
  const next = new CapabilitySet();
  next.references = 1;
  next.bounding = set.bounding;
  next.inheritable = set.inheritable;
  next.permitted = hadRoot && !hasRoot ? 0 : set.permitted;
  next.effective = set.effective & next.permitted;
  if (old.euid === 0 && changed.euid !== 0) next.effective = 0;
  if (old.euid !== 0 && changed.euid === 0) next.effective = next.permitted;
  set.drop();
  process.capabilities = next;
  // Memory may hold what only the old identity was to see (prctl(2), PR_SET_DUMPABLE).
  if (
    old.euid !== changed.euid ||
    old.egid !== changed.egid ||
    old.fsuid !== changed.fsuid ||
    old.fsgid !== changed.fsgid
  ) {
    process.isDumpable = false;
  }
  process.credentials = changed;
  old.drop();
  return 0;
}

function has(thread: Thread, capability: u32): boolean {
  return thread.process.capabilities.has(capability);
}

export function sysSetuid(thread: Thread): i64 {
  const uid = thread.frame.rdi as u32;
  if (uid === UNCHANGED) return -EINVAL;
  const old = thread.credentials;
  const isPrivileged = has(thread, CAP_SETUID);
  if (!isPrivileged && uid !== old.uid && uid !== old.suid) return -EPERM;
  const changed = old.copy();
  if (isPrivileged) {
    changed.uid = uid;
    changed.suid = uid;
  }
  changed.euid = uid;
  changed.fsuid = uid;
  return adopt(thread.process, changed);
}

export function sysSetgid(thread: Thread): i64 {
  const gid = thread.frame.rdi as u32;
  if (gid === UNCHANGED) return -EINVAL;
  const old = thread.credentials;
  const isPrivileged = has(thread, CAP_SETGID);
  if (!isPrivileged && gid !== old.gid && gid !== old.sgid) return -EPERM;
  const changed = old.copy();
  if (isPrivileged) {
    changed.gid = gid;
    changed.sgid = gid;
  }
  changed.egid = gid;
  changed.fsgid = gid;
  return adopt(thread.process, changed);
}

/** Whether an unprivileged process may take on `id`: it is unchanged or one of its three. */
function isOwn(id: u32, real: u32, effective: u32, saved: u32): boolean {
  return id === UNCHANGED || id === real || id === effective || id === saved;
}

export function sysSetresuid(thread: Thread): i64 {
  const frame = thread.frame;
  return setUids(thread, frame.rdi as u32, frame.rsi as u32, frame.rdx as u32);
}

function setUids(thread: Thread, real: u32, effective: u32, saved: u32): i64 {
  const old = thread.credentials;
  if (!has(thread, CAP_SETUID)) {
    if (!isOwn(real, old.uid, old.euid, old.suid)) return -EPERM;
    if (!isOwn(effective, old.uid, old.euid, old.suid)) return -EPERM;
    if (!isOwn(saved, old.uid, old.euid, old.suid)) return -EPERM;
  }
  const changed = old.copy();
  if (real !== UNCHANGED) changed.uid = real;
  if (effective !== UNCHANGED) changed.euid = effective;
  if (saved !== UNCHANGED) changed.suid = saved;
  changed.fsuid = changed.euid;
  return adopt(thread.process, changed);
}

export function sysSetreuid(thread: Thread): i64 {
  const real = thread.frame.rdi as u32;
  const effective = thread.frame.rsi as u32;
  const old = thread.credentials;
  if (!has(thread, CAP_SETUID) && real !== UNCHANGED && real !== old.uid && real !== old.euid) return -EPERM;
  const newEffective: u32 = effective === UNCHANGED ? old.euid : effective;
  const isSavedChanged = real !== UNCHANGED || (effective !== UNCHANGED && effective !== old.uid);
  return setUids(thread, real, effective, isSavedChanged ? newEffective : UNCHANGED);
}

export function sysSetresgid(thread: Thread): i64 {
  const frame = thread.frame;
  return setGids(thread, frame.rdi as u32, frame.rsi as u32, frame.rdx as u32);
}

function setGids(thread: Thread, real: u32, effective: u32, saved: u32): i64 {
  const old = thread.credentials;
  if (!has(thread, CAP_SETGID)) {
    if (!isOwn(real, old.gid, old.egid, old.sgid)) return -EPERM;
    if (!isOwn(effective, old.gid, old.egid, old.sgid)) return -EPERM;
    if (!isOwn(saved, old.gid, old.egid, old.sgid)) return -EPERM;
  }
  const changed = old.copy();
  if (real !== UNCHANGED) changed.gid = real;
  if (effective !== UNCHANGED) changed.egid = effective;
  if (saved !== UNCHANGED) changed.sgid = saved;
  changed.fsgid = changed.egid;
  return adopt(thread.process, changed);
}

export function sysSetregid(thread: Thread): i64 {
  const real = thread.frame.rdi as u32;
  const effective = thread.frame.rsi as u32;
  const old = thread.credentials;
  if (!has(thread, CAP_SETGID) && real !== UNCHANGED && real !== old.gid && real !== old.egid) return -EPERM;
  const newEffective: u32 = effective === UNCHANGED ? old.egid : effective;
  const isSavedChanged = real !== UNCHANGED || (effective !== UNCHANGED && effective !== old.gid);
  return setGids(thread, real, effective, isSavedChanged ? newEffective : UNCHANGED);
}

function writeThree(thread: Thread, first: u32, second: u32, third: u32): i64 {
  const frame = thread.frame;
  if (!writeWord32(thread.space, frame.rdi, first as u64)) return -EFAULT;
  if (!writeWord32(thread.space, frame.rsi, second as u64)) return -EFAULT;
  return writeWord32(thread.space, frame.rdx, third as u64) ? 0 : -EFAULT;
}

export function sysGetresuid(thread: Thread): i64 {
  const own = thread.credentials;
  return writeThree(thread, own.uid, own.euid, own.suid);
}

export function sysGetresgid(thread: Thread): i64 {
  const own = thread.credentials;
  return writeThree(thread, own.gid, own.egid, own.sgid);
}

/** setfsuid(2) returns the previous value, changed or not. */
export function sysSetfsuid(thread: Thread): i64 {
  const uid = thread.frame.rdi as u32;
  const old = thread.credentials;
  const previous = old.fsuid as i64;
  const isAllowed = uid === old.uid || uid === old.euid || uid === old.suid || uid === old.fsuid;
  if (uid === UNCHANGED || (!isAllowed && !has(thread, CAP_SETUID))) return previous;
  const changed = old.copy();
  changed.fsuid = uid;
  adopt(thread.process, changed);
  return previous;
}

export function sysSetfsgid(thread: Thread): i64 {
  const gid = thread.frame.rdi as u32;
  const old = thread.credentials;
  const previous = old.fsgid as i64;
  const isAllowed = gid === old.gid || gid === old.egid || gid === old.sgid || gid === old.fsgid;
  if (gid === UNCHANGED || (!isAllowed && !has(thread, CAP_SETGID))) return previous;
  const changed = old.copy();
  changed.fsgid = gid;
  adopt(thread.process, changed);
  return previous;
}

export function sysGetgroups(thread: Thread): i64 {
  const size = thread.frame.rdi as i32 as i64;
  const own = thread.credentials;
  const count = own.groupCount as i64;
  if (size < 0) return -EINVAL;
  if (size === 0) return count;
  if (size < count) return -EINVAL;
  const bytes = (count as u64) * 4;
  return copyOut(thread.space, thread.frame.rsi, addressOf(own.groups), bytes) === bytes ? count : -EFAULT;
}

export function sysSetgroups(thread: Thread): i64 {
  const count = thread.frame.rdi & 0xffff_ffff;
  if (!has(thread, CAP_SETGID)) return -EPERM;
  // The kernel's own limit is smaller than Linux's 65536.
  if (count > MAXIMUM_GROUPS) return -EINVAL;
  const changed = thread.credentials.copy();
  const bytes = count * 4;
  if (copyIn(thread.space, addressOf(changed.groups), thread.frame.rsi, bytes) !== bytes) {
    changed.drop();
    return -EFAULT;
  }
  changed.groupCount = count as u32;
  changed.sortGroups();
  return adopt(thread.process, changed);
}

/** struct __user_cap_header_struct and two __user_cap_data_struct (capget(2)). */
class CapabilityHeader {
  version!: u32;
  pid!: i32;
}

class CapabilityData {
  effective!: u32;
  permitted!: u32;
  inheritable!: u32;
  effectiveHigh!: u32;
  permittedHigh!: u32;
  inheritableHigh!: u32;
}

const CAPABILITY_VERSION: u32 = 0x2008_0522;
const header: CapabilityHeader = reserve();
const data: CapabilityData = reserve();

/** Reads the header; 0, or what the call returns. An unknown version is answered with ours. */
function readHeader(thread: Thread): i64 {
  const size = sizeOf<CapabilityHeader>() as u64;
  if (copyIn(thread.space, addressOf(header), thread.frame.rdi, size) !== size) return -EFAULT;
  if (header.version === CAPABILITY_VERSION || header.version === 0x2007_1026) return 0;
  header.version = CAPABILITY_VERSION;
  if (copyOut(thread.space, thread.frame.rdi, addressOf(header), size) !== size) return -EFAULT;
  return thread.frame.rsi === 0 ? 1 : -EINVAL;
}

export function sysCapget(thread: Thread): i64 {
  const problem = readHeader(thread);
  if (problem !== 0) return problem === 1 ? 0 : problem;
  const process = header.pid === 0 ? thread.process : findProcess(header.pid);
  if (process === null) return -ESRCH;
  const set = process.capabilities;
  data.effective = set.effective as u32;
  data.permitted = set.permitted as u32;
  data.inheritable = set.inheritable as u32;
  data.effectiveHigh = (set.effective >> 32) as u32;
  data.permittedHigh = (set.permitted >> 32) as u32;
  data.inheritableHigh = (set.inheritable >> 32) as u32;
  const size = sizeOf<CapabilityData>() as u64;
  return copyOut(thread.space, thread.frame.rsi, addressOf(data), size) === size ? 0 : -EFAULT;
}

export function sysCapset(thread: Thread): i64 {
  const problem = readHeader(thread);
  if (problem !== 0) return problem === 1 ? -EINVAL : problem;
  if (header.pid !== 0 && header.pid !== thread.process.number) return -EPERM;
  const size = sizeOf<CapabilityData>() as u64;
  if (copyIn(thread.space, addressOf(data), thread.frame.rsi, size) !== size) return -EFAULT;
  const effective = ((data.effective as u64) | ((data.effectiveHigh as u64) << 32)) & ALL_CAPABILITIES;
  const permitted = ((data.permitted as u64) | ((data.permittedHigh as u64) << 32)) & ALL_CAPABILITIES;
  const inheritable = ((data.inheritable as u64) | ((data.inheritableHigh as u64) << 32)) & ALL_CAPABILITIES;
  const set = thread.process.capabilities;
  if ((permitted & ~set.permitted) !== 0 || (effective & ~permitted) !== 0) return -EPERM;
  if ((inheritable & ~(set.inheritable | set.permitted)) !== 0) return -EPERM;
  const next = new CapabilitySet();
  next.references = 1;
  next.bounding = set.bounding;
  next.permitted = permitted;
  next.effective = effective;
  next.inheritable = inheritable;
  set.drop();
  thread.process.capabilities = next;
  return 0;
}
