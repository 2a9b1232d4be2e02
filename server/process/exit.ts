/**
 * Ending threads and processes (_exit(2), exit_group(2), wait(2)): POSIX's list of what exit does, in its order.
 *
 * A process is Exiting from the first fatal event; its threads die one by one as each comes by the server, the last
 * makes the zombie. Memory is torn down in slices afterwards by its reference count.
 */
import { destroyKernelThread } from '../kernel/threads';
import { traceEnd } from '../linux/trace';
import { release } from '../memory/heap';
import { writeWord32 } from '../memory/user-words';
import { SA_NOCLDWAIT } from '../signal/dispositions';
import { CLD_DUMPED, CLD_EXITED, CLD_KILLED, SIGCHLD } from '../signal/numbers';
import { describe, retarget, sendToProcess } from '../signal/send';
import { cancelTimer } from '../time/timer';
import { leaveTerminal } from '../tty/job-control';
import { leaveQueues, wake, wakeAll } from '../wait/wait-queue';
import { withdraw } from '../wait/work';
import { accountThread, accountWithout } from './accounting';
import { ATTENTION_EXIT, ATTENTION_STOP, ATTENTION_TRACE } from './attention';
import { bequeath } from './bequest';
import { removeChild } from './family';
import { wakeFutex } from './futex';
import { initExited } from './init';
import { forgetProcess, forgetThread } from './pids';
import { Life, type Process } from './process';
import { leaveGroup, weighAnchor } from './process-group';
import { callIn, endRecall, recallWithout } from './recall';
import { countExit, forgetLiveThread } from './statistics';
import { Activity, type Thread } from './thread';
import { leaveUser } from './user';

/** Begins the end of the whole process with a wait status (exit code << 8, or the signal); the first reason counts. */
export function exitGroup(process: Process, status: u32): void {
  if (process.life === Life.Exiting || process.life === Life.Zombie) return;
  process.life = Life.Exiting;
  process.status = status;
  let thread = process.firstThread;
  while (thread !== null) {
    thread.attention = (thread.attention | ATTENTION_EXIT) & ~ATTENTION_STOP;
    thread = thread.nextInProcess;
  }
  callIn(process, false);
}

/**
 * What a thread owes others when it goes: clear_child_tid, a parent in vfork. Its robust list was walked before, in slices
 * (walkRobustList). Also done by execve.
 */
export function releaseMemoryHolders(thread: Thread): void {
  if (thread.clearTid !== 0) {
    if (thread.process.space.references > 1 || thread.process.threadCount > 1) {
      if (writeWord32(thread.space, thread.clearTid, 0)) wakeFutex(thread.space, thread.clearTid, 1);
    }
    thread.clearTid = 0;
  }
  const waiting = thread.vforkParent;
  if (waiting !== null) {
    thread.vforkParent = null;
    waiting.vforkChild = null;
    wake(waiting);
  }
}

/** Ends `thread`; its record is freed. The last thread of a process ends the process. */
export function exitThread(thread: Thread): void {
  const process = thread.process;
  if ((thread.attention & ATTENTION_TRACE) !== 0) {
    traceEnd(thread, process.life === Life.Exiting ? process.status : thread.exitStatus);
  }
  releaseMemoryHolders(thread);
  const child = thread.vforkChild;
  if (child !== null) child.vforkParent = null;
  thread.call.clear();
  leaveQueues(thread);
  withdraw(thread);
  cancelTimer(thread.timer);
  accountThread(thread);
  destroyKernelThread(thread);
  thread.activity = Activity.Dead;
  thread.pending.discard(0xffff_ffff_ffff_ffff);
  unlinkThread(process, thread);
  process.threadCount -= 1;
  forgetLiveThread();
  if (process.threadCount === 0) {
    if (process.life !== Life.Exiting) {
      process.life = Life.Exiting;
      process.status = thread.exitStatus;
    }
    becomeZombie(process);
  } else if (process.pending.set !== 0 && process.life < Life.Exiting) retarget(process);
  if (process.loneThread === thread) process.loneThread = null;
  const lone = process.loneThread;
  if (lone !== null && process.threadCount === 1) {
    process.loneThread = null;
    wake(lone);
  }
  forgetThread(thread);
  release(addressOf(thread));
}

function unlinkThread(process: Process, thread: Thread): void {
  if (process.recall !== null) recallWithout(process, thread);
  accountWithout(process, thread);
  let previous: Thread | null = null;
  let here = process.firstThread;
  while (here !== null && here !== thread) {
    previous = here;
    here = here.nextInProcess;
  }
  if (previous === null) process.firstThread = thread.nextInProcess;
  else previous.nextInProcess = thread.nextInProcess;
}

/** Gives up everything but the record; then what the dead leave to others (bequest.ts). */
function becomeZombie(process: Process): void {
  cancelTimer(process.alarm);
  cancelTimer(process.cpuWatch);
  process.files.drop();
  process.fileSystem.drop();
  process.space.drop();
  const executable = process.executable;
  if (executable !== null) executable.endExecution();
  process.executable = null;
  process.pending.discard(0xffff_ffff_ffff_ffff);
  weighAnchor(process);
  process.life = Life.Zombie;
  countExit();
  if (process.isInit) {
    initExited(process);
    return;
  }
  leaveTerminal(process);
  bequeath(process);
}

/** Tells the parent, or reaps at once where the parent wants no zombies (wait(2), NOTES: SIGCHLD ignored). */
export function announce(process: Process): void {
  const parent = process.parent;
  if (parent === null) return;
  const disposition = parent.dispositions.of[SIGCHLD];
  const isUnwanted =
    process.exitSignal === SIGCHLD &&
    ((disposition.flags & SA_NOCLDWAIT) !== 0 || (parent.dispositions.ignored & (1 << 16)) !== 0);
  if (process.exitSignal !== 0) {
    const status = process.status;
    const information = describe(process.exitSignal, CLD_EXITED);
    information.pid = process.number;
    information.uid = process.credentials.uid;
    information.status = (status >> 8) as i32;
    if ((status & 0x7f) !== 0) {
      information.code = (status & 0x80) !== 0 ? CLD_DUMPED : CLD_KILLED;
      information.status = (status & 0x7f) as i32;
    }
    information.userTime = process.usage.userTicks;
    information.systemTime = process.usage.systemTicks;
    sendToProcess(parent, information);
  }
  wakeAll(parent.childEvents);
  if (isUnwanted) reap(process);
}

/** Frees a zombie: adds its usage to the parent's children, gives its number back. */
export function reap(process: Process): void {
  const parent = process.parent;
  if (parent !== null) {
    parent.childUsage.add(process.usage);
    parent.childUsage.add(process.childUsage);
    removeChild(parent, process);
  }
  process.life = Life.Gone;
  leaveGroup(process);
  process.dispositions.drop();
  process.mounts.drop();
  process.pids.drop();
  process.network.drop();
  process.ipc.drop();
  process.environment.drop();
  process.signalGroup.drop();
  process.capabilities.drop();
  process.credentials.drop();
  leaveUser(process.user);
  if (process.recall !== null) endRecall(process);
  if (process.executablePath !== 0) release(process.executablePath);
  forgetProcess(process);
  release(addressOf(process));
}
