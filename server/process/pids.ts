/**
 * Looking things up by number, in the name space of the first process. (Inner pid name spaces give their members
 * further numbers; these stay the ones that the server itself goes by.)
 */
import { PidNamespace, type PidRecord } from './pid-namespace';
import type { Process } from './process';
import type { ProcessGroup } from './process-group';
import { Activity, type Thread } from './thread';

/** Every thread, process and group of the machine. Never dropped: it holds a reference to itself. */
export const rootPids: PidNamespace = reserve();

export function findThread(number: i32): Thread | null {
  const record = rootPids.find(number);
  return record === null ? null : record.thread;
}

/** The process with that pid, zombies included. */
export function findProcess(number: i32): Process | null {
  const record = rootPids.find(number);
  return record === null ? null : record.process;
}

export function findGroup(number: i32): ProcessGroup | null {
  const record = rootPids.find(number);
  return record === null ? null : record.group;
}

/** The process with the smallest pid of at least `number`; null when there is none. */
export function nextProcess(number: i32): Process | null {
  let from = number as u64;
  while (true) {
    const record: PidRecord | null = rootPids.records.atLeast(from);
    if (record === null) return null;
    if (record.process !== null) return record.process;
    from = (record.number as u64) + 1;
  }
}

/** Numbers that `isAnyoneRunning` looks at. */
const LOOKED_AT: u64 = 500;
/** Where it looks first: where it last found somebody, or came to. */
let lookFrom: u64 = 0;

/**
 * Whether any thread is in user mode, and so would run if the server waited. Where there are more than it can look at,
 * it may be wrong to say so.
 */
export function isAnyoneRunning(): boolean {
  const start = lookFrom;
  let from = start;
  let isPastEnd = false;
  for (let left: u64 = LOOKED_AT; left !== 0; left--) {
    const record: PidRecord | null = rootPids.records.atLeast(from);
    if (record === null) {
      if (isPastEnd) return false;
      isPastEnd = true;
      from = 0;
      continue;
    }
    const number = record.number as u64;
    if (isPastEnd && number >= start) return false;
    const thread = record.thread;
    if (thread !== null && thread.activity === Activity.InUser) {
      lookFrom = number;
      return true;
    }
    from = number + 1;
  }
  lookFrom = from;
  return true;
}

/** Enters `group` under its number, which belongs to a live record (its leader's, or its own). */
export function enterGroup(group: ProcessGroup): void {
  const record = rootPids.find(group.number);
  if (record !== null) record.group = group;
}

export function forgetGroup(group: ProcessGroup): void {
  const record = rootPids.find(group.number);
  if (record === null) return;
  record.group = null;
  rootPids.settle(record);
}

export function forgetThread(thread: Thread): void {
  const record = rootPids.find(thread.number);
  if (record === null) return;
  record.thread = null;
  rootPids.settle(record);
}

export function forgetProcess(process: Process): void {
  const record = rootPids.find(process.number);
  if (record === null) return;
  record.process = null;
  rootPids.settle(record);
}
