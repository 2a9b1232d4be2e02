/**
 * The Clock: one deadline on the TSC. When it has passed, the Clock's notification is signalled once; whoever wants
 * more timers keeps its own queue of them.
 */

import { ObjectKind } from '../../lib/abi/object-kind.js';
import { signal } from '../ipc/notify.js';
import { armDeadline } from '../sched/timer.js';
import type { Capability } from './capability.js';
import type { Notification } from './notification.js';

/** The notification to signal, derived into a slot of the kernel's so that revoking it reaches here. */
export const clockSlot: Capability = reserve();
let signalBadge: u64 = 0;
let deadline: u64 = 0;

export function clockDeadline(): u64 {
  return deadline;
}

/** 0 takes the deadline back. */
export function setClockDeadline(time: u64): void {
  deadline = time;
  armDeadline();
}

export function setClockBadge(badge: u64): void {
  signalBadge = badge;
}

/** The deadline has passed. */
export function clockExpire(): void {
  deadline = 0;
  if (clockSlot.kind === ObjectKind.Notification) {
    signal(clockSlot.object as Notification, signalBadge);
  }
}
