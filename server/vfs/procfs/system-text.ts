/** Texts of /proc that tell of the whole machine (proc(5)), in Linux's formats. */

import { commandLine, commandLineLength } from '../../command-line';
import { contextSwitches, interrupts } from '../../kernel/devices';
import { RELEASE, VERSION } from '../../linux/host-name';
import { pagesOfHeap } from '../../memory/heap';
import { freePages, totalPages } from '../../memory/pages';
import { accountAll } from '../../process/accounting';
import { PID_LIMIT } from '../../process/pid-namespace';
import { nextProcess, rootPids } from '../../process/pids';
import { Life, type Process } from '../../process/process';
import { forks, liveThreads } from '../../process/statistics';
import { type Thread } from '../../process/thread';
import { monotonicNanoseconds, realtimeNanoseconds, ticksToNanoseconds } from '../../time/clock';
import { loadAverage } from '../../time/load-average';
import { fillRandom } from '../../time/random';
import { mostWatches } from '../epoll-limit';
import { MAXIMUM_FILES } from '../file-table';
import { MAXIMUM_CAPACITY } from '../pipe';
import { firstMount } from '../start';
import type { Text } from '../text';
import { SystemEntry } from './entries';
import { isBusy } from './process-text';
import { writeProcessor } from './processor-text';

const NANOSECONDS: u64 = 1000000000;
/** USER_HZ: /proc counts time in hundredths of a second. */
const TICK: u64 = 10000000;

const uuid: Fixed<u8, 16> = reserve();
const bootNumber: Fixed<u8, 16> = reserve();
let hasBootNumber: boolean = false;

export function writeSystemText(thread: Thread, entry: u32, text: Text): void {
  switch (entry) {
    case SystemEntry.CommandLine:
      text.putBytes(addressOf(commandLine), commandLineLength);
      text.newline();
      return;
    case SystemEntry.CpuInformation:
      writeProcessor(text);
      return;
    case SystemEntry.Devices:
      text.putString('Character devices:\n  1 mem\n  4 ttyS\n  5 /dev/tty\n  5 /dev/console\n\nBlock devices:\n');
      return;
    case SystemEntry.FileSystems:
      text.putString('nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tdevtmpfs\nnodev\tramfs\n');
      return;
    case SystemEntry.Interrupts:
      text.putString('           CPU0\nALL: ');
      text.putPadded(interrupts(), 10, 32);
      text.newline();
      return;
    case SystemEntry.LoadAverage:
      writeLoad(thread, text);
      return;
    case SystemEntry.MemoryInformation:
      writeMemory(text);
      return;
    case SystemEntry.Statistics:
      writeStatistics(thread, text);
      return;
    case SystemEntry.Swaps:
      text.putString('Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n');
      return;
    case SystemEntry.Uptime:
      writeSeconds(text, monotonicNanoseconds());
      text.space();
      writeSeconds(text, idleNanoseconds());
      text.newline();
      return;
    case SystemEntry.Version:
      text.putString('Linux version ');
      text.putString(RELEASE);
      text.space();
      text.putString(VERSION);
      text.newline();
      return;
    default:
      writeSetting(thread, entry, text);
  }
}

function line(text: Text, value: string): void {
  text.putString(value);
  text.newline();
}

function number(text: Text, value: u64): void {
  text.putDecimal(value);
  text.newline();
}

/** Files of /proc/sys: one value each. */
function writeSetting(thread: Thread, entry: u32, text: Text): void {
  const network = thread.process.network;
  switch (entry) {
    case SystemEntry.HostName:
      text.putBytes(addressOf(network.hostName), network.hostNameLength);
      text.newline();
      return;
    case SystemEntry.DomainName:
      text.putBytes(addressOf(network.domainName), network.domainNameLength);
      text.newline();
      return;
    case SystemEntry.SystemType:
      line(text, 'Linux');
      return;
    case SystemEntry.SystemRelease:
      line(text, RELEASE);
      return;
    case SystemEntry.SystemVersion:
      line(text, VERSION);
      return;
    case SystemEntry.PidMaximum:
      number(text, PID_LIMIT as u64);
      return;
    case SystemEntry.GroupsMaximum:
      number(text, 64);
      return;
    case SystemEntry.OverflowUid:
    case SystemEntry.OverflowGid:
      number(text, 65534);
      return;
    case SystemEntry.CapabilityLast:
      number(text, 40);
      return;
    case SystemEntry.FileMaximum:
      number(text, totalPages());
      return;
    case SystemEntry.OpenMaximum:
      number(text, MAXIMUM_FILES);
      return;
    case SystemEntry.WatchesMaximum:
      number(text, mostWatches());
      return;
    case SystemEntry.PipeMaximum:
      number(text, MAXIMUM_CAPACITY);
      return;
    case SystemEntry.OvercommitMemory:
      number(text, 0);
      return;
    case SystemEntry.MaximumMaps:
      number(text, 65530);
      return;
    case SystemEntry.MinimumAddress:
      number(text, 65536);
      return;
    case SystemEntry.RandomPoolSize:
    case SystemEntry.RandomEntropy:
      number(text, 256);
      return;
    case SystemEntry.RandomBootNumber:
      if (!hasBootNumber) fillRandom(addressOf(bootNumber), 16);
      hasBootNumber = true;
      writeUuid(text, bootNumber);
      return;
    default:
      fillRandom(addressOf(uuid), 16);
      writeUuid(text, uuid);
  }
}

