/** Texts of /proc that tell of one process (proc(5)), in Linux's formats. */
import { byteAt } from '../../../lib/arch/x86_64/bytes';
import { ESRCH } from '../../linux/errno';
import { accountProcess } from '../../process/accounting';
import { RLIM_INFINITY, RLIMIT_COUNT } from '../../process/limits';
import { Life, type Process } from '../../process/process';
import { Activity, type Thread } from '../../process/thread';
import { ticksToNanoseconds } from '../../time/clock';
import type { Text } from '../text';
import { ProcessEntry } from './entries';
import type { ProcInode } from './inode';
import { writeAuxiliary, writePages } from './memory-text';
import { writeDescriptorText } from './mount-text';

/** USER_HZ: hundredths of a second. */
const TICK: u64 = 10000000;
const PAGE_BYTES: u64 = 4096;

/** ttyS0: the line behind the one terminal there is. */
const CONSOLE_DEVICE: u64 = 0x440;

const RUNNING: u64 = 82;
const SLEEPING: u64 = 83;
const STOPPED: u64 = 84;
const ZOMBIE: u64 = 90;

const LIMIT_NAMES: readonly string[] = [
  'Max cpu time',
  'Max file size',
  'Max data size',
  'Max stack size',
  'Max core file size',
  'Max resident set',
  'Max processes',
  'Max open files',
  'Max locked memory',
  'Max address space',
  'Max file locks',
  'Max pending signals',
  'Max msgqueue size',
  'Max nice priority',
  'Max realtime priority',
  'Max realtime timeout',
];
const LIMIT_UNITS: readonly string[] = [
  'seconds',
  'bytes',
  'bytes',
  'bytes',
  'bytes',
  'bytes',
  'processes',
  'files',
  'bytes',
  'bytes',
  'locks',
  'signals',
  'bytes',
  '',
  '',
  'us',
];

export function writeProcessText(thread: Thread, process: Process, inode: ProcInode, text: Text): i64 {
  const isAlive = process.life < Life.Zombie;
  switch (inode.entry) {
    case ProcessEntry.Stat:
      writeStat(thread, process, text);
      return 0;
    case ProcessEntry.Status:
      writeStatus(thread, process, text);
      return 0;
    case ProcessEntry.Name:
      writeName(process, text);
      text.newline();
      return 0;
    case ProcessEntry.Auxiliary:
      if (isAlive) writeAuxiliary(process.space, text);
      return 0;
    case ProcessEntry.MemoryPages:
      if (isAlive) writePages(process.space, text);
      else text.putString('0 0 0 0 0 0 0\n');
      return 0;
    case ProcessEntry.Limits:
      writeLimits(process, text);
      return 0;
    case ProcessEntry.OutOfMemoryAdjustment:
      text.putSigned(process.outOfMemoryAdjustment);
      text.newline();
      return 0;
    default:
      return isAlive ? writeMore(thread, process, inode, text) : -ESRCH;
  }
}

/** Files that make sense for a living process only. */
function writeMore(thread: Thread, process: Process, inode: ProcInode, text: Text): i64 {
  switch (inode.entry) {
    case ProcessEntry.DescriptorText:
      return writeDescriptorText(process, inode.descriptor, text);
    case ProcessEntry.ControlGroup:
      text.putString('0::/\n');
      return 0;
    case ProcessEntry.WaitChannel:
      text.putString('0');
      return 0;
    case ProcessEntry.OutOfMemoryScore:
      text.putDecimal(process.space.residentPages() >>> 8);
      text.newline();
      return 0;
    case ProcessEntry.SchedulerStatistics:
      accountProcess(process);
      text.putDecimal(ticksToNanoseconds(process.usage.userTicks + process.usage.systemTicks));
      text.putString(' 0 ');
      text.putDecimal(process.usage.voluntarySwitches + process.usage.involuntarySwitches);
      text.newline();
      return 0;
    default:
      text.putString(
        'rchar: 0\nwchar: 0\nsyscr: 0\nsyscw: 0\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n',
      );
      return 0;
  }
}

/** Whether a thread of `process` runs or is ready to; the one who asks runs. */
export function isBusy(process: Process, asker: Thread): boolean {
  if (asker.process === process) return true;
  let thread = process.firstThread;
  while (thread !== null) {
    if (thread.activity === Activity.InUser || thread.isDeferred) return true;
    thread = thread.nextInProcess;
  }
  return false;
}

/** The letter of a process's state. */
export function stateOf(process: Process, asker: Thread): u64 {
  if (process.life >= Life.Zombie) return ZOMBIE;
  if (process.life === Life.Stopped) return STOPPED;
  return isBusy(process, asker) ? RUNNING : SLEEPING;
}

