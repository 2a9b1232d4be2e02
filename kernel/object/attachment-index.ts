/**
 * The attachments of an address space by physical address: a digital search tree (Knuth, The Art of Computer
 * Programming 3, 6.3, algorithm D). From the top on, each level decides by one bit of the address; an attachment stands
 * where the way along its own bits first found room. No two overlap, so the bits that tell one apart from all others
 * are no more than those above its size, and no way is longer than PHYSICAL_BITS - PAGE_BITS steps, whatever ring 3
 * attaches. Children are `listPrevious` (bit 0) and `listNext` (bit 1).
 */
import type { Capability } from './capability.js';
import type { VSpace } from './vspace.js';

/** The highest address bit that MAXPHYADDR allows (Intel SDM 3A 4.1.4). */
const TOP_BIT: u64 = 51;

/** Whether the attachment's memory has the page at `physical`. */
export function covers(attachment: Capability, physical: u64): boolean {
  return physical >= attachment.base && (physical - attachment.base) >>> attachment.bits === 0;
}

function childOf(at: Capability, key: u64, bit: u64): Capability | null {
  return ((key >>> bit) & 1) === 0 ? at.listPrevious : at.listNext;
}

/** Makes `child` what the way along `key` finds below `parent`, or at the top where that is null. */
function setChild(space: VSpace, parent: Capability | null, key: u64, bit: u64, child: Capability | null): void {
  if (parent === null) {
    space.attachments = child;
  } else if (((key >>> bit) & 1) === 0) {
    parent.listPrevious = child;
  } else {
    parent.listNext = child;
  }
}

/** The attachment that has the page at `physical`, or null. It lies on the way along that address. */
export function findAttachment(space: VSpace, physical: u64): Capability | null {
  let at = space.attachments;
  let bit = TOP_BIT;
  while (at !== null && !covers(at, physical)) {
    at = childOf(at, physical, bit);
    bit--;
  }
  return at;
}

/** Whether one has some of the memory of `region`: what lies inside that stands on the way along its bits or below. */
export function overlapsAttached(space: VSpace, region: Capability): boolean {
  let at = space.attachments;
  let bit = TOP_BIT;
  while (at !== null) {
    // Both are aligned to their sizes, so one contains the other or they are apart.
    if (covers(at, region.base) || covers(region, at.base)) {
      return true;
    }
    at = childOf(at, region.base, bit);
    bit--;
  }
  return false;
}

/** Enters an attachment that overlaps none. */
export function insertAttachment(space: VSpace, attachment: Capability): void {
  let parent: Capability | null = null;
  let at = space.attachments;
  let bit = TOP_BIT + 1;
  while (at !== null) {
    bit--;
    parent = at;
    at = childOf(at, attachment.base, bit);
  }
  setChild(space, parent, attachment.base, bit, attachment);
}

/** Puts `to`, which has its children and may be null, where `from` stands. */
export function replaceAttachment(space: VSpace, from: Capability, to: Capability | null): void {
  let parent: Capability | null = null;
  let at = space.attachments;
  let bit = TOP_BIT + 1;
  while (at !== null && at !== from) {
    bit--;
    parent = at;
    at = childOf(at, from.base, bit);
  }
  setChild(space, parent, from.base, bit, to);
}

/** Takes an attachment out. Any leaf below it may take its place, since all of them share the bits that led there. */
export function removeAttachment(space: VSpace, attachment: Capability): void {
  let parent: Capability | null = null;
  let leaf = attachment;
  let below = leaf.listNext !== null ? leaf.listNext : leaf.listPrevious;
  while (below !== null) {
    parent = leaf;
    leaf = below;
    below = leaf.listNext !== null ? leaf.listNext : leaf.listPrevious;
  }
  if (parent === null) {
    replaceAttachment(space, attachment, null);
    return;
  }
  if (parent.listNext === leaf) {
    parent.listNext = null;
  } else {
    parent.listPrevious = null;
  }
  leaf.listNext = attachment.listNext;
  leaf.listPrevious = attachment.listPrevious;
  replaceAttachment(space, attachment, leaf);
  attachment.listNext = null;
  attachment.listPrevious = null;
}
