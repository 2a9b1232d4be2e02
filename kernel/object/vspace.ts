/**
 * An address space. The object is the root page table itself: entries 0..255 map the user's half, 256 the direct map
 * and 511 the kernel image. The entries between those two are never present (bit 0 is clear in all that is kept
 * there: pointers and page addresses), so the processor ignores them and the object's own fields live in them
 * (Intel SDM 3A 4.5.2).
 */
import type { TablePool } from '../arch/x86_64/paging.js';
import type { Capability } from './capability.js';
import { KernelObject } from './kernel-object.js';

export class VSpace extends KernelObject {
  userEntries!: Fixed<u64, 256>;
  directMapEntry!: u64;
  /** Page-table pages to be used. */
  pool!: Inline<TablePool>;
  /** Attachments, mapped Frames and supplied Tables. */
  attached!: Capability | null;
  /** The attachment that the last lookup found: usually the next one's answer. */
  lastAttachment!: Capability | null;
  unused!: Fixed<u64, 251>;
  imageEntry!: u64;
}

staticAssert(sizeOf<VSpace>() === 4096, 'a VSpace is a page table');
staticAssert(offsetOf<VSpace>('directMapEntry') === 2048, 'the direct map is entry 256');

/** Enters a capability into the list of what is attached to `space`. */
export function attachToSpace(space: VSpace, capability: Capability): void {
  const first = space.attached;
  capability.object = space;
  capability.listPrevious = null;
  capability.listNext = first;
  if (first !== null) {
    first.listPrevious = capability;
  }
  space.attached = capability;
}

/** Takes a capability out of that list again. */
export function detachFromSpace(space: VSpace, capability: Capability): void {
  const next = capability.listNext;
  const previous = capability.listPrevious;
  if (previous === null) {
    space.attached = next;
  } else {
    previous.listNext = next;
  }
  if (next !== null) {
    next.listPrevious = previous;
  }
  if (space.lastAttachment === capability) {
    space.lastAttachment = null;
  }
  capability.listNext = null;
  capability.listPrevious = null;
  capability.object = null;
}

/** A capability of the list has moved to another slot; its neighbours know already. */
export function replaceInSpace(space: VSpace, from: Capability, to: Capability): void {
  if (space.attached === from) {
    space.attached = to;
  }
  if (space.lastAttachment === from) {
    space.lastAttachment = to;
  }
}
