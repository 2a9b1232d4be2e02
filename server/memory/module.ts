/**
 * The boot module (the initial root file system): seen in the window while it is unpacked, memory like any other after.
 */
import { type BootInformation, MODULE_SLOT } from '../../lib/abi/boot-information';
import { WINDOW } from '../arch/x86_64/window';
import { addRegion } from '../kernel/regions';
import { attachToWindow, mapInWindow } from '../kernel/window';
import { addPages, setTotalPages, totalPages } from './pages';

let attachment: u64 = 0;
let regionFirst: u64 = 0;
let regionFrames: u64 = 0;

/** Where the server sees the module. */
export function moduleAddress(information: BootInformation): u64 {
  return WINDOW + information.modulePhysical;
}

/** The frame after the last one of the module's Region. */
export function moduleFramesEnd(): u64 {
  return regionFirst + regionFrames;
}

/** Shows the module in the window, if there is one. */
export function mapModule(information: BootInformation): void {
  if (information.moduleBytes === 0) return;
  const offset: u64 = (information.moduleOffset as u64) & ~4095;
  const within: u64 = (information.moduleOffset as u64) & 4095;
  const physical = information.modulePhysical - within;
  attachment = attachToWindow(MODULE_SLOT);
  mapInWindow(attachment, offset, physical, (within + information.moduleBytes + 4095) >>> 12);
  regionFirst = (physical - offset) >>> 12;
  regionFrames = 1 << ((information.moduleRegionBits as u64) - 12);
}

/** The module has been read: its whole pages join the pool. Once. */
export function releaseModule(information: BootInformation): void {
  if (attachment === 0) return;
  const first = (information.modulePhysical + 4095) >>> 12;
  const end = (information.modulePhysical + information.moduleBytes) >>> 12;
  if (end <= first) return;
  addRegion(regionFirst, regionFrames, MODULE_SLOT, attachment);
  attachment = 0;
  addPages(first, end - first);
  setTotalPages(totalPages() + (end - first));
}
