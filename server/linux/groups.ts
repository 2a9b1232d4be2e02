/** Process groups and sessions (setpgid(2), setsid(2), getpgid(2); POSIX.1-2017 setpgid()). */

import { enterGroup, findGroup, findProcess } from '../process/pids';
import type { Process } from '../process/process';
import { changeGroup, createGroup, createSession } from '../process/process-group';
import type { Thread } from '../process/thread';
import { EACCES, EINVAL, EPERM, ESRCH } from './errno';

export function sysSetpgid(thread: Thread): i64 {
  const pid = thread.frame.rdi as i32;
  const wanted = thread.frame.rsi as i32;
  if (wanted < 0 || (wanted === 0 && pid < 0)) return -EINVAL;
  const caller = thread.process;
  const target = pid === 0 ? caller : findProcess(pid);
  if (target === null) return -ESRCH;
  if (target !== caller) {
    if (target.parent !== caller) return -ESRCH;
    if (target.group.session !== caller.group.session) return -EPERM;
    if (target.hasExeced) return -EACCES;
  }
  if (target.group.session.number === target.number) return -EPERM;
  const number = wanted === 0 ? target.number : wanted;
  if (target.group.number === number) return 0;
  const group = findGroup(number);
  if (group === null && number === target.number) {
    const made = createGroup(number, target.group.session);
    changeGroup(target, made);
    enterGroup(made);
    return 0;
  }
  if (group === null || group.session !== target.group.session) return -EPERM;
  changeGroup(target, group);
  return 0;
}

function processOr(thread: Thread): Process | null {
  const pid = thread.frame.rdi as i32;
  return pid === 0 ? thread.process : findProcess(pid);
}

export function sysGetpgid(thread: Thread): i64 {
  const process = processOr(thread);
  return process === null ? -ESRCH : (process.group.number as i64);
}

export function sysGetpgrp(thread: Thread): i64 {
  return thread.process.group.number as i64;
}

export function sysGetsid(thread: Thread): i64 {
  const process = processOr(thread);
  return process === null ? -ESRCH : (process.group.session.number as i64);
}

/** A new session and group with the caller alone, without a controlling terminal. */
export function sysSetsid(thread: Thread): i64 {
  const process = thread.process;
  if (findGroup(process.number) !== null) return -EPERM;
  const session = createSession(process.number);
  session.leader = process;
  const group = createGroup(process.number, session);
  changeGroup(process, group);
  enterGroup(group);
  return process.number as i64;
}
