/**
 * Kernel objects and the capability slots that name them.
 *
 * Objects are made from the Untyped memory that boot.ts did not turn into Regions. An Untyped gives memory out once, so
 * what was made is kept by its users in pools and used again, never deleted; the slots likewise.
 */
import { FIRST_UNTYPED_SLOT, ROOT_CNODE_SLOT } from '../../lib/abi/boot-information';
import { KernelError } from '../../lib/abi/error';
import { Invocation } from '../../lib/abi/invocation';
import { invoke } from '../arch/x86_64/kernel-call';

const UNTYPED_LIMIT = 96;

/** Slots of the Untyped objects that serve kernel objects, and which of them is used now. */
const sources: Fixed<u32, 96> = reserve();
let sourceCount: u64 = 0;
let currentSource: u64 = 0;
let nextSlot: u64 = FIRST_UNTYPED_SLOT;
let slotLimit: u64 = 0;

/** Says which slots are free: from `first` up to `limit`. */
export function setSlots(first: u64, limit: u64): void {
  nextSlot = first;
  slotLimit = limit;
}

/** Gives an Untyped for kernel objects. */
export function addObjectMemory(slot: u64): void {
  if (sourceCount === UNTYPED_LIMIT) return;
  sources[sourceCount] = slot;
  sourceCount++;
}

/** An empty slot, 0 when there are no more. */
export function takeSlot(): u64 {
  if (nextSlot >= slotLimit) return 0;
  const slot = nextSlot;
  nextSlot++;
  return slot;
}

/** Makes an object from one given Untyped, in a slot of its own; 0 if that fails. */
export function makeFrom(untyped: u64, kind: u64, bits: u64): u64 {
  if (nextSlot >= slotLimit) return 0;
  const slot = nextSlot;
  let error = invoke(untyped, Invocation.UntypedRetype, kind, bits, slot, 1);
  while (error === KernelError.Again) error = invoke(untyped, Invocation.UntypedRetype, kind, bits, slot, 1);
  if (error !== KernelError.None) return 0;
  nextSlot++;
  return slot;
}

/** Makes an object from the memory for kernel objects; 0 when memory or slots have run out. */
export function makeObject(kind: u64, bits: u64): u64 {
  const start = currentSource;
  while (currentSource < sourceCount) {
    const slot = makeFrom(sources[currentSource], kind, bits);
    if (slot !== 0) return slot;
    if (nextSlot >= slotLimit) return 0;
    currentSource++;
  }
  currentSource = start;
  return makeFromAny(kind, bits);
}

/** A small object may still fit where a large one did not. */
function makeFromAny(kind: u64, bits: u64): u64 {
  for (let index: u64 = 0; index < sourceCount; index++) {
    const slot = makeFrom(sources[index], kind, bits);
    if (slot !== 0) return slot;
  }
  return 0;
}

/** Empties a slot of ours and gives the slot back if it was the last one taken. */
export function deleteSlot(slot: u64): void {
  let error = invoke(ROOT_CNODE_SLOT, Invocation.CNodeDelete, slot, 0, 0, 0);
  while (error === KernelError.Again) error = invoke(ROOT_CNODE_SLOT, Invocation.CNodeDelete, slot, 0, 0, 0);
  if (slot + 1 === nextSlot) nextSlot = slot;
}
