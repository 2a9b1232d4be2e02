/**
 * Process groups and sessions (POSIX.1-2017 3.297, 3.343; setpgid(2), setsid(2)).
 *
 * A group lives while it has members, zombies included; a session while it has groups. Both keep their number in the
 * pid name space reserved, so a pid is never reused while it names a group or a session.
 */
import { release } from '../memory/heap';
import { forgetForeground } from '../tty/job-control';
import type { Tty } from '../tty/tty';
import { forgetGroup } from './pids';
import { Life, type Process } from './process';

export class Session {
  /** The number of its leader's group, for ever. */
  number!: i32;
  groupCount!: u32;
  leader!: Process | null;
  terminal!: Tty | null;
}

export class ProcessGroup {
  number!: i32;
  session!: Session;
  firstMember!: Process | null;
  memberCount!: u32;
  /** Members that keep the group from being orphaned (POSIX.1-2017 3.269): see `isAnchor`. */
  anchors!: u32;
}

/** A new group in `session`; the caller enters it in the pid table and adds a member. */
export function createGroup(number: i32, session: Session): ProcessGroup {
  const group = new ProcessGroup();
  group.number = number;
  group.session = session;
  session.groupCount += 1;
  return group;
}

export function createSession(number: i32): Session {
  const session = new Session();
  session.number = number;
  return session;
}

export function joinGroup(process: Process, group: ProcessGroup): void {
  const first = group.firstMember;
  process.group = group;
  process.previousInGroup = null;
  process.nextInGroup = first;
  if (first !== null) first.previousInGroup = process;
  group.firstMember = process;
  group.memberCount += 1;
  if (isAnchor(process)) group.anchors += 1;
}

/** Makes `process` a member of `group` instead of its own; for its children, whose parent's group that is, it counts too. */
export function changeGroup(process: Process, group: ProcessGroup): void {
  for (let child = process.firstChild; child !== null; child = child.nextSibling) weighAnchor(child);
  leaveGroup(process);
  joinGroup(process, group);
  for (let child = process.firstChild; child !== null; child = child.nextSibling) dropAnchor(child);
}

/** Takes `process` out of its group; an empty group ends, and with its last group the session. */
export function leaveGroup(process: Process): void {
  const group = process.group;
  weighAnchor(process);
  const next = process.nextInGroup;
  const previous = process.previousInGroup;
  if (previous === null) group.firstMember = next;
  else previous.nextInGroup = next;
  if (next !== null) next.previousInGroup = previous;
  process.nextInGroup = null;
  process.previousInGroup = null;
  group.memberCount -= 1;
  if (group.memberCount !== 0) return;
  const session = group.session;
  forgetForeground(group);
  forgetGroup(group);
  release(addressOf(group));
  session.groupCount -= 1;
  if (session.groupCount === 0) release(addressOf(session));
}

/** Whether `process` is alive and its parent is in another group of the same session, and not the first process. */
function isAnchor(process: Process): boolean {
  const parent = process.parent;
  if (parent === null || parent.isInit || process.life >= Life.Zombie) return false;
  return parent.group !== process.group && parent.group.session === process.group.session;
}

/** Something that `isAnchor` asks for is about to change, ... */
export function weighAnchor(process: Process): void {
  if (isAnchor(process)) process.group.anchors -= 1;
}

/** ... and has changed. */
export function dropAnchor(process: Process): void {
  if (isAnchor(process)) process.group.anchors += 1;
}

/** Orphaned: no member has a parent in another group of the same session (POSIX.1-2017 3.269). */
export function isOrphaned(group: ProcessGroup): boolean {
  return group.anchors === 0;
}
