/**
 * wait4 and waitid (wait(2), POSIX.1-2017 wait()): which child, which event, and what is told about it.
 */
import { EBADF, ECHILD, EFAULT, EINVAL, ERESTARTSYS, ESRCH } from '../linux/errno';
import { SignalInformationLayout } from '../linux/siginfo';
import { writeUsage } from '../linux/usage';
import { copyOut } from '../memory/copy';
import { writeWord32 } from '../memory/user-words';
import { CLD_CONTINUED, CLD_DUMPED, CLD_EXITED, CLD_KILLED, CLD_STOPPED, SIGCHLD, SIGCONT } from '../signal/numbers';
import { block } from '../wait/wait-queue';
import { isWaitable } from './bequest';
import { reap } from './exit';
import { findProcess } from './pids';
import { Life, type Process } from './process';
import type { Thread } from './thread';

export const WNOHANG: u64 = 1;
export const WUNTRACED: u64 = 2;
export const WEXITED: u64 = 4;
export const WCONTINUED: u64 = 8;
export const WNOWAIT: u64 = 0x0100_0000;
const WNOTHREAD: u64 = 0x2000_0000;
const WALL: u64 = 0x4000_0000;
const WCLONE: u64 = 0x8000_0000;

const P_ALL: u64 = 0;
const P_PID: u64 = 1;
const P_PGID: u64 = 2;
const P_PIDFD: u64 = 3;
/** Beside those of waitid: the caller's own group. */
const ANY_OF_GROUP: u64 = 2;

/** The event that was found: which child, what siginfo's code and status say, what wait4's status word says. */
class Event {
  process!: Process | null;
  code!: i32;
  status!: i32;
  word!: u32;
}

const event: Event = reserve();
const information: SignalInformationLayout = reserve();

function matches(child: Process, kind: u64, number: i64, options: u64): boolean {
  if ((options & WALL) === 0 && ((options & WCLONE) !== 0) === (child.exitSignal === SIGCHLD)) return false;
  if (kind === P_PID) return (child.number as i64) === number;
  if (kind === P_PGID) return (child.group.number as i64) === number;
  return true;
}

/** Looks at `child` for an event that `options` ask for; fills `event`. */
function examine(child: Process, options: u64): boolean {
  event.process = child;
  if (child.life === Life.Zombie) {
    if (!isWaitable(child)) return false;
    if ((options & WEXITED) === 0) return false;
    const status = child.status;
    event.word = status;
    if ((status & 0x7f) === 0) {
      event.code = CLD_EXITED;
      event.status = ((status >> 8) & 0xff) as i32;
    } else {
      event.code = (status & 0x80) !== 0 ? CLD_DUMPED : CLD_KILLED;
      event.status = (status & 0x7f) as i32;
    }
    return true;
  }
  if (child.hasStopReport && (options & WUNTRACED) !== 0) {
    event.code = CLD_STOPPED;
    event.status = child.stopSignal as i32;
    event.word = (child.stopSignal << 8) | 0x7f;
    return true;
  }
  if (child.hasContinueReport && (options & WCONTINUED) !== 0) {
    event.code = CLD_CONTINUED;
    event.status = SIGCONT as i32;
    event.word = 0xffff;
    return true;
  }
  return false;
}

/** Finds an event among the children: 1 found, 0 none yet, -ECHILD no child it could come from. */
function search(parent: Process, kind: u64, number: i64, options: u64): i64 {
  if (kind === P_PID) {
    const only = findProcess(number as i32);
    if (only === null || only.parent !== parent || !matches(only, kind, number, options)) return -ECHILD;
    return examine(only, options) ? 1 : 0;
  }
  let hasCandidate = false;
  let child = parent.firstChild;
  while (child !== null) {
    if (matches(child, kind, number, options)) {
      hasCandidate = true;
      if (examine(child, options)) return 1;
    }
    child = child.nextSibling;
  }
  return hasCandidate ? 0 : -ECHILD;
}

