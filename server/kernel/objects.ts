/**
 * Kernel objects and the capability slots that name them.
 *
 * Objects are made from the Untyped memory that boot.ts did not turn into Regions. An Untyped gives memory out once, so
 * what was made is kept by its users in pools and used again; what ends (vspace.ts) has an Untyped of its own and is
 * made anew in the same slot. Small pieces are used up first and small objects are made several at a time, so that
 * alignment wastes little and the large pieces stay whole: an untouched one can still become a Region when pages run
 * out (growth.ts).
 */
import { FIRST_UNTYPED_SLOT } from '../../lib/abi/boot-information';
import { KernelError } from '../../lib/abi/error';
import { Invocation } from '../../lib/abi/invocation';
import { ObjectKind } from '../../lib/abi/object-kind';
import { invoke, result2 } from '../arch/x86_64/kernel-call';
import { stop } from './stop';

const SOURCE_LIMIT = 96;
/** Smaller pieces than 64 KB stay with kernel objects. */
const SMALLEST_SPARE_BITS: u64 = 16;
/** Sources are split down to 512 KB before kernel objects are made of them. */
const PIECE_BITS: u64 = 19;

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
  sourceCount++;
}

/** Whether a source could become pages: nothing was made from it, it is large enough, and not the last one. */
function isSpare(source: ObjectSource, index: u64): boolean {
  return !source.isTouched && source.bits >= SMALLEST_SPARE_BITS && index + 1 < sourceCount;
}

/** Bytes of untouched sources that kernel objects keep, however scarce pages become. */
let floorBytes: u64 = 0;

export function setObjectFloor(bytes: u64): void {
  floorBytes = bytes;
}

/** Bytes in spare sources. */
export function spareBytes(): u64 {
  let bytes: u64 = 0;
  for (let index: u64 = 0; index < sourceCount; index++) {
    if (sources[index].slot !== 0 && isSpare(sources[index], index)) bytes += 1 << sources[index].bits;
  }
  return bytes;
}

/** The largest source that could become pages without going below the floor, or null; its taker sets `slot` to 0. */
export function findSpareSource(): ObjectSource | null {
  const spare = spareBytes();
  for (let index: u64 = 0; index < sourceCount; index++) {
    const source: ObjectSource = sources[index];
    if (source.slot === 0 || !isSpare(source, index)) continue;
    if (spare - (1 << source.bits) >= floorBytes) return source;
  }
  return null;
}

/** How many times `each` slots there are left. */
export function slotCapacity(each: u64): u64 {
  return (slotLimit - nextSlot) / each;
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
  if (retype(untyped, kind, bits, slot, count) !== KernelError.None) return 0;
  nextSlot += count;
  return slot;
}

/** Makes one object in a slot that is empty again, from an Untyped that has room for it. */
export function makeAt(untyped: u64, kind: u64, slot: u64): void {
  if (retype(untyped, kind, 0, slot, 1) !== KernelError.None) stop('a kernel object could not be made anew');
}

function retype(untyped: u64, kind: u64, bits: u64, slot: u64, count: u64): u64 {
  let error = invoke(untyped, Invocation.UntypedRetype, kind, bits, slot, count);
  while (error === KernelError.Again) error = invoke(untyped, Invocation.UntypedRetype, kind, bits, slot, count);
  return error;
}

/** How many of a kind are made at once: about 32 KB of the small ones. */
function batchOf(kind: u64): u64 {
  if (kind === ObjectKind.Untyped) return 8;
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

/** Tries what is in use first, then opens a new piece: the smallest there is, as small as splitting makes it. */
function makeFromAny(kind: u64, bits: u64, count: u64): u64 {
  for (let index: u64 = 0; index < sourceCount; index++) {
    const source: ObjectSource = sources[index];
    if (!source.isTouched || source.slot === 0) continue;
    const slot = makeFrom(source.slot, kind, bits, count);
    if (slot !== 0) return slot;
  }
  let index = sourceCount;
  while (index !== 0) {
    index--;
    if (sources[index].isTouched || sources[index].slot === 0) continue;
    while (sources[index].bits > PIECE_BITS && sources[index].bits > bits && split(index)) index++;
    const slot = makeFrom(sources[index].slot, kind, bits, count);
    if (slot === 0) continue;
    sources[index].isTouched = true;
    return slot;
  }
  return 0;
}

/** Halves an untouched source: the halves stand at `index` and behind it. False if there is no room for one more. */
function split(index: u64): boolean {
  if (sourceCount === SOURCE_LIMIT) return false;
  const bits = sources[index].bits - 1;
  const slot = makeFrom(sources[index].slot, ObjectKind.Untyped, bits, 2);
  if (slot === 0) return false;
  for (let at = sourceCount; at > index + 1; at--) copySource(sources[at], sources[at - 1]);
  sourceCount++;
  const first: ObjectSource = sources[index];
  const second: ObjectSource = sources[index + 1];
  second.slot = slot + 1;
  second.physical = first.physical + (1 << bits);
  second.bits = bits;
  second.isTouched = false;
  first.slot = slot;
  first.bits = bits;
  return true;
}

function copySource(to: ObjectSource, from: ObjectSource): void {
  to.slot = from.slot;
  to.physical = from.physical;
  to.bits = from.bits;
  to.isTouched = from.isTouched;
}
