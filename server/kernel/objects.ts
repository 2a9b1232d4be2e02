/**
 * Kernel objects and the capability slots that name them.
 *
 * Objects are made from the Untyped memory that boot.ts did not turn into Regions. An Untyped gives memory out once, so
 * what was made is kept by its users in pools and used again, never deleted; the slots likewise. Small pieces are used
 * up first and small objects are made several at a time, so that alignment wastes little and the large pieces stay
 * whole: an untouched one can still become a Region when pages run out (growth.ts).
 */
import { FIRST_UNTYPED_SLOT } from '../../lib/abi/boot-information';
import { KernelError } from '../../lib/abi/error';
import { Invocation } from '../../lib/abi/invocation';
import { ObjectKind } from '../../lib/abi/object-kind';
import { invoke, result2 } from '../arch/x86_64/kernel-call';

const SOURCE_LIMIT = 96;
/** Smaller pieces than 64 KB stay with kernel objects. */
const SMALLEST_SPARE_BITS: u64 = 16;

/** An Untyped for kernel objects. */
export class ObjectSource {
  slot!: u64;
  physical!: u64;
  bits!: u64;
  isTouched!: boolean;
}

/** Largest first. */
const sources: Fixed<Inline<ObjectSource>, 96> = reserve();
let sourceCount: u64 = 0;
let sourceBytes: u64 = 0;
let nextSlot: u64 = FIRST_UNTYPED_SLOT;
let slotLimit: u64 = 0;

/** Objects made in advance, by kind: the next one's slot and how many there are. */
class Stock {
  slot!: u64;
  left!: u64;
}
const stocks: Fixed<Inline<Stock>, 16> = reserve();

/** Says which slots are free: from `first` up to `limit`. */
export function setSlots(first: u64, limit: u64): void {
  nextSlot = first;
  slotLimit = limit;
}

/** Whether nothing was made of an Untyped yet: the kernel takes the server's own first objects from one of them. */
export function isWhole(untyped: u64, bits: u64): boolean {
  return invoke(untyped, Invocation.UntypedStatus, 0, 0, 0, 0) === KernelError.None && result2() === 1 << bits;
}

/** Gives an Untyped for kernel objects; the largest come first. */
export function addObjectMemory(slot: u64, physical: u64, bits: u64): void {
  if (sourceCount === SOURCE_LIMIT) return;
  const source: ObjectSource = sources[sourceCount];
  source.slot = slot;
  source.physical = physical;
  source.bits = bits;
  source.isTouched = !isWhole(slot, bits);
  sourceBytes += 1 << bits;
  sourceCount++;
}

/** Whether a source could become pages: nothing was made from it, it is large enough, and not the last one. */
function isSpare(source: ObjectSource, index: u64): boolean {
  return !source.isTouched && source.bits >= SMALLEST_SPARE_BITS && index + 1 < sourceCount;
}

/** Takes the largest source away if it is spare; null otherwise. */
export function takeUntouchedSource(): ObjectSource | null {
  if (sourceCount < 2) return null;
  let index: u64 = 0;
  while (index < sourceCount - 1 && sources[index].slot === 0) index++;
  const source: ObjectSource = sources[index];
  if (source.slot === 0 || !isSpare(source, index)) return null;
  sourceBytes -= 1 << source.bits;
  return source;
}

/** Bytes in spare sources. */
export function untouchedBytes(): u64 {
  let bytes: u64 = 0;
  for (let index: u64 = 0; index + 1 < sourceCount; index++) {
    const source: ObjectSource = sources[index];
    if (source.slot !== 0 && isSpare(source, index)) bytes += 1 << source.bits;
  }
  return bytes;
}

/** How many processes the slots and the memory for kernel objects can serve, half of it given to each use. */
export function processCapacity(bytesEach: u64, slotsEach: u64): u64 {
  const bySlots = (slotLimit - nextSlot) / slotsEach;
  const byBytes = sourceBytes / bytesEach;
  return bySlots < byBytes ? bySlots : byBytes;
}

/** An empty slot, 0 when there are no more. */
export function takeSlot(): u64 {
  if (nextSlot >= slotLimit) return 0;
  const slot = nextSlot;
  nextSlot++;
  return slot;
}

/** Makes `count` objects in a row from one given Untyped; gives the first one's slot, 0 if that fails. */
export function makeFrom(untyped: u64, kind: u64, bits: u64, count: u64): u64 {
  if (nextSlot + count > slotLimit) return 0;
  const slot = nextSlot;
  let error = invoke(untyped, Invocation.UntypedRetype, kind, bits, slot, count);
  while (error === KernelError.Again) error = invoke(untyped, Invocation.UntypedRetype, kind, bits, slot, count);
  if (error !== KernelError.None) return 0;
  nextSlot += count;
  return slot;
}

/** How many of a kind are made at once: about 32 KB of the small ones. */
function batchOf(kind: u64): u64 {
  if (kind === ObjectKind.VSpace) return 8;
  if (kind === ObjectKind.Tcb) return 16;
  return kind === ObjectKind.Reply ? 64 : 1;
}

/** Makes an object from the memory for kernel objects; gives its slot, 0 when memory or slots have run out. */
export function makeObject(kind: u64, bits: u64): u64 {
  const stock: Stock = stocks[kind];
  if (stock.left === 0) {
    let count = batchOf(kind);
    let first = makeFromAny(kind, bits, count);
    if (first === 0 && count !== 1) {
      count = 1;
      first = makeFromAny(kind, bits, 1);
    }
    if (count === 1 || first === 0) return first;
    stock.slot = first;
    stock.left = count;
  }
  const slot = stock.slot;
  stock.slot++;
  stock.left--;
  return slot;
}

/** Tries the sources from the smallest up. */
function makeFromAny(kind: u64, bits: u64, count: u64): u64 {
  let index = sourceCount;
  while (index !== 0) {
    index--;
    const source: ObjectSource = sources[index];
    if (source.slot === 0) continue;
    const slot = makeFrom(source.slot, kind, bits, count);
    if (slot !== 0) {
      source.isTouched = true;
      return slot;
    }
  }
  return 0;
}