function stateName(letter: u64): string {
  if (letter === ZOMBIE) return 'Z (zombie)';
  if (letter === STOPPED) return 'T (stopped)';
  return letter === RUNNING ? 'R (running)' : 'S (sleeping)';
}

/** The name of the program: that of the first thread. */
function writeName(process: Process, text: Text): void {
  let thread = process.leader;
  if (thread === null) thread = process.firstThread;
  if (thread === null) return;
  const start = addressOf(thread.name);
  let length: u64 = 0;
  while (length < 15 && byteAt(start + length) !== 0) length += 1;
  text.putBytes(start, length);
}

function field(text: Text, value: u64): void {
  text.space();
  text.putDecimal(value);
}

function zeros(text: Text, count: u64): void {
  for (let index: u64 = 0; index < count; index++) text.putString(' 0');
}

function parentNumber(process: Process): u64 {
  const parent = process.parent;
  return parent === null ? 0 : (parent.number as u64);
}

/** Device number of the controlling terminal and its foreground group; 0 and -1 without one. */
function writeTerminal(process: Process, text: Text): void {
  const terminal = process.group.session.terminal;
  if (terminal === null) {
    text.putString(' 0 -1');
    return;
  }
  field(text, CONSOLE_DEVICE);
  const foreground = terminal.foreground;
  text.space();
  text.putSigned(foreground === null ? -1 : foreground.number);
}

function writeStat(thread: Thread, process: Process, text: Text): void {
  accountProcess(process);
  const isAlive = process.life < Life.Zombie;
  const usage = process.usage;
  const children = process.childUsage;
  text.putDecimal(process.number as u64);
  text.putString(' (');
  writeName(process, text);
  text.putString(') ');
  text.putByte(stateOf(process, thread));
  field(text, parentNumber(process));
  field(text, process.group.number as u64);
  field(text, process.group.session.number as u64);
  writeTerminal(process, text);
  // PF_FORKNOEXEC and the like are of the kernel's own; the flags word is zero.
  zeros(text, 1);
  field(text, usage.minorFaults);
  field(text, children.minorFaults);
  field(text, usage.majorFaults);
  field(text, children.majorFaults);
  field(text, ticksToNanoseconds(usage.userTicks) / TICK);
  field(text, ticksToNanoseconds(usage.systemTicks) / TICK);
  field(text, ticksToNanoseconds(children.userTicks) / TICK);
  field(text, ticksToNanoseconds(children.systemTicks) / TICK);
  text.space();
  text.putSigned(20 + process.nice);
  text.space();
  text.putSigned(process.nice);
  field(text, process.threadCount);
  zeros(text, 1);
  field(text, process.startTime / TICK);
  if (isAlive) writeStatMemory(process, text);
  else text.putString(' 0 0 18446744073709551615 0 0 0 0 0');
  writeStatSignals(process, text);
  zeros(text, 3);
  field(text, process.exitSignal);
  zeros(text, 6);
  if (isAlive) writeStatAreas(process, text);
  else zeros(text, 7);
  field(text, process.life >= Life.Zombie ? process.status : 0);
  text.newline();
}

function writeStatMemory(process: Process, text: Text): void {
  const space = process.space;
  field(text, space.virtualPages() * PAGE_BYTES);
  field(text, space.residentPages());
  field(text, process.limits.of[5].current);
  field(text, space.codeStart);
  field(text, space.codeEnd);
  field(text, space.stackStart);
  // Stack and instruction pointer are shown to nobody (proc(5), kstkesp).
  zeros(text, 2);
}

function writeStatSignals(process: Process, text: Text): void {
  const thread = process.firstThread;
  field(text, process.pending.set & 0x7fff_ffff);
  field(text, thread === null ? 0 : thread.mask & 0x7fff_ffff);
  if (process.life < Life.Zombie) {
    field(text, process.dispositions.ignored & 0x7fff_ffff);
    field(text, process.dispositions.caught & 0x7fff_ffff);
  } else {
    zeros(text, 2);
  }
}

function writeStatAreas(process: Process, text: Text): void {
  const space = process.space;
  field(text, space.dataStart);
  field(text, space.dataEnd);
  field(text, space.breakStart);
  field(text, space.argumentsStart);
  field(text, space.argumentsEnd);
  field(text, space.environmentStart);
  field(text, space.environmentEnd);
}

function label(text: Text, name: string): void {
  text.putString(name);
  text.putString(':\t');
}

function four(text: Text, name: string, first: u64, second: u64, third: u64, fourth: u64): void {
  label(text, name);
  text.putDecimal(first);
  text.putByte(9);
  text.putDecimal(second);
  text.putByte(9);
  text.putDecimal(third);
  text.putByte(9);
  text.putDecimal(fourth);
  text.newline();
}

