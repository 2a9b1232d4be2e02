/**
 * Attachments: a Region's permission to be mapped into one address space. No record is kept of single mappings:
 * deleting an attachment visits just its address space and clears the pages that show the Region's memory.
 */
import { ObjectKind } from '../../lib/abi/object-kind.js';
import { covers, findAttachment } from './attachment-index.js';
import { type Capability, SlotFlag } from './capability.js';
import { attachToSpace, type VSpace } from './vspace.js';

/** Fills the empty slot `destination` with an attachment of `region` to `space`. */
export function makeAttachment(region: Capability, space: VSpace, destination: Capability): void {
  destination.kind = ObjectKind.Attachment;
  destination.rights = region.rights;
  destination.bits = region.bits;
  destination.base = region.base;
  destination.word = 0;
  attachToSpace(space, destination);
}

/** Whether the page at `physical` may be mapped into `space`: one of its attachments has it. */
export function isAttached(space: VSpace, physical: u64): boolean {
  const recent = space.lastAttachment;
  if (recent !== null && covers(recent, physical)) {
    return true;
  }
  const found = findAttachment(space, physical);
  // What is being unmapped may not come back behind the scan that unmaps it.
  if (found === null || (found.flags & SlotFlag.Dying) !== 0) {
    return false;
  }
  space.lastAttachment = found;
  return true;
}

/** Whether everything attached to `space` may be written, so that giving the right to write takes no look at each. */
export function isAllWritable(space: VSpace): boolean {
  return space.readOnly === 0;
}
