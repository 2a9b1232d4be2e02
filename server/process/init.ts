/** The first process: how it comes to be, and what its end means. */

import { setObjectFloor, slotCapacity } from '../kernel/objects';
import { halt } from '../kernel/stop';
import { createKernelThread } from '../kernel/threads';
import { setName } from '../linux/host-name';
import { logDecimal, logEnd, logText } from '../log';
import { createSpace } from '../memory/address-space';
import { freePages } from '../memory/pages';
import { Dispositions } from '../signal/dispositions';
import { FileTable } from '../vfs/file-table';
import { rootContext, rootNamespace } from '../vfs/start';
import { allCapabilities } from './capability-set';
import { rootCredentials } from './credentials';
import { setDefaultLimits } from './limits';
import { EnvironmentGroup, IpcNamespace, NetworkNamespace, SignalGroup } from './name-spaces';
import { enterGroup, rootPids } from './pids';
import { Life, Process } from './process';
import { createGroup, createSession, joinGroup } from './process-group';
import { countThread, setThreadLimit } from './statistics';
import { Activity, Thread } from './thread';
import { joinUser } from './user';

/**
 * Pages and capability slots that a process takes, kernel objects and page tables included (a sleeping busybox: 31 pages;
 * a busy shell that forked: some 50). They bound how many processes there may be, so that a fork bomb meets EAGAIN before
 * memory runs out.
 */
const PAGES_PER_PROCESS: u64 = 58;
const SLOTS_PER_PROCESS: u64 = 13;
/** Kernel memory kept from becoming pages, per process there may be: half of what each takes. */
const KERNEL_BYTES_KEPT: u64 = 24576;

/** Makes process 1 with one thread that has no program yet; it is in a call, so that exec can answer it. */
export function makeInit(): Thread | null {
  const bySlots = slotCapacity(SLOTS_PER_PROCESS);
  const byMemory = freePages() / PAGES_PER_PROCESS;
  const limit = bySlots < byMemory ? bySlots : byMemory;
  setObjectFloor(limit * KERNEL_BYTES_KEPT);
  setThreadLimit(limit < 32 ? 32 : limit > 30000 ? 30000 : limit);
  const record = rootPids.claim();
  const space = createSpace();
  if (record === null || space === null) return null;
  rootPids.references = 2;
  const process = new Process();
  const thread = new Thread();
  process.number = record.number;
  process.life = Life.Running;
  process.isInit = true;
  process.isDumpable = true;
  process.space = space;
  process.files = new FileTable();
  process.files.references = 1;
  process.fileSystem = rootContext();
  process.mounts = rootNamespace();
  process.dispositions = new Dispositions();
  process.dispositions.references = 1;
  process.pids = rootPids;
  process.network = new NetworkNamespace();
  process.network.references = 1;
  setName(process.network, 'kairo');
  process.ipc = new IpcNamespace();
  process.ipc.references = 1;
  process.environment = new EnvironmentGroup();
  process.environment.references = 1;
  process.signalGroup = new SignalGroup();
  process.signalGroup.references = 1;
  process.capabilities = allCapabilities();
  process.credentials = rootCredentials();
  process.user = joinUser(0);
  setDefaultLimits(process.limits, limit / 2);
  thread.process = process;
  thread.number = record.number;
  process.firstThread = thread;
  process.threadCount = 1;
  countThread();
  record.thread = thread;
  record.process = process;
  const session = createSession(process.number);
  session.leader = process;
  const group = createGroup(process.number, session);
  joinGroup(process, group);
  enterGroup(group);
  rootPids.init = process;
  if (!createKernelThread(thread, space)) return null;
  thread.activity = Activity.InCall;
  // Its kernel thread has never run: it is resumed, not answered.
  thread.wasSuspended = true;
  // execve(2), which starts its first program.
  thread.callNumber = 59;
  return thread;
}

/** Init must not end (as in Linux): the machine says why and stops. */
export function initExited(process: Process): void {
  const status = process.status;
  const signal: u64 = status & 0x7f;
  logText(signal === 0 ? 'server: init exited with status ' : 'server: init was ended by signal ');
  logDecimal(signal === 0 ? (status >> 8) & 0xff : signal);
  logEnd();
  halt();
}
