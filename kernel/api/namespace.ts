/** Namespace invocations: filling a protection domain, and rfork, which makes one from another. */
import { KernelError } from '../../lib/abi/error.js';
import {
  Invocation,
  RFORK_ALL,
  RFORK_COPY_CSPACE,
  RFORK_EMPTY_CSPACE,
  RFORK_NEW_VSPACE,
} from '../../lib/abi/invocation.js';
import { ObjectKind } from '../../lib/abi/object-kind.js';
import { RIGHT_READ, RIGHT_WRITE, RIGHTS_ALL } from '../../lib/abi/rights.js';
import type { Capability } from '../object/capability.js';
import { type CNode, slotCount } from '../object/cnode.js';
import { deleteCapability, replaceError } from '../object/deletion.js';
import { depthError, derive, deriveCopy } from '../object/derive.js';
import { isConfigured, type Namespace, NamespaceSlot } from '../object/namespace.js';
import type { Tcb } from '../object/tcb.js';
import { hasWords, setResult0, word0, word1, word2, word3 } from './arguments.js';
import { findObject, lookupError } from './lookup.js';

const FLAGS_MASK: u64 = 0xff;
/** The child's table may have this many slots at most, so that rfork stays bounded. */
const MAX_COPIED_SLOTS: u64 = 1024;

export function invokeNamespace(caller: Tcb, capability: Capability, label: u64): KernelError {
  if (label < Invocation.NamespaceSetCSpace || label > Invocation.NamespaceRfork) {
    return KernelError.UnknownInvocation;
  }
  if (!capability.hasRights(RIGHT_WRITE)) {
    return KernelError.NoRight;
  }
  const namespace = capability.object as Namespace;
  switch (label) {
    case Invocation.NamespaceSetCSpace:
      return setSpace(caller, namespace.slots[NamespaceSlot.CSpace], ObjectKind.CNode, 0);
    case Invocation.NamespaceSetVSpace:
      return setSpace(caller, namespace.slots[NamespaceSlot.VSpace], ObjectKind.VSpace, RIGHT_WRITE);
    default:
      return rfork(caller, namespace);
  }
}

function setSpace(caller: Tcb, slot: Capability, kind: ObjectKind, rights: u64): KernelError {
  if (!hasWords(caller, 1)) {
    return KernelError.WrongLength;
  }
  const source = findObject(caller, word0(caller), kind, rights);
  if (source === null) {
    return lookupError;
  }
  let error = depthError(source);
  if (error === KernelError.None) {
    error = replaceError(slot);
  }
  if (error !== KernelError.None) {
    return error;
  }
  deleteCapability(slot);
  derive(source, slot, RIGHTS_ALL);
  return KernelError.None;
}

/** The child's spaces, found by decode: what commit derives into its slots. */
let childCSpace: Capability | null = null;
let childVSpace: Capability | null = null;

function rfork(caller: Tcb, parent: Namespace): KernelError {
  if (!hasWords(caller, 4)) {
    return KernelError.WrongLength;
  }
  const slot = findObject(caller, word0(caller), ObjectKind.Namespace, RIGHT_WRITE);
  if (slot === null) {
    return lookupError;
  }
  const child = slot.object as Namespace;
  const flags = word1(caller) & FLAGS_MASK;
  const rights = word1(caller) >>> 8;
  const error = rforkError(caller, parent, child, flags, rights);
  if (error !== KernelError.None) {
    return error;
  }
  const cspace = childCSpace;
  const vspace = childVSpace;
  if (cspace === null || vspace === null) {
    return KernelError.NotConfigured;
  }
  const allowed = rights & ~parent.withheldRights;
  child.withheldRights = ~allowed & RIGHTS_ALL;
  let copied: u64 = 0;
  if ((flags & RFORK_COPY_CSPACE) !== 0) {
    copied = copyCapabilities(parent.slots[NamespaceSlot.CSpace], cspace, allowed);
  }
  derive(cspace, child.slots[NamespaceSlot.CSpace], RIGHTS_ALL);
  derive(vspace, child.slots[NamespaceSlot.VSpace], RIGHTS_ALL);
  setResult0(caller, copied);
  return KernelError.None;
}

/** All that rfork checks; leaves the child's spaces in childCSpace and childVSpace. */
function rforkError(caller: Tcb, parent: Namespace, child: Namespace, flags: u64, rights: u64): KernelError {
  const ownCSpace = flags & (RFORK_COPY_CSPACE | RFORK_EMPTY_CSPACE);
  if (flags > RFORK_ALL || rights > RIGHTS_ALL || ownCSpace === (RFORK_COPY_CSPACE | RFORK_EMPTY_CSPACE)) {
    return KernelError.OutOfRange;
  }
  if (ownCSpace === 0 && rights !== RIGHTS_ALL) {
    return KernelError.OutOfRange;
  }
  childCSpace = parent.slots[NamespaceSlot.CSpace];
  childVSpace = parent.slots[NamespaceSlot.VSpace];
  if (!isConfigured(parent)) {
    return KernelError.NotConfigured;
  }
  if (child.slots[NamespaceSlot.CSpace].kind !== ObjectKind.None) {
    return KernelError.AlreadyBound;
  }
  if (child.slots[NamespaceSlot.VSpace].kind !== ObjectKind.None) {
    return KernelError.AlreadyBound;
  }
  if (ownCSpace !== 0) {
    const fresh = findObject(caller, word2(caller), ObjectKind.CNode, RIGHT_READ | RIGHT_WRITE);
    if (fresh === null) {
      return lookupError;
    }
    if (!isEmptyAndHolds(fresh, ownCSpace === RFORK_COPY_CSPACE ? childCSpace : null)) {
      return KernelError.InvalidState;
    }
    childCSpace = fresh;
  }
  if ((flags & RFORK_NEW_VSPACE) !== 0) {
    const fresh = findObject(caller, word3(caller), ObjectKind.VSpace, RIGHT_WRITE);
    if (fresh === null) {
      return lookupError;
    }
    childVSpace = fresh;
  }
  const error = depthError(childCSpace);
  return error !== KernelError.None ? error : depthError(childVSpace);
}

/** Whether a table is empty, is not too large, and has as many slots as `source` (if any) has in use at its start. */
function isEmptyAndHolds(table: Capability, source: Capability | null): boolean {
  const count = slotCount(table);
  const cnode = table.object as CNode;
  if (count > MAX_COPIED_SLOTS) {
    return false;
  }
  for (let index: u64 = 0; index < count; index++) {
    if (cnode.slots[index].kind !== ObjectKind.None) {
      return false;
    }
  }
  return source === null || slotCount(source) <= count;
}

/**
 * Whether a capability leads to others, with all their rights: a table, or what has one. With rights withheld such a
 * capability is not copied, since through it they could be had back.
 */
function leadsToOthers(kind: ObjectKind): boolean {
  return kind === ObjectKind.CNode || kind === ObjectKind.Namespace || kind === ObjectKind.Tcb;
}

/** Copies every capability that can be copied to the same index, with `rights` at most. */
function copyCapabilities(source: Capability, destination: Capability, rights: u64): u64 {
  const from = source.object as CNode;
  const to = destination.object as CNode;
  const count = slotCount(source);
  let copied: u64 = 0;
  for (let index: u64 = 0; index < count; index++) {
    const capability = from.slots[index];
    const mayCopy = rights === RIGHTS_ALL || !leadsToOthers(capability.kind);
    if (mayCopy && deriveCopy(capability, to.slots[index], rights)) {
      copied++;
    }
  }
  return copied;
}