/** A random UUID in text (RFC 4122, 4.4). */
function writeUuid(text: Text, bytes: Fixed<u8, 16>): void {
  for (let index: u64 = 0; index < 16; index++) {
    if (index === 4 || index === 6 || index === 8 || index === 10) text.putByte(45);
    let byte: u64 = bytes[index];
    if (index === 6) byte = (byte & 15) | 0x40;
    if (index === 8) byte = (byte & 0x3f) | 0x80;
    text.putHex(byte, 2);
  }
  text.newline();
}

function writeSeconds(text: Text, nanoseconds: u64): void {
  text.putDecimal(nanoseconds / NANOSECONDS);
  text.putByte(46);
  text.putPadded((nanoseconds % NANOSECONDS) / TICK, 2, 48);
}

let userTicks: u64 = 0;
let systemTicks: u64 = 0;
let running: u64 = 0;

/** Adds up what all processes, and those they waited for, have used. */
function addUp(thread: Thread): void {
  userTicks = 0;
  systemTicks = 0;
  running = 0;
  accountAll();
  let process: Process | null = nextProcess(1);
  while (process !== null) {
    userTicks += process.usage.userTicks + process.childUsage.userTicks;
    systemTicks += process.usage.systemTicks + process.childUsage.systemTicks;
    if (process.life < Life.Zombie && isBusy(process, thread)) running += 1;
    process = nextProcess((process.number + 1) as i32);
  }
}

function idleNanoseconds(): u64 {
  userTicks = 0;
  systemTicks = 0;
  let process: Process | null = nextProcess(1);
  while (process !== null) {
    userTicks += process.usage.userTicks + process.childUsage.userTicks;
    systemTicks += process.usage.systemTicks + process.childUsage.systemTicks;
    process = nextProcess((process.number + 1) as i32);
  }
  const busy: u64 = ticksToNanoseconds(userTicks + systemTicks);
  const up: u64 = monotonicNanoseconds();
  return up > busy ? up - busy : 0;
}

function writeStatistics(thread: Thread, text: Text): void {
  addUp(thread);
  const up: u64 = monotonicNanoseconds();
  const user: u64 = ticksToNanoseconds(userTicks);
  const system: u64 = ticksToNanoseconds(systemTicks);
  const idle: u64 = up > user + system ? up - user - system : 0;
  for (let index: u64 = 0; index < 2; index++) {
    text.putString(index === 0 ? 'cpu  ' : 'cpu0 ');
    text.putDecimal(user / TICK);
    text.putString(' 0 ');
    text.putDecimal(system / TICK);
    text.space();
    text.putDecimal(idle / TICK);
    text.putString(' 0 0 0 0 0 0\n');
  }
  text.putString('intr ');
  number(text, interrupts());
  text.putString('ctxt ');
  number(text, contextSwitches());
  text.putString('btime ');
  number(text, (realtimeNanoseconds() - up) / NANOSECONDS);
  text.putString('processes ');
  number(text, forks);
  text.putString('procs_running ');
  number(text, running);
  // Nothing here waits for a disk.
  text.putString('procs_blocked 0\n');
}

/** How many processes can run, without the cost of their times. */
function countRunning(thread: Thread): void {
  running = 0;
  let process: Process | null = nextProcess(1);
  while (process !== null) {
    if (process.life < Life.Zombie && isBusy(process, thread)) running += 1;
    process = nextProcess((process.number + 1) as i32);
  }
}

function writeLoad(thread: Thread, text: Text): void {
  countRunning(thread);
  for (let index: u64 = 0; index < 3; index++) {
    const load = loadAverage(index, running);
    text.putDecimal(load >>> 16);
    text.putByte(46);
    text.putPadded(((load & 0xffff) * 100) >>> 16, 2, 48);
    text.space();
  }
  text.putDecimal(running);
  text.putByte(47);
  text.putDecimal(liveThreads);
  text.space();
  number(text, rootPids.last as u64);
}

function amount(text: Text, name: string, pages: u64): void {
  text.putString(name);
  text.putByte(58);
  let padding: u64 = 15 - (name.length as u64);
  let value: u64 = pages << 2;
  let digits: u64 = 1;
  while (value >= 10) {
    value = value / 10;
    digits += 1;
  }
  padding = padding + 9 > digits ? padding + 9 - digits : 1;
  while (padding !== 0) {
    text.space();
    padding -= 1;
  }
  text.putDecimal(pages << 2);
  text.putString(' kB\n');
}

function writeMemory(text: Text): void {
  const total: u64 = totalPages();
  const free: u64 = freePages();
  const files: u64 = firstMount().fileSystem.pagesUsed;
  const heap: u64 = pagesOfHeap();
  const held: u64 = files + heap + free;
  amount(text, 'MemTotal', total);
  amount(text, 'MemFree', free);
  amount(text, 'MemAvailable', free);
  amount(text, 'Buffers', 0);
  amount(text, 'Cached', files);
  amount(text, 'SwapCached', 0);
  amount(text, 'Active', total > held ? total - held : 0);
  amount(text, 'Inactive', files);
  amount(text, 'SwapTotal', 0);
  amount(text, 'SwapFree', 0);
  amount(text, 'Dirty', 0);
  amount(text, 'Writeback', 0);
  amount(text, 'AnonPages', total > held ? total - held : 0);
  amount(text, 'Mapped', 0);
  amount(text, 'Shmem', files);
  amount(text, 'KReclaimable', 0);
  amount(text, 'Slab', heap);
  amount(text, 'SReclaimable', 0);
  amount(text, 'SUnreclaim', heap);
  amount(text, 'CommitLimit', total);
  amount(text, 'Committed_AS', total > held ? total - held : 0);
}
