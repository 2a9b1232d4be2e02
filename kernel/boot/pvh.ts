/**
 * Boot information of the PVH protocol: hvm_start_info, version 1 (Xen public/arch-x86/hvm/start_info.h). QEMU and
 * Firecracker-style monitors pass exactly one module at most.
 */
import { PhysicalView } from '../arch/x86_64/physical-view.js';
import { appendCommandLine, bootRecord, COMMAND_LINE_BYTES } from './boot-record.js';
import { addMemory, removeMemory } from './memory-map.js';

const MAGIC = 0x336e_c578;
const START_INFO_BYTES: u64 = 56;
const MODULE_BYTES: u64 = 32;
const MEMORY_ENTRY_BYTES: u64 = 24;
const MAXIMUM_MEMORY_ENTRIES: u64 = 1024;
const MEMORY_TYPE_RAM = 1;

const info: PhysicalView = reserve();
const view: PhysicalView = reserve();

/** Fills the boot record and the memory map; false if this is no PVH information. */
export function readPvhInformation(physical: u64): boolean {
  if (!info.open(physical, START_INFO_BYTES) || info.u32At(0) !== MAGIC) {
    return false;
  }
  readCommandLine(info.u64At(24));
  if (info.u32At(12) >= 1 && view.open(info.u64At(16), MODULE_BYTES)) {
    bootRecord.modulePhysical = view.u64At(0);
    bootRecord.moduleBytes = view.u64At(8);
  }
  bootRecord.acpiPhysical = info.u64At(32);
  if (info.u32At(4) >= 1) {
    readMemory(info.u64At(40), info.u32At(48));
  }
  return true;
}

function readCommandLine(physical: u64): void {
  // Its length is known only by its final 0: go page by page, so that nothing behind it is mapped.
  let at = physical;
  while (at !== 0 && bootRecord.commandLineLength <= COMMAND_LINE_BYTES) {
    const bytes = 4096 - (at & 4095);
    if (!view.open(at, bytes)) {
      return;
    }
    for (let offset: u64 = 0; offset < bytes; offset++) {
      const character = view.u8At(offset);
      if (character === 0 || bootRecord.commandLineWasCut) {
        return;
      }
      appendCommandLine(character);
    }
    at += bytes;
  }
}

/** First what is RAM, then what is not, so that reserved wins where they overlap. */
function readMemory(physical: u64, reported: u64): void {
  const count = reported < MAXIMUM_MEMORY_ENTRIES ? reported : MAXIMUM_MEMORY_ENTRIES;
  if (!view.open(physical, count * MEMORY_ENTRY_BYTES)) {
    return;
  }
  for (let pass = 0; pass < 2; pass++) {
    for (let entry: u64 = 0; entry < count; entry++) {
      const offset = entry * MEMORY_ENTRY_BYTES;
      const isRam = view.u32At(offset + 16) === MEMORY_TYPE_RAM;
      if (isRam && pass === 0) {
        addMemory(view.u64At(offset), view.u64At(offset + 8));
      } else if (!isRam && pass === 1) {
        removeMemory(view.u64At(offset), view.u64At(offset + 8));
      }
    }
  }
}