/** Takes the event off the child unless the caller only looks (WNOWAIT). */
function consume(child: Process, options: u64): void {
  if ((options & WNOWAIT) !== 0) return;
  if (child.life === Life.Zombie) reap(child);
  else if (event.code === CLD_STOPPED) child.hasStopReport = false;
  else child.hasContinueReport = false;
}

/** 1: `event` is set; 0: none and WNOHANG; else what the handler returns. */
function awaitEvent(thread: Thread, kind: u64, number: i64, options: u64): i64 {
  const found = search(thread.process, kind, number, options);
  if (found !== 0) return found;
  if ((options & WNOHANG) !== 0) return 0;
  if (thread.hasSignal()) return -ERESTARTSYS;
  return block(thread, thread.process.childEvents);
}

/** wait4(pid, status, options, rusage) */
export function sysWait4(thread: Thread): i64 {
  const frame = thread.frame;
  const pid = frame.rdi as i32;
  const options = frame.rdx & 0xffff_ffff;
  if ((options & ~(WNOHANG | WUNTRACED | WCONTINUED | WNOTHREAD | WALL | WCLONE)) !== 0) return -EINVAL;
  let kind: u64 = P_ALL;
  let number = pid as i64;
  if (pid === -2147483648) return -ESRCH;
  if (pid > 0) kind = P_PID;
  else if (pid === 0) {
    kind = ANY_OF_GROUP;
    number = thread.process.group.number as i64;
  } else if (pid < -1) {
    kind = P_PGID;
    number = -number;
  }
  const found = awaitEvent(thread, kind, number, options | WEXITED);
  if (found !== 1) return found;
  const child = event.process;
  if (child === null) return -ECHILD;
  const result = child.number as i64;
  // As in Linux the event is taken even if the caller's addresses turn out to be bad.
  let isTold = frame.rsi === 0 || writeWord32(thread.space, frame.rsi, event.word as u64);
  if (frame.r10 !== 0 && !writeUsage(thread.space, frame.r10, child.usage)) isTold = false;
  consume(child, options);
  return isTold ? result : -EFAULT;
}

/** waitid(idtype, id, infop, options, rusage) */
export function sysWaitid(thread: Thread): i64 {
  const frame = thread.frame;
  const kind = frame.rdi & 0xffff_ffff;
  const options = frame.r10 & 0xffff_ffff;
  let number = frame.rsi as i32 as i64;
  if ((options & ~(WNOHANG | WUNTRACED | WEXITED | WCONTINUED | WNOWAIT | WNOTHREAD | WALL | WCLONE)) !== 0)
    return -EINVAL;
  if ((options & (WEXITED | WUNTRACED | WCONTINUED)) === 0 || kind > P_PIDFD) return -EINVAL;
  if (kind === P_PID && number <= 0) return -EINVAL;
  if (kind === P_PGID && number < 0) return -EINVAL;
  // There are no descriptors that stand for processes.
  if (kind === P_PIDFD) return number < 0 ? -EINVAL : -EBADF;
  if (kind === P_PGID && number === 0) number = thread.process.group.number as i64;
  const found = awaitEvent(thread, kind, number, options);
  if (found < 0) return found;
  information.clear();
  const child = event.process;
  if (found === 1 && child !== null) {
    information.signal = SIGCHLD as i32;
    information.code = event.code;
    information.pid = child.number;
    information.uid = child.credentials.uid;
    information.status = event.status;
  }
  // As in Linux the event is taken even if the caller's addresses turn out to be bad.
  let isTold = true;
  if (frame.rdx !== 0) {
    const size = sizeOf<SignalInformationLayout>() as u64;
    isTold = copyOut(thread.space, frame.rdx, addressOf(information), size) === size;
  }
  if (found === 1 && child !== null) {
    if (frame.r8 !== 0 && !writeUsage(thread.space, frame.r8, child.usage)) isTold = false;
    consume(child, options);
  }
  return isTold ? 0 : -EFAULT;
}
