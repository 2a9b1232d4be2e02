/**
 * Terminals and sessions: who may read and write, whose the terminal is, and what happens when its session ends
 * (POSIX.1-2017 11.1; tty_ioctl(4); credentials(7)).
 */
import { EINVAL, EIO, ENOTTY, EPERM, ERESTARTSYS, ESRCH } from '../linux/errno';
import { findGroup } from '../process/pids';
import type { Process } from '../process/process';
import { isOrphaned, type ProcessGroup } from '../process/process-group';
import type { Thread } from '../process/thread';
import { sendToGroup } from '../signal/group';
import { bitOf, SIGCONT, SIGHUP, SIGTTIN, SIGTTOU } from '../signal/numbers';
import { fromKernel } from '../signal/send';
import { TOSTOP } from './termios';
import type { Tty } from './tty';

/** Whether `thread`'s group may not use `tty` now because another is in the foreground. */
function isBackground(thread: Thread, tty: Tty): boolean {
  const process = thread.process;
  if (process.group.session.terminal !== tty) return false;
  return tty.foreground !== process.group;
}

/** Whether `signal` would do nothing to `thread`. */
function isIgnoredOrBlocked(thread: Thread, signal: u32): boolean {
  return (thread.mask & bitOf(signal)) !== 0 || (thread.process.dispositions.ignored & bitOf(signal)) !== 0;
}

/** 0 if `thread` may read; -EIO, or SIGTTIN to its group and -ERESTARTSYS, if it is in the background. */
export function checkRead(thread: Thread, tty: Tty): i64 {
  if (!isBackground(thread, tty)) return 0;
  const group = thread.process.group;
  if (isIgnoredOrBlocked(thread, SIGTTIN) || isOrphaned(group)) return -EIO;
  sendToGroup(group, fromKernel(SIGTTIN));
  return -ERESTARTSYS;
}

/** 0 if `thread` may change the terminal; else SIGTTOU, as if TOSTOP were set. */
export function checkChange(thread: Thread, tty: Tty): i64 {
  if (!isBackground(thread, tty) || isIgnoredOrBlocked(thread, SIGTTOU)) return 0;
  const group = thread.process.group;
  if (isOrphaned(group)) return -EIO;
  sendToGroup(group, fromKernel(SIGTTOU));
  return -ERESTARTSYS;
}

/** 0 if `thread` may write. */
export function checkWrite(thread: Thread, tty: Tty): i64 {
  return tty.has(TOSTOP) ? checkChange(thread, tty) : 0;
}

/** Makes `tty` the controlling terminal of `process`'s session. The caller has checked that it may. */
function attach(process: Process, tty: Tty): void {
  const session = process.group.session;
  session.terminal = tty;
  tty.session = session;
  tty.foreground = process.group;
}

/** On open without O_NOCTTY: a session leader without a terminal gets a free one. */
export function attachOnOpen(process: Process, tty: Tty): void {
  const session = process.group.session;
  if (session.leader === process && session.terminal === null && tty.session === null) attach(process, tty);
}

/** TIOCSCTTY: `isForced` (argument 1) with privilege takes it from another session. */
export function setControlling(thread: Thread, tty: Tty, isForced: boolean): i64 {
  const process = thread.process;
  const session = process.group.session;
  if (session.terminal === tty && tty.session === session) return 0;
  if (session.leader !== process || session.terminal !== null) return -EPERM;
  const owner = tty.session;
  if (owner !== null) {
    if (!isForced || !process.capabilities.has(21)) return -EPERM;
    owner.terminal = null;
  }
  attach(process, tty);
  return 0;
}

function disconnect(tty: Tty): void {
  const session = tty.session;
  if (session !== null) session.terminal = null;
  tty.session = null;
  tty.foreground = null;
}

/** TIOCNOTTY: a leader lets the terminal go for its whole session, with SIGHUP and SIGCONT to the foreground. */
export function giveUpTerminal(thread: Thread, tty: Tty): i64 {
  const process = thread.process;
  const session = process.group.session;
  if (session.terminal !== tty) return -ENOTTY;
  if (session.leader !== process) return 0;
  const group = tty.foreground;
  disconnect(tty);
  if (group !== null) {
    sendToGroup(group, fromKernel(SIGHUP));
    sendToGroup(group, fromKernel(SIGCONT));
  }
  return 0;
}

/** At the exit of a session leader: SIGHUP to the foreground group, and the terminal is free again. */
export function leaveTerminal(process: Process): void {
  const session = process.group.session;
  if (session.leader !== process) return;
  session.leader = null;
  const tty = session.terminal;
  if (tty === null) return;
  const group = tty.foreground;
  disconnect(tty);
  if (group !== null) sendToGroup(group, fromKernel(SIGHUP));
}

/** A group ends: no terminal may point at it any more. */
export function forgetForeground(group: ProcessGroup): void {
  const tty = group.session.terminal;
  if (tty !== null && tty.foreground === group) tty.foreground = null;
}

/** TIOCSPGRP (tcsetpgrp(3)). */
export function setForeground(thread: Thread, tty: Tty, number: i32): i64 {
  const session = thread.process.group.session;
  if (session.terminal !== tty) return -ENOTTY;
  const blocked = checkChange(thread, tty);
  if (blocked !== 0) return blocked;
  if (number < 0) return -EINVAL;
  const group = findGroup(number);
  if (group === null) return -ESRCH;
  if (group.session !== session) return -EPERM;
  tty.foreground = group;
  return 0;
}
