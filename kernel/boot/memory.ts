/**
 * Takes the machine's memory over from the loader: what is in use leaves the memory map, everything that is RAM comes
 * into the direct map. Afterwards every range of the map is free and reachable.
 */
import { imageRange, mapMemory, mapMemoryDone } from '../arch/x86_64/kernel-map.js';
import { LogLevel, logBegin, logEnd, logHex, logNumber, logText } from '../log.js';
import { panic } from '../panic.js';
import { bootRecord } from './boot-record.js';
import {
  type MemoryRange,
  memoryRange,
  memoryRangeCount,
  removeLowMemory,
  removeMemory,
  totalMemory,
} from './memory-map.js';

const image: MemoryRange = reserve();
const PAGE: u64 = 4096;

export function takeOverMemory(): void {
  bootRecord.totalMemory = totalMemory();
  checkModule();
  imageRange(image);
  removeLowMemory();
  removeMemory(image.start, image.end - image.start);
  removeMemory(bootRecord.modulePhysical, bootRecord.moduleBytes);
  if (memoryRangeCount() === 0) {
    panic('the loader reports no memory');
  }
  // Ascending, so that tables for the upper ranges can come from the lower ones.
  mapMemory(image.start, image.end);
  for (let index = 0; index < memoryRangeCount(); index++) {
    mapMemory(memoryRange(index).start, memoryRange(index).end);
  }
  const moduleEnd = bootRecord.modulePhysical + bootRecord.moduleBytes;
  if (bootRecord.moduleBytes !== 0) {
    mapMemory(bootRecord.modulePhysical & ~(PAGE - 1), (moduleEnd + PAGE - 1) & ~(PAGE - 1));
  }
  mapMemoryDone();
  describeMemory();
}

/** A module must lie in RAM that the map gives, all of it, and not on the image; else there is none. */
function checkModule(): void {
  const start = bootRecord.modulePhysical;
  const bytes = bootRecord.moduleBytes;
  imageRange(image);
  for (let index = 0; index < memoryRangeCount(); index++) {
    const range = memoryRange(index);
    const isInside = start >= range.start && start < range.end && bytes <= range.end - start;
    if (bytes !== 0 && isInside && (start >= image.end || start + bytes <= image.start)) {
      return;
    }
  }
  if (bytes !== 0) {
    logBegin(LogLevel.Warning);
    logText('boot: the module at ');
    logHex(start);
    logText(' is not in usable memory and is ignored');
    logEnd();
  }
  bootRecord.modulePhysical = 0;
  bootRecord.moduleBytes = 0;
}

function describeMemory(): void {
  logBegin(LogLevel.Info);
  logText('memory: ');
  logNumber(bootRecord.totalMemory >>> 10);
  logText(' KB, of which free ');
  logNumber(totalMemory() >>> 10);
  logText(' KB; module ');
  logNumber(bootRecord.moduleBytes >>> 10);
  logText(' KB');
  logEnd();
  for (let index = 0; index < memoryRangeCount(); index++) {
    logBegin(LogLevel.Debug);
    logText('memory: ');
    logHex(memoryRange(index).start);
    logText(' to ');
    logHex(memoryRange(index).end);
    logEnd();
  }
}
