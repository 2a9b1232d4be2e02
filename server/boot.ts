/**
 * From what the kernel gives at boot to a working heap: half of memory becomes Regions, mapped in the window and handed
 * out as pages; the rest stays Untyped, for kernel objects, page tables, and more pages later.
 *
 * Works from 16 MB to the terabytes: everything is proportional to the memory there is.
 */
import { type BootInformation, type BootUntyped, FIRST_UNTYPED_SLOT } from '../lib/abi/boot-information';
import { fillMemory } from '../lib/arch/x86_64/bytes';
import { addressOfPage, setRecords } from './arch/x86_64/window';
import { makeEndpoints } from './kernel/endpoint';
import { makeRegion } from './kernel/growth';
import { addObjectMemory, isWhole, setSlots } from './kernel/objects';
import { regionAt, regionCount } from './kernel/regions';
import { stop } from './kernel/stop';
import { makeZeroPage } from './memory/fault';
import { mapModule, moduleFramesEnd } from './memory/module';
import { addPages, PageRecord, setReservedPages, setTotalPages, totalPages } from './memory/pages';

/** Smaller pieces of memory than this are for kernel objects. */
const SMALLEST_REGION_BITS: u64 = 19;

/** Makes window, page pool, heap and endpoints. The first thing the server does. */
export function startMemory(information: BootInformation): void {
  setSlots(information.firstFreeSlot, 1 << information.rootRadix);
  shareOut(information);
  mapModule(information);
  makeRecords(information);
  makeEndpoints();
  makeZeroPage();
}

/**
 * Decides what becomes a Region at once: the largest pieces, until they are half of all memory. The rest is for kernel objects
 * (a small process takes some 40 KB of them, and as much in pages), or for more pages when they run out.
 */
function shareOut(information: BootInformation): void {
  let total: u64 = 0;
  let smallest: u64 = 64;
  let largest: u64 = 0;
  for (let index: u64 = 0; index < information.untypedCount; index++) {
    const bits = information.untyped[index].bits;
    total += 1 << bits;
    if (bits < smallest) smallest = bits;
    if (bits > largest) largest = bits;
  }
  setTotalPages(total >>> 12);
  addSources(information, largest, smallest, total / 2, false);
  addSources(information, largest, smallest, total / 2, true);
}

/**
 * Goes through the pieces from the largest down, making `share` bytes of them Regions. First only the others are taken,
 * as memory for kernel objects, because Regions need page tables; then, with `makesRegions`, the Regions.
 */
function addSources(
  information: BootInformation,
  largest: u64,
  smallest: u64,
  share: u64,
  makesRegions: boolean,
): void {
  let taken: u64 = 0;
  for (let bits: u64 = largest; bits >= smallest && bits !== 0; bits--) {
    for (let index: u64 = 0; index < information.untypedCount; index++) {
      const piece: BootUntyped = information.untyped[index];
      if (piece.bits !== bits) continue;
      const slot = FIRST_UNTYPED_SLOT + index;
      if (bits >= SMALLEST_REGION_BITS && taken < share && isWhole(slot, bits)) {
        taken += 1 << bits;
        if (makesRegions) makeRegion(slot, piece.physical, bits);
      } else if (!makesRegions) addObjectMemory(slot, piece.physical, bits);
    }
  }
  if (taken === 0) stop('there is no memory to hand out');
}

/** Takes the page records out of the largest Region and puts all other pages into the pool. */
function makeRecords(information: BootInformation): void {
  let frames = moduleFramesEnd();
  for (let index: u64 = 0; index < information.untypedCount; index++) {
    const piece: BootUntyped = information.untyped[index];
    const end = (piece.physical + (1 << piece.bits)) >>> 12;
    if (end > frames) frames = end;
  }
  const home = regionAt(0);
  const bytes: u64 = frames * (sizeOf<PageRecord>() as u64);
  const pages = (bytes + 4095) >>> 12;
  if (pages + 64 > home.pages) stop('there is too little memory');
  fillMemory(addressOfPage(home.firstFrame), 0, pages << 12);
  setRecords(addressOfPage(home.firstFrame));
  addPages(home.firstFrame + pages, home.pages - pages);
  for (let index: u64 = 1; index < regionCount(); index++) addPages(regionAt(index).firstFrame, regionAt(index).pages);
  const wanted = totalPages() / 32;
  setReservedPages(wanted < 64 ? 64 : wanted > 512 ? 512 : wanted);
}
