/**
 * From a capability pointer to a slot. A flat capability space is indexed at once; any other is walked level by level:
 * each CNode's guard must match the bits above its index (as in seL4).
 */
import { KernelError } from '../../lib/abi/error.js';
import { ObjectKind } from '../../lib/abi/object-kind.js';
import { RIGHT_WRITE } from '../../lib/abi/rights.js';
import type { Capability } from '../object/capability.js';
import { type CNode, CSPACE_BITS, slotCount } from '../object/cnode.js';
import { type Tcb, ThreadSlot } from '../object/tcb.js';

/** Why the last lookup here found nothing. */
export let lookupError: KernelError = KernelError.None;

function fail(error: KernelError): null {
  lookupError = error;
  return null;
}

/** The slot, empty or not, that `pointer` leads to in the thread's capability space. */
function findSlot(thread: Tcb, pointer: u64): Capability | null {
  if (pointer < thread.cspaceLimit) {
    return thread.cspace.slots[pointer];
  }
  const root = thread.slots[ThreadSlot.CSpace];
  if (root.kind !== ObjectKind.CNode) {
    return fail(KernelError.NoSlot);
  }
  return walk(root, pointer);
}

function walk(root: Capability, pointer: u64): Capability | null {
  let capability = root;
  let left: u64 = CSPACE_BITS;
  for (;;) {
    const levelBits: u64 = capability.guardBits + capability.bits;
    if (levelBits > left) {
      return fail(KernelError.NoSlot);
    }
    const guard = capability.guardBits === 0 ? 0 : (pointer << (CSPACE_BITS - left)) >>> (64 - capability.guardBits);
    if (guard !== capability.word) {
      return fail(KernelError.NoSlot);
    }
    left -= levelBits;
    const table = capability.object as CNode;
    const slot = table.slots[(pointer >>> left) & (slotCount(capability) - 1)];
    if (left === 0) {
      return slot;
    }
    if (slot.kind !== ObjectKind.CNode) {
      return fail(KernelError.NoSlot);
    }
    capability = slot;
  }
}

/** The capability that `pointer` leads to. */
export function findCapability(thread: Tcb, pointer: u64): Capability | null {
  const slot = findSlot(thread, pointer);
  if (slot !== null && slot.kind === ObjectKind.None) {
    return fail(KernelError.EmptySlot);
  }
  return slot;
}

/** The capability that `pointer` leads to, if it is of this kind and has all of `rights`. */
export function findObject(thread: Tcb, pointer: u64, kind: ObjectKind, rights: u64): Capability | null {
  const slot = findCapability(thread, pointer);
  if (slot === null) {
    return null;
  }
  if (slot.kind !== kind) {
    return fail(KernelError.WrongKind);
  }
  if (!slot.hasRights(rights)) {
    return fail(KernelError.NoRight);
  }
  return slot;
}

/**
 * `count` empty slots from a slot argument on: bits 0..31 an index, bits 32..63 a capability pointer to the CNode (0:
 * the thread's root CNode). Returns the first; the others follow it in its CNode, which is left in `destinationTable`.
 */
export function findEmptySlots(thread: Tcb, argument: u64, count: u64): Capability | null {
  const pointer = argument >>> 32;
  const index = argument & 0xffff_ffff;
  let table = thread.slots[ThreadSlot.CSpace];
  if (pointer !== 0) {
    const found = findObject(thread, pointer, ObjectKind.CNode, RIGHT_WRITE);
    if (found === null) {
      return null;
    }
    table = found;
  } else if (table.kind !== ObjectKind.CNode) {
    return fail(KernelError.NoSlot);
  } else if (!table.hasRights(RIGHT_WRITE)) {
    return fail(KernelError.NoRight);
  }
  const limit = slotCount(table);
  if (index >= limit || count > limit - index) {
    return fail(KernelError.OutOfRange);
  }
  const cnode = table.object as CNode;
  for (let offset: u64 = 0; offset < count; offset++) {
    if (cnode.slots[index + offset].kind !== ObjectKind.None) {
      return fail(KernelError.SlotOccupied);
    }
  }
  destinationTable = cnode;
  destinationIndex = index;
  return cnode.slots[index];
}

/** What the last findEmptySlots found. */
export let destinationTable: CNode | null = null;
export let destinationIndex: u64 = 0;
