/**
 * From what the kernel gives at boot to a working heap: most memory becomes Regions, mapped in the window and handed out
 * as pages; the rest stays Untyped, for kernel objects and page tables.
 *
 * Works from 16 MB to the terabytes: everything is proportional to the memory there is.
 */
import {
  type BootInformation, FIRST_UNTYPED_SLOT,
} from '../lib/abi/boot-information';
import { ObjectKind } from '../lib/abi/object-kind';
import { fillMemory } from '../lib/arch/x86_64/bytes';
import { addressOfPage, setRecords } from './arch/x86_64/window';
import { makeEndpoints } from './kernel/endpoint';
import { addObjectMemory, makeFrom, setSlots } from './kernel/objects';
import { addRegion, REGION_LIMIT, regionAt, regionCount } from './kernel/regions';
import { stop } from './kernel/stop';
import { makeZeroPage } from './memory/fault';
import { mapModule, moduleFramesEnd } from './memory/module';
import { attachToWindow, mapInWindow } from './kernel/window';
import { PageRecord, addPages, setReservedPages, totalPages } from './memory/pages';

/** Smaller pieces of memory than this are for kernel objects. */
const SMALLEST_REGION_BITS: u64 = 19;

/** Makes window, page pool, heap and endpoints. The first thing the server does. */
export function startMemory(information: BootInformation): void {
  setSlots(information.firstFreeSlot, 1 << information.rootRadix);
  shareOut(information);
  mapModule(information);
  makeRecords();
  makeEndpoints();
  makeZeroPage();
}

/**
 * Decides what becomes a Region: the largest pieces, as long as about a fifth of all memory stays for kernel objects.
 * (A small process takes some 40 KB of kernel memory and a few hundred KB of pages.)
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
  const share = total - total / 5;
  let taken: u64 = 0;
  let regions: u64 = 0;
  for (let bits: u64 = largest; bits >= smallest && bits !== 0; bits--) {
    for (let index: u64 = 0; index < information.untypedCount; index++) {
      if (information.untyped[index].bits !== bits) continue;
      const isRegion = bits >= SMALLEST_REGION_BITS && regions < REGION_LIMIT - 1 && taken + (1 << bits) <= share;
      if (!isRegion) {
        addObjectMemory(FIRST_UNTYPED_SLOT + index);
        continue;
      }
      taken += 1 << bits;
      regions++;
    }
  }
  makeRegions(information, largest, share);
}

/** The same walk again, now with memory for page tables at hand: makes, attaches and maps the Regions. */
function makeRegions(information: BootInformation, largest: u64, share: u64): void {
  let taken: u64 = 0;
  for (let bits: u64 = largest; bits >= SMALLEST_REGION_BITS; bits--) {
    for (let index: u64 = 0; index < information.untypedCount; index++) {
      if (information.untyped[index].bits !== bits || regionCount() === REGION_LIMIT - 1) continue;
      if (taken + (1 << bits) > share) continue;
      taken += 1 << bits;
      const region = makeFrom(FIRST_UNTYPED_SLOT + index, ObjectKind.Region, bits);
      if (region === 0) {
        // The kernel has used part of it for our own first objects: the rest serves for more of these.
        addObjectMemory(FIRST_UNTYPED_SLOT + index);
        continue;
      }
      const physical = information.untyped[index].physical;
      const attachment = attachToWindow(region);
      mapInWindow(attachment, 0, physical, 1 << (bits - 12));
      addRegion(physical >>> 12, 1 << (bits - 12), region, attachment);
    }
  }
  if (taken === 0) stop('there is no memory to hand out');
}

/** Takes the page records out of the largest Region and puts all other pages into the pool. */
function makeRecords(): void {
  let frames = moduleFramesEnd();
  for (let index: u64 = 0; index < regionCount(); index++) {
    const end = regionAt(index).firstFrame + regionAt(index).pages;
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
