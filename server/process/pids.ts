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

/** Whether any thread is in user mode, and so would run if the server waited. Goes through all of them at worst. */
export function isAnyoneRunning(): boolean {
  let record: PidRecord | null = rootPids.records.atLeast(0);
  while (record !== null) {
    const thread = record.thread;
    if (thread !== null && thread.activity === Activity.InUser) return true;
    record = rootPids.records.atLeast((record.number as u64) + 1);
  }
  return false;
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
