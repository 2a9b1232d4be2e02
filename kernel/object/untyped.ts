/**
 * Untyped memory: what every object is made of. Allocation goes upwards from a mark; when nothing that was made of it
 * is left, the mark goes back to the start.
 *
 * Kernel objects are cleared as they are made. Regions are not if their memory was never used since boot, because then
 * it holds nobody's secrets; memory above the mark that was in use once is cleared in bounded steps before the next
 * allocation.
 */
import { ObjectKind } from '../../lib/abi/object-kind.js';
import { zeroMemory } from '../arch/x86_64/memory.js';
import type { Capability } from './capability.js';

/** Marks are kept in units of the smallest object. */
const UNIT_BITS = 6;
const HALF_MASK: u64 = 0xffff_ffff;
/** Bytes cleared in one step. */
const CLEAR_STEP: u64 = 0x20_0000;

/** Bytes in use. */
export function usedBytes(untyped: Capability): u64 {
  return (untyped.word & HALF_MASK) << UNIT_BITS;
}

/** Bytes from the start that were ever in use: what lies between this and the used bytes must be cleared. */
export function touchedBytes(untyped: Capability): u64 {
  return (untyped.word >>> 32) << UNIT_BITS;
}

export function setMarks(untyped: Capability, used: u64, touched: u64): void {
  untyped.word = (used >>> UNIT_BITS) | ((touched >>> UNIT_BITS) << 32);
}

/** Sets the mark back if nothing is left of what was made. */
export function resetIfChildless(untyped: Capability): void {
  if (!untyped.hasDescendants) {
    setMarks(untyped, 0, touchedBytes(untyped));
  }
}

/** Clears the next part of what was in use once; true when all is clear. */
export function clearStep(untyped: Capability): boolean {
  const used = usedBytes(untyped);
  const touched = touchedBytes(untyped);
  if (touched <= used) {
    return true;
  }
  const bytes = touched - used > CLEAR_STEP ? CLEAR_STEP : touched - used;
  zeroMemory(untyped.base + touched - bytes, bytes);
  setMarks(untyped, used, touched - bytes);
  return touched - bytes === used;
}

/** Where an object of 2^bits bytes would start: the mark, aligned. */
export function placeFor(untyped: Capability, bits: u64): u64 {
  const one: u64 = 1;
  const size = one << bits;
  return (usedBytes(untyped) + size - 1) & ~(size - 1);
}

/** Fills the empty `slot` with a capability to fresh memory; the memory itself is prepared by the caller. */
export function makeMemoryCapability(slot: Capability, kind: ObjectKind, bits: u64, physical: u64, rights: u64): void {
  slot.kind = kind;
  slot.rights = rights;
  slot.bits = bits;
  slot.base = physical;
  if (kind === ObjectKind.Untyped) {
    setMarks(slot, 0, 0);
  }
}
