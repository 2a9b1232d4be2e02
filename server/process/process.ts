/**
 * A process: a thread group with its resources. POSIX's process tree, groups and sessions are lists through it.
 *
 * Everything that rfork or clone may share is a reference-counted object of its own; the process holds one reference
 * to each. A zombie keeps its record, pid, group and session until it is reaped.
 */

import { copyMemory } from '../../lib/arch/x86_64/bytes';
import type { AddressSpace } from '../memory/address-space';
import { allocate } from '../memory/heap';
import type { Dispositions } from '../signal/dispositions';
import { PendingSignals } from '../signal/pending';
import type { CpuTimer } from '../time/cpu-timers';
import { Timer } from '../time/timer';
import type { FileSystemContext } from '../vfs/context';
import type { FileTable } from '../vfs/file-table';
import type { Inode } from '../vfs/inode';
import type { MountNamespace } from '../vfs/mount';
import { WaitQueue } from '../wait/wait-queue';
import type { CapabilitySet } from './capability-set';
import type { Credentials } from './credentials';
import { Limits } from './limits';
import type { EnvironmentGroup, IpcNamespace, NetworkNamespace, SignalGroup } from './name-spaces';
import type { PidNamespace } from './pid-namespace';
import type { ProcessGroup } from './process-group';
import type { Recall } from './recall';
import type { Thread } from './thread';
import { Usage } from './usage';
import type { User } from './user';

export enum Life {
  Running,
  Stopped,
  /** exit_group was called; threads are being taken down. */
  Exiting,
  Zombie,
  /** Reaped: only references keep the record. */
  Gone,
}

export class Process {
  number!: i32;
  life!: Life;
  hasExeced!: boolean;
  isInit!: boolean;
  isSubreaper!: boolean;
  isDumpable!: boolean;
  hasNoNewPrivileges!: boolean;
  /** -20 to 19 (nice(2)); recorded and reported. */
  nice!: i32;
  /** -1000 to 1000 (proc(5), /proc/PID/oom_score_adj). */
  outOfMemoryAdjustment!: i32;
  /** A stop or continuation that wait has not reported yet. */
  hasStopReport!: boolean;
  hasContinueReport!: boolean;
  stopSignal!: u32;
  /** The signal sent to the parent at exit (clone(2), low byte of flags). */
  exitSignal!: u32;
  parentDeathSignal!: u32;
  /** Exit status as wait4 encodes it. */
  status!: u32;

  parent!: Process | null;
  firstChild!: Process | null;
  nextSibling!: Process | null;
  previousSibling!: Process | null;
  group!: ProcessGroup;
  nextInGroup!: Process | null;
  previousInGroup!: Process | null;

  firstThread!: Thread | null;
  threadCount!: u32;
  /** Its threads are being called in (recall.ts). */
  recall!: Recall | null;
  /** Whose time is to be asked next (accounting.ts); null: the first thread's. */
  nextToAccount!: Thread | null;
  /** The thread in execve that waits to be the only one. */
  loneThread!: Thread | null;
  /** Threads of ours that wait for children. */
  childEvents!: Inline<WaitQueue>;

  /** Valid until the process is a zombie. */
  space!: AddressSpace;
  files!: FileTable;
  fileSystem!: FileSystemContext;
  dispositions!: Dispositions;
  pending!: Inline<PendingSignals>;

  mounts!: MountNamespace;
  pids!: PidNamespace;
  network!: NetworkNamespace;
  ipc!: IpcNamespace;
  environment!: EnvironmentGroup;
  signalGroup!: SignalGroup;
  capabilities!: CapabilitySet;

  credentials!: Credentials;
  /** Whom the process counts against (RLIMIT_NPROC): its real user. */
  user!: User;
  limits!: Inline<Limits>;
  usage!: Inline<Usage>;
  /** Of children that were waited for, and their descendants (getrusage(2), RUSAGE_CHILDREN). */
  childUsage!: Inline<Usage>;
  /** Start in nanoseconds since boot. */
  startTime!: u64;

  /** ITIMER_REAL: signal SIGALRM. */
  alarm!: Inline<Timer>;
  alarmInterval!: u64;
  /** ITIMER_VIRTUAL and ITIMER_PROF, and when to look at them and at RLIMIT_CPU. */
  virtualTimer!: Inline<CpuTimer>;
  profileTimer!: Inline<CpuTimer>;
  cpuWatch!: Inline<Timer>;

  executable!: Inode | null;
  /** The path execve was given, for /proc/PID/exe and AT_EXECFN: an allocated, NUL-terminated text. */
  executablePath!: u64;
  executablePathLength!: u32;

  /** Takes over the name of the program that `other` runs. */
  copyExecutablePath(other: Process): void {
    const length = other.executablePathLength;
    this.executablePathLength = length;
    if (other.executablePath === 0) return;
    this.executablePath = allocate((length as u64) + 1);
    copyMemory(this.executablePath, other.executablePath, length as u64);
  }

  get leader(): Thread | null {
    let thread = this.firstThread;
    while (thread !== null && thread.number !== this.number) thread = thread.nextInProcess;
    return thread;
  }
}
