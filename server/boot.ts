/**
 * From what the kernel gives at boot to a working heap: most memory becomes Regions, mapped in the window and handed out
 * as pages; the rest stays Untyped, for kernel objects and page tables.
 *
 * Works from 16 MB to the terabytes: everything is proportional to the memory there is.
 */
import {
  type BootInformation, FIRST_UNTYPED_SLOT, MODULE_SLOT, ROOT_VSPACE_SLOT,
} from '../lib/abi/boot-information';
import { KernelError } from '../lib/abi/error';
import { Invocation } from '../lib/abi/invocation';
import { ObjectKind } from '../lib/abi/object-kind';
import { MapRights, MAP_MAX_PAGES } from '../lib/abi/rights';
import { fillMemory } from '../lib/arch/x86_64/bytes';
import { invoke, result0 } from './arch/x86_64/kernel-call';
import { addressOfPage, setRecords, WINDOW } from './arch/x86_64/window';
import { makeEndpoints } from './kernel/endpoint';
import { addObjectMemory, makeFrom, makeObject, setSlots, takeSlot } from './kernel/objects';
import { addRegion, REGION_LIMIT, regionAt, regionCount } from './kernel/regions';
import { stop } from './kernel/stop';
import { makeZeroPage } from './memory/fault';
import { PageRecord, addPages, setReservedPages, totalPages } from './memory/pages';

/** Smaller pieces of memory than this are for kernel objects. */
const SMALLEST_REGION_BITS: u64 = 19;

/** Where the boot module is seen, and how long it is; 0: there is none. */
export let moduleAddress: u64 = 0;
export let moduleBytes: u64 = 0;
let moduleRegionFrames: u64 = 0;
let moduleRegionFirst: u64 = 0;
let moduleAttachment: u64 = 0;

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
      if (region === 0) stop('no Region could be made');
      const physical = information.untyped[index].physical;
      const attachment = attachToWindow(region);
      mapInWindow(attachment, 0, physical, 1 << (bits - 12));
      addRegion(physical >>> 12, 1 << (bits - 12), region, attachment);
    }
  }
  if (taken === 0) stop('there is no memory to hand out');
}

function attachToWindow(region: u64): u64 {
  const slot = takeSlot();
  if (invoke(region, Invocation.RegionAttach, ROOT_VSPACE_SLOT, slot, 0, 0) !== KernelError.None) {
    stop('memory could not be attached to the window');
  }
  return slot;
}

/** Maps `pages` pages from `offset` of a Region at their place in the window. */
function mapInWindow(attachment: u64, offset: u64, physical: u64, pages: u64): void {
  const rights = MapRights.Read | MapRights.Write;
  let done: u64 = 0;
  while (done < pages) {
    const left = pages - done;
    const count: u64 = left < MAP_MAX_PAGES ? left : MAP_MAX_PAGES;
    const at = WINDOW + physical + (done << 12);
    const error = invoke(attachment, Invocation.AttachmentMap, offset + (done << 12), at, count, rights);
    done += result0();
    if (error === KernelError.NoTables) supplyWindow();
    else if (error !== KernelError.None) stop('memory could not be mapped in the window');
  }
}

/** More page tables for the server's own address space. */
function supplyWindow(): void {
  const tables = makeObject(ObjectKind.Tables, 14);
  if (tables === 0 || invoke(ROOT_VSPACE_SLOT, Invocation.VSpaceSupply, tables, 0, 0, 0) !== KernelError.None) {
    stop('no page tables for the window');
  }
}

/** Shows the boot module in the window. */
function mapModule(information: BootInformation): void {
  if (information.moduleBytes === 0) return;
  const offset: u64 = (information.moduleOffset as u64) & ~4095;
  const within: u64 = (information.moduleOffset as u64) & 4095;
  const physical = information.modulePhysical - within;
  moduleAttachment = attachToWindow(MODULE_SLOT);
  mapInWindow(moduleAttachment, offset, physical, (within + information.moduleBytes + 4095) >>> 12);
  moduleRegionFirst = (physical - offset) >>> 12;
  moduleRegionFrames = 1 << ((information.moduleRegionBits as u64) - 12);
  moduleAddress = WINDOW + information.modulePhysical;
  moduleBytes = information.moduleBytes;
}

/** The boot module has been read: its pages join the pool. */
export function releaseModule(): void {
  if (moduleBytes === 0) return;
  const first = (moduleAddress - WINDOW + 4095) >>> 12;
  const end = (moduleAddress - WINDOW + moduleBytes) >>> 12;
  moduleBytes = 0;
  if (end <= first) return;
  addRegion(moduleRegionFirst, moduleRegionFrames, MODULE_SLOT, moduleAttachment);
  addPages(first, end - first);
}

/** Takes the page records out of the largest Region and puts all other pages into the pool. */
function makeRecords(): void {
  let frames = moduleRegionFirst + moduleRegionFrames;
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
