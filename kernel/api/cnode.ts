/** CNode invocations: copying, moving and deleting capabilities. */
import { KernelError } from '../../lib/abi/error.js';
import { Invocation } from '../../lib/abi/invocation.js';
import { ObjectKind } from '../../lib/abi/object-kind.js';
import { RIGHT_WRITE } from '../../lib/abi/rights.js';
import { type Capability, SlotFlag } from '../object/capability.js';
import { type CNode, CSPACE_BITS, slotCount } from '../object/cnode.js';
import { deleteCapability, descendantsError, revokeCapability } from '../object/deletion.js';
import { moveCapability } from '../object/derivation.js';
import { copyError, derive } from '../object/derive.js';
import type { Tcb } from '../object/tcb.js';
import { hasWords, word0, word1, word2, word3 } from './arguments.js';
import { findEmptySlots, lookupError } from './lookup.js';

const GUARD_BITS_MASK = 0xff;
const GUARD_SHIFT = 8;

export function invokeCNode(caller: Tcb, cnode: Capability, label: u64): KernelError {
  if (label < Invocation.CNodeCopy || label > Invocation.CNodeRevoke) {
    return KernelError.UnknownInvocation;
  }
  if (!hasWords(caller, 1)) {
    return KernelError.WrongLength;
  }
  if (!cnode.hasRights(RIGHT_WRITE)) {
    return KernelError.NoRight;
  }
  const index = word0(caller);
  if (index >= slotCount(cnode)) {
    return KernelError.OutOfRange;
  }
  const table = cnode.object as CNode;
  const slot = table.slots[index];
  switch (label) {
    case Invocation.CNodeCopy:
      return copy(caller, slot);
    case Invocation.CNodeMint:
      return mint(caller, slot);
    case Invocation.CNodeMove:
      return move(caller, slot);
    case Invocation.CNodeDelete:
      return remove(slot);
    default:
      return slot.kind === ObjectKind.None ? KernelError.EmptySlot : revokeCapability(slot);
  }
}

function copy(caller: Tcb, source: Capability): KernelError {
  if (!hasWords(caller, 3)) {
    return KernelError.WrongLength;
  }
  const error = copyError(source);
  if (error !== KernelError.None) {
    return error;
  }
  const destination = findEmptySlots(caller, word1(caller), 1);
  if (destination === null) {
    return lookupError;
  }
  derive(source, destination, word2(caller));
  return KernelError.None;
}

function mint(caller: Tcb, source: Capability): KernelError {
  if (!hasWords(caller, 4)) {
    return KernelError.WrongLength;
  }
  const error = copyError(source);
  if (error !== KernelError.None) {
    return error;
  }
  const badge = word3(caller);
  if (source.kind === ObjectKind.CNode) {
    return mintGuard(caller, source, badge & GUARD_BITS_MASK, badge >>> GUARD_SHIFT);
  }
  if (source.kind !== ObjectKind.Endpoint && source.kind !== ObjectKind.Notification) {
    return KernelError.WrongKind;
  }
  if ((source.flags & SlotFlag.Badged) !== 0) {
    return KernelError.AlreadyBound;
  }
  const destination = findEmptySlots(caller, word1(caller), 1);
  if (destination === null) {
    return lookupError;
  }
  derive(source, destination, word2(caller));
  destination.word = badge;
  destination.flags |= SlotFlag.Badged;
  return KernelError.None;
}

function mintGuard(caller: Tcb, source: Capability, guardBits: u64, guard: u64): KernelError {
  const one: u64 = 1;
  if (guardBits + source.bits > CSPACE_BITS || (guardBits < 56 && guard >= one << guardBits)) {
    return KernelError.OutOfRange;
  }
  const destination = findEmptySlots(caller, word1(caller), 1);
  if (destination === null) {
    return lookupError;
  }
  derive(source, destination, word2(caller));
  destination.guardBits = guardBits;
  destination.word = guard;
  return KernelError.None;
}

function move(caller: Tcb, source: Capability): KernelError {
  if (!hasWords(caller, 2)) {
    return KernelError.WrongLength;
  }
  if (source.kind === ObjectKind.None) {
    return KernelError.EmptySlot;
  }
  if (source.kind === ObjectKind.Zombie || (source.flags & SlotFlag.Dying) !== 0) {
    return KernelError.InvalidState;
  }
  const destination = findEmptySlots(caller, word1(caller), 1);
  if (destination === null) {
    return lookupError;
  }
  moveCapability(source, destination);
  return KernelError.None;
}

function remove(slot: Capability): KernelError {
  if (slot.kind === ObjectKind.None) {
    return KernelError.EmptySlot;
  }
  const error = descendantsError(slot);
  return error !== KernelError.None ? error : deleteCapability(slot);
}
