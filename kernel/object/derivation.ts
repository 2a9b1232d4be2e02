/**
 * The derivation tree: who was made from whom. One preorder list with depths (capability.ts); all functions here keep
 * its two invariants: a follower is at most one level deeper, and capabilities to one object are neighbours.
 */
import { ObjectKind } from '../../lib/abi/object-kind.js';
import type { Capability } from './capability.js';
import { replaceInSpace, type VSpace } from './vspace.js';

/** Puts `child`, whose content is complete, below `parent`, as its first child. */
export function insertChild(parent: Capability, child: Capability): void {
  const next = parent.next;
  child.depth = parent.depth + 1;
  child.previous = parent;
  child.next = next;
  parent.next = child;
  if (next !== null) {
    next.previous = child;
  }
}

/** Takes a capability that has no descendants out of the tree. */
export function removeFromTree(slot: Capability): void {
  const next = slot.next;
  const previous = slot.previous;
  if (previous !== null) {
    previous.next = next;
  }
  if (next !== null) {
    next.previous = previous;
  }
  slot.next = null;
  slot.previous = null;
}

/** Makes a slot empty; it is in no list any more. */
export function clearSlot(slot: Capability): void {
  slot.kind = ObjectKind.None;
  slot.rights = 0;
  slot.bits = 0;
  slot.guardBits = 0;
  slot.depth = 0;
  slot.flags = 0;
  slot.word = 0;
  slot.object = null;
  slot.base = 0;
  slot.next = null;
  slot.previous = null;
  slot.listNext = null;
  slot.listPrevious = null;
}

/** Copies what a capability says, but not where it stands. */
export function copyContent(source: Capability, destination: Capability): void {
  destination.kind = source.kind;
  destination.rights = source.rights;
  destination.bits = source.bits;
  destination.guardBits = source.guardBits;
  destination.word = source.word;
  destination.object = source.object;
  destination.base = source.base;
}

/** Whether two capabilities are to the same object, one that ends with its last capability. */
function sameObject(one: Capability, other: Capability): boolean {
  return one.kind === other.kind && one.object !== null && one.object === other.object;
}

/** Whether no other capability leads to the object of this one. */
export function isLast(slot: Capability): boolean {
  const next = slot.next;
  if (next !== null && sameObject(slot, next)) {
    return false;
  }
  const previous = slot.previous;
  return previous === null || !sameObject(slot, previous);
}

/** How many descendants a capability has, counted up to `limit`. */
export function countDescendants(slot: Capability, limit: u64): u64 {
  let count: u64 = 0;
  let at = slot.next;
  while (at !== null && at.depth > slot.depth && count < limit) {
    count++;
    at = at.next;
  }
  return count;
}

/** Descendants that are handed up before handDescendantsUp stops. */
export const HANDED_UP_PER_STEP: u64 = 1024;

/**
 * Hands the descendants of `slot` to its parent: child by child, each subtree moves up one level and in front of
 * `slot`, so the tree is whole after every one. False if it stops with more to be handed up: a step ends with the
 * subtree that makes it HANDED_UP_PER_STEP or more.
 */
export function handDescendantsUp(slot: Capability): boolean {
  let count: u64 = 0;
  let first = slot.next;
  while (first !== null && first.depth > slot.depth) {
    if (count >= HANDED_UP_PER_STEP) {
      return false;
    }
    const depth = first.depth;
    let last = first;
    let next = first.next;
    first.depth--;
    count++;
    while (next !== null && next.depth > depth) {
      next.depth--;
      count++;
      last = next;
      next = next.next;
    }
    moveBefore(slot, first, last);
    first = slot.next;
  }
  return true;
}

/** Moves the stretch `first`..`last`, which follows `slot` directly, in front of it. */
function moveBefore(slot: Capability, first: Capability, last: Capability): void {
  const after = last.next;
  const before = slot.previous;
  slot.next = after;
  if (after !== null) {
    after.previous = slot;
  }
  first.previous = before;
  if (before !== null) {
    before.next = first;
  }
  last.next = slot;
  slot.previous = last;
}

/** Puts `slot`'s capability into the empty slot `destination`, with its place in every list. */
export function moveCapability(slot: Capability, destination: Capability): void {
  copyContent(slot, destination);
  destination.depth = slot.depth;
  destination.flags = slot.flags;
  destination.next = slot.next;
  destination.previous = slot.previous;
  destination.listNext = slot.listNext;
  destination.listPrevious = slot.listPrevious;
  if (slot.next !== null) {
    slot.next.previous = destination;
  }
  if (slot.previous !== null) {
    slot.previous.next = destination;
  }
  if (destination.isAttached) {
    replaceInSpace(destination.object as VSpace, slot, destination);
  }
  clearSlot(slot);
}
