/**
 * The Regions that make up the window, by frame number: which capability maps a page into an address space, and which
 * one the server itself holds for it. There are few, the largest first, so the search is short.
 */
export const REGION_LIMIT = 24;

export class MemoryRegion {
  firstFrame!: u64;
  pages!: u64;
  /** The Region. */
  slot!: u64;
  /** Its Attachment to the server's own address space. */
  attachment!: u64;
}

const table: Fixed<Inline<MemoryRegion>, 24> = reserve();
let count: u64 = 0;

export function regionCount(): u64 {
  return count;
}

export function regionAt(index: u64): MemoryRegion {
  return table[index];
}

export function addRegion(firstFrame: u64, pages: u64, slot: u64, attachment: u64): void {
  const region: MemoryRegion = table[count];
  region.firstFrame = firstFrame;
  region.pages = pages;
  region.slot = slot;
  region.attachment = attachment;
  count++;
}

/** The index of the Region that holds `frame`, which is one of ours. */
export function regionOf(frame: u64): u64 {
  let index: u64 = 0;
  while (frame - table[index].firstFrame >= table[index].pages) index++;
  return index;
}
