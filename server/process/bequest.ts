/**
 * What the dead leave to others: their children, who are handed to another process one by one, and groups that their end
 * makes orphans. Of thousands of children the budget's worth goes at once and the rest in slices; only then is the
 * parent told. Invariant: a zombie with children is not yet to be waited for.
 */
import { release } from '../memory/heap';
import { sendToGroup } from '../signal/group';
import { SIGCHLD, SIGCONT, SIGHUP } from '../signal/numbers';
import { fromKernel, sendToProcess } from '../signal/send';
import { budget, spend } from '../wait/budget';
import { begin, Chore } from '../wait/chores';
import { announce } from './exit';
import { addChild, removeChild } from './family';
import { Life, type Process } from './process';
import { isOrphaned, type ProcessGroup } from './process-group';

class Bequest extends Chore {
  process!: Process;

  override slice(): boolean {
    if (!handOverChildren(this.process)) return false;
    finish(this.process);
    release(addressOf(this));
    return true;
  }
}

/** `process` has become a zombie. */
export function bequeath(process: Process): void {
  if (process.firstChild === null || handOverChildren(process)) {
    finish(process);
    return;
  }
  const bequest = new Bequest();
  bequest.process = process;
  begin(bequest);
}

/** It was the process's end that orphaned its group if its parent kept it from being one until now. */
function finish(process: Process): void {
  const parent = process.parent;
  if (parent !== null && parent.group !== process.group && parent.group.session === process.group.session)
    hangUpIfOrphaned(process.group);
  announce(process);
}

/** The process that adopts the children of `process`: the nearest living subreaper above it, else init. */
function reaperOf(process: Process): Process {
  let candidate = process.parent;
  while (candidate !== null) {
    if (candidate.isInit) return candidate;
    if (candidate.isSubreaper && candidate.life < Life.Exiting) return candidate;
    candidate = candidate.parent;
  }
  return process;
}

/** True when the last one is handed over. */
function handOverChildren(process: Process): boolean {
  const reaper = reaperOf(process);
  while (true) {
    const child = process.firstChild;
    if (child === null) return true;
    if (budget <= 0) return false;
    spend(2);
    const group = child.group;
    const wasOrphaned = isOrphaned(group);
    removeChild(process, child);
    addChild(reaper, child);
    // Whoever adopts it waits for ordinary children (Linux: reparent_leader).
    child.exitSignal = SIGCHLD;
    if (child.parentDeathSignal !== 0) sendToProcess(child, fromKernel(child.parentDeathSignal));
    if (!wasOrphaned) hangUpIfOrphaned(group);
    if (isWaitable(child)) announce(child);
  }
}

/** Whether `process` is dead and has nothing left to hand over. */
export function isWaitable(process: Process): boolean {
  return process.life === Life.Zombie && process.firstChild === null;
}

/** POSIX.1-2017 _exit(): a group that becomes orphaned with a stopped member gets SIGHUP and SIGCONT. */
function hangUpIfOrphaned(group: ProcessGroup): void {
  if (!isOrphaned(group)) return;
  let member = group.firstMember;
  while (member !== null && member.life !== Life.Stopped) member = member.nextInGroup;
  if (member === null) return;
  sendToGroup(group, fromKernel(SIGHUP));
  sendToGroup(group, fromKernel(SIGCONT));
}
