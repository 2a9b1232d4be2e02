/**
 * What deletion undoes of mappings: attachments, frames, and page-table memory.
 */

import { removeTables, SCAN_END, unmapPhysical, unmapWithin } from '../arch/x86_64/address-space.js';
import { physicalOfObject } from './arch/x86_64/objects.js';
import { type Capability, SlotFlag } from './capability.js';
import { detachFromSpace, type VSpace } from './vspace.js';

/** Page-table entries that one step looks at. */
const UNMAP_BUDGET: u64 = 16384;

/**
 * Clears the pages that an attachment mapped, from the lowest upwards; true when none is left and the attachment is
 * out of its address space. Until then the attachment cannot be used.
 */
export function unmapAttachment(slot: Capability): boolean {
  const space = slot.object as VSpace | null;
  if (space === null) {
    return true;
  }
  const one: u64 = 1;
  slot.flags |= SlotFlag.Dying;
  if (space.lastAttachment === slot) {
    space.lastAttachment = null;
  }
  const end = slot.base + (one << slot.bits);
  slot.word = unmapPhysical(physicalOfObject(space), slot.base, end, slot.word, UNMAP_BUDGET);
  if (slot.word < SCAN_END) {
    return false;
  }
  detachFromSpace(space, slot);
  return true;
}

/** Takes out what is still there of a frame, of which parts may have been unmapped or replaced meanwhile. */
export function unmapFrame(slot: Capability): void {
  const space = slot.object as VSpace | null;
  if (space === null) {
    return;
  }
  const root = physicalOfObject(space);
  const one: u64 = 1;
  unmapWithin(root, slot.base, slot.word, one << slot.bits);
  detachFromSpace(space, slot);
  slot.word = 0;
}

/** Page-table memory goes: what its tables map is unmapped, and no table of it stays in use or in the pool. */
export function withdrawTables(slot: Capability): void {
  const space = slot.object as VSpace | null;
  if (space === null) {
    return;
  }
  const one: u64 = 1;
  removeTables(physicalOfObject(space), slot.base, slot.base + (one << slot.bits), space.pool);
  detachFromSpace(space, slot);
}