function kilobytes(text: Text, name: string, pages: u64): void {
  label(text, name);
  text.putPadded(pages << 2, 8, 32);
  text.putString(' kB\n');
}

function set(text: Text, name: string, value: u64): void {
  label(text, name);
  text.putHex(value, 16);
  text.newline();
}

function whole(text: Text, name: string, value: u64): void {
  label(text, name);
  text.putDecimal(value);
  text.newline();
}

function writeStatus(thread: Thread, process: Process, text: Text): void {
  const credentials = process.credentials;
  label(text, 'Name');
  writeName(process, text);
  text.newline();
  if (process.life < Life.Zombie) {
    label(text, 'Umask');
    text.putOctal(process.fileSystem.umask, 4);
    text.newline();
  }
  label(text, 'State');
  text.putString(stateName(stateOf(process, thread)));
  text.newline();
  whole(text, 'Tgid', process.number as u64);
  whole(text, 'Ngid', 0);
  whole(text, 'Pid', process.number as u64);
  whole(text, 'PPid', parentNumber(process));
  whole(text, 'TracerPid', 0);
  four(text, 'Uid', credentials.uid, credentials.euid, credentials.suid, credentials.fsuid);
  four(text, 'Gid', credentials.gid, credentials.egid, credentials.sgid, credentials.fsgid);
  whole(text, 'FDSize', 64);
  label(text, 'Groups');
  for (let index: u64 = 0; index < credentials.groupCount; index++) {
    text.putDecimal(credentials.groups[index]);
    text.space();
  }
  text.newline();
  if (process.life < Life.Zombie) {
    const space = process.space;
    kilobytes(text, 'VmSize', space.virtualPages());
    kilobytes(text, 'VmLck', space.locked);
    kilobytes(
      text,
      'VmHWM',
      process.usage.maximumResident > space.residentPages() ? process.usage.maximumResident : space.residentPages(),
    );
    kilobytes(text, 'VmRSS', space.residentPages());
    kilobytes(text, 'VmData', space.data);
    kilobytes(text, 'VmExe', (space.codeEnd - space.codeStart + 4095) >>> 12);
  }
  whole(text, 'Threads', process.threadCount);
  writeStatusSignals(process, text);
  const capabilities = process.capabilities;
  set(text, 'CapInh', capabilities.inheritable);
  set(text, 'CapPrm', capabilities.permitted);
  set(text, 'CapEff', capabilities.effective);
  set(text, 'CapBnd', capabilities.bounding);
  set(text, 'CapAmb', capabilities.ambient);
  whole(text, 'NoNewPrivs', process.hasNoNewPrivileges ? 1 : 0);
  whole(text, 'Seccomp', 0);
  text.putString('Cpus_allowed:\t1\nCpus_allowed_list:\t0\n');
  whole(text, 'voluntary_ctxt_switches', process.usage.voluntarySwitches);
  whole(text, 'nonvoluntary_ctxt_switches', process.usage.involuntarySwitches);
}

function writeStatusSignals(process: Process, text: Text): void {
  const thread = process.firstThread;
  label(text, 'SigQ');
  text.putDecimal(process.pending.queued);
  text.putByte(47);
  text.putDecimal(process.limits.of[11].current);
  text.newline();
  set(text, 'SigPnd', thread === null ? 0 : thread.pending.set);
  set(text, 'ShdPnd', process.pending.set);
  set(text, 'SigBlk', thread === null ? 0 : thread.mask);
  if (process.life >= Life.Zombie) return;
  set(text, 'SigIgn', process.dispositions.ignored);
  set(text, 'SigCgt', process.dispositions.caught);
}

/** Text in a column of `width`. */
function column(text: Text, value: string, width: u64): void {
  text.putString(value);
  for (let index: u64 = value.length as u64; index < width; index++) text.space();
}

function limitColumn(text: Text, value: u64, width: u64): void {
  const before: u64 = text.length;
  if (value === RLIM_INFINITY) text.putString('unlimited');
  else text.putDecimal(value);
  while (text.length - before < width && !text.isFull) text.space();
}

function writeLimits(process: Process, text: Text): void {
  text.putString('Limit                     Soft Limit           Hard Limit           Units     \n');
  for (let index: u32 = 0; index < RLIMIT_COUNT; index++) {
    column(text, LIMIT_NAMES[index], 26);
    limitColumn(text, process.limits.of[index].current, 21);
    limitColumn(text, process.limits.of[index].maximum, 21);
    column(text, LIMIT_UNITS[index], 10);
    text.newline();
  }
}
