/** Untyped invocations: making objects. */
import { KernelError } from '../../lib/abi/error.js';
import { Invocation } from '../../lib/abi/invocation.js';
import type { ObjectKind } from '../../lib/abi/object-kind.js';
import { RIGHT_WRITE } from '../../lib/abi/rights.js';
import type { Capability } from '../object/capability.js';
import { isMemory, makeObject, NO_SIZE, objectBits } from '../object/create.js';
import { insertChild } from '../object/derivation.js';
import { depthError } from '../object/derive.js';
import type { Tcb } from '../object/tcb.js';
import { clearStep, placeFor, resetIfChildless, setMarks, touchedBytes, usedBytes } from '../object/untyped.js';
import { hasWords, setResult0, setResults, word0, word1, word2, word3 } from './arguments.js';
import { destinationIndex, destinationTable, findEmptySlots, lookupError } from './lookup.js';

/** What one invocation makes at most: in number, and in bytes that must be cleared. */
const MAX_COUNT: u64 = 256;
const MAX_CLEARED: u64 = 0x10_0000;

export function invokeUntyped(caller: Tcb, untyped: Capability, label: u64): KernelError {
  switch (label) {
    case Invocation.UntypedRetype:
      return retype(caller, untyped);
    case Invocation.UntypedStatus:
      resetIfChildless(untyped);
      setResults(caller, untyped.base, untyped.bits, capacity(untyped) - usedBytes(untyped), 0);
      return KernelError.None;
    default:
      return KernelError.UnknownInvocation;
  }
}

function capacity(untyped: Capability): u64 {
  const one: u64 = 1;
  return one << untyped.bits;
}

function retype(caller: Tcb, untyped: Capability): KernelError {
  if (!hasWords(caller, 4)) {
    return KernelError.WrongLength;
  }
  // No Untyped lacks it, since none is copied; lib/abi therefore documents NoRight for the slots' CNode alone.
  if (!untyped.hasRights(RIGHT_WRITE)) {
    return KernelError.NoRight;
  }
  const kind = word0(caller);
  const count = word3(caller);
  const sizeBits = objectBits(kind, word1(caller));
  if (sizeBits === NO_SIZE || count === 0 || count > MAX_COUNT) {
    return KernelError.OutOfRange;
  }
  if (!isMemory(kind) && count << sizeBits > MAX_CLEARED) {
    return KernelError.OutOfRange;
  }
  const depth = depthError(untyped);
  if (depth !== KernelError.None) {
    return depth;
  }
  const first = findEmptySlots(caller, word2(caller), count);
  if (first === null) {
    return lookupError;
  }
  resetIfChildless(untyped);
  const offset = placeFor(untyped, sizeBits);
  const size = capacity(untyped);
  if (offset >= size || count > (size - offset) >>> sizeBits) {
    return KernelError.OutOfMemory;
  }
  if (!clearStep(untyped)) {
    return KernelError.Again;
  }
  makeObjects(untyped, kind as ObjectKind, sizeBits, offset, count);
  setResult0(caller, count);
  return KernelError.None;
}

/** Makes `count` objects from `offset` on, in the slots that findEmptySlots found. */
function makeObjects(untyped: Capability, kind: ObjectKind, sizeBits: u64, offset: u64, count: u64): void {
  const table = destinationTable;
  if (table === null) {
    return;
  }
  for (let made: u64 = 0; made < count; made++) {
    const slot = table.slots[destinationIndex + made];
    makeObject(slot, kind, sizeBits, untyped.base + offset + (made << sizeBits));
    insertChild(untyped, slot);
  }
  const used = offset + (count << sizeBits);
  const touched = touchedBytes(untyped);
  setMarks(untyped, used, touched > used ? touched : used);
}
