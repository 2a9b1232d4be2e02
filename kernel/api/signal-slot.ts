/**
 * Notifications that the kernel itself signals (interrupts, the Clock's deadline): a capability to them is derived
 * into a slot of the kernel's, so that revoking or deleting the notification reaches it.
 */
import { KernelError } from '../../lib/abi/error.js';
import { ObjectKind } from '../../lib/abi/object-kind.js';
import { RIGHT_WRITE } from '../../lib/abi/rights.js';
import type { Capability } from '../object/capability.js';
import { depthError, derive } from '../object/derive.js';
import type { Tcb } from '../object/tcb.js';
import { findObject, lookupError } from './lookup.js';

/** What the last signalError found; null for a pointer of 0, which means none. */
export let signalSource: Capability | null = null;

/** Checks the notification argument of a Set…Notification invocation. */
export function signalError(caller: Tcb, pointer: u64): KernelError {
  signalSource = null;
  if (pointer === 0) {
    return KernelError.None;
  }
  const source = findObject(caller, pointer, ObjectKind.Notification, RIGHT_WRITE);
  if (source === null) {
    return lookupError;
  }
  signalSource = source;
  return depthError(source);
}

/** Derives the notification into the kernel's empty slot. */
export function bindSignal(source: Capability, slot: Capability): void {
  derive(source, slot, RIGHT_WRITE);
}
