/**
 * An address space. The object is the root page table itself: entries 0..255 map the user's half, 256 the direct map
 * and 511 the kernel image. The entries between those two are never present (bit 0 is clear in all that is kept
 * there: pointers, page addresses and even numbers), so the processor ignores them and the object's own fields live in them
 * (Intel SDM 3A 4.5.2).
 */
import { ObjectKind } from '../../lib/abi/object-kind.js';
import { RIGHT_WRITE } from '../../lib/abi/rights.js';
import type { TablePool } from '../arch/x86_64/paging.js';
import { insertAttachment, removeAttachment, replaceAttachment } from './attachment-index.js';
import type { Capability } from './capability.js';
import { KernelObject } from './kernel-object.js';

export class VSpace extends KernelObject {
  userEntries!: Fixed<u64, 256>;
  directMapEntry!: u64;
  /** Page-table pages to be used. */
  pool!: Inline<TablePool>;
  /** Attachments, by physical address (attachment-index.ts). */
  attachments!: Capability | null;
  /** Mapped Frames and supplied Tables, a list. */
  attached!: Capability | null;
  /** The attachment that the last lookup found: usually the next one's answer. */
  lastAttachment!: Capability | null;
  /** Twice the number of attachments and Frames that may not be written. */
  readOnly!: u64;
  unused!: Fixed<u64, 249>;
  imageEntry!: u64;
}

staticAssert(sizeOf<VSpace>() === 4096, 'a VSpace is a page table');
staticAssert(offsetOf<VSpace>('directMapEntry') === 2048, 'the direct map is entry 256');

/** What `capability` adds to `readOnly` while it is attached. */
function readOnlyShare(capability: Capability): u64 {
  return capability.kind === ObjectKind.Tables || capability.hasRights(RIGHT_WRITE) ? 0 : 2;
}

/** Enters a capability into what is attached to `space`. */
export function attachToSpace(space: VSpace, capability: Capability): void {
  capability.object = space;
  space.readOnly += readOnlyShare(capability);
  if (capability.kind === ObjectKind.Attachment) {
    insertAttachment(space, capability);
    return;
  }
  const first = space.attached;
  capability.listPrevious = null;
  capability.listNext = first;
  if (first !== null) {
    first.listPrevious = capability;
  }
  space.attached = capability;
}

/** Takes a capability out of that again. */
export function detachFromSpace(space: VSpace, capability: Capability): void {
  space.readOnly -= readOnlyShare(capability);
  capability.object = null;
  if (capability.kind === ObjectKind.Attachment) {
    if (space.lastAttachment === capability) {
      space.lastAttachment = null;
    }
    removeAttachment(space, capability);
    return;
  }
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
  capability.listNext = null;
  capability.listPrevious = null;
}

/** What is attached has moved from one slot to another, which is a copy of the first. */
export function replaceInSpace(space: VSpace, from: Capability, to: Capability): void {
  if (from.kind === ObjectKind.Attachment) {
    if (space.lastAttachment === from) {
      space.lastAttachment = to;
    }
    replaceAttachment(space, from, to);
    return;
  }
  const next = from.listNext;
  const previous = from.listPrevious;
  if (next !== null) {
    next.listPrevious = to;
  }
  if (previous !== null) {
    previous.listNext = to;
  } else {
    space.attached = to;
  }
}
