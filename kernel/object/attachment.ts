/**
 * Attachments: a Region's permission to be mapped into one address space. No record is kept of single mappings:
 * deleting an attachment visits just its address space and clears the pages that show the Region's memory.
 */
import { ObjectKind } from '../../lib/abi/object-kind.js';
import { RIGHT_WRITE } from '../../lib/abi/rights.js';
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

/** Whether the attachment's memory has the page at `physical`. */
export function covers(attachment: Capability, physical: u64): boolean {
  return physical >= attachment.base && (physical - attachment.base) >>> attachment.bits === 0;
}

/** Whether some of the region's memory is attached to `space` already: then deleting one would unmap the other's. */
export function overlapsAttached(space: VSpace, region: Capability): boolean {
  let at = space.attached;
  while (at !== null) {
    // Both are aligned to their sizes, so one contains the other or they are apart.
    if (at.kind === ObjectKind.Attachment && (covers(at, region.base) || covers(region, at.base))) {
      return true;
    }
    at = at.listNext;
  }
  return false;
}

/** Whether the page at `physical` may be mapped into `space`: one of its attachments has it. */
export function isAttached(space: VSpace, physical: u64): boolean {
  const recent = space.lastAttachment;
  if (recent !== null && covers(recent, physical)) {
    return true;
  }
  let at = space.attached;
  while (at !== null) {
    // What is being unmapped may not come back behind the scan that unmaps it.
    if (at.kind === ObjectKind.Attachment && (at.flags & SlotFlag.Dying) === 0 && covers(at, physical)) {
      space.lastAttachment = at;
      return true;
    }
    at = at.listNext;
  }
  return false;
}

/** Whether everything attached to `space` may be written, so that giving the right to write takes no look at each. */
export function isAllWritable(space: VSpace): boolean {
  let at = space.attached;
  while (at !== null) {
    if (at.kind !== ObjectKind.Tables && !at.hasRights(RIGHT_WRITE)) {
      return false;
    }
    at = at.listNext;
  }
  return true;
}
