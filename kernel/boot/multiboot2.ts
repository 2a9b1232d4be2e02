/**
 * Boot information of multiboot2 (specification 2.0, 3.6): one block of tags, each aligned to 8.
 */
import { PhysicalView } from '../arch/x86_64/physical-view.js';
import { appendCommandLine, bootRecord, ScreenKind } from './boot-record.js';
import { addMemory, removeMemory } from './memory-map.js';

/** Nothing sane is larger; a block that says so is not read. */
const MAXIMUM_BYTES = 1 << 20;
const MEMORY_TYPE_RAM = 1;

enum Tag {
  End = 0,
  CommandLine = 1,
  Module = 3,
  MemoryMap = 6,
  Framebuffer = 8,
  AcpiOld = 14,
  AcpiNew = 15,
}

const info: PhysicalView = reserve();

/** Fills the boot record and the memory map; false if this is no multiboot2 information. */
export function readMultiboot2Information(physical: u64): boolean {
  if (!info.open(physical, 8)) {
    return false;
  }
  const total = info.u32At(0);
  if (total < 16 || total > MAXIMUM_BYTES || !info.open(physical, total)) {
    return false;
  }
  let offset: u64 = 8;
  while (info.has(offset, 8)) {
    const tag = info.u32At(offset);
    const size: u64 = info.u32At(offset + 4);
    if (tag === Tag.End) {
      return true;
    }
    if (size < 8 || !info.has(offset, size)) {
      return false;
    }
    readTag(tag, offset, size);
    offset += (size + 7) & ~7;
  }
  return false;
}

function readTag(tag: u32, offset: u64, size: u64): void {
  switch (tag) {
    case Tag.CommandLine:
      readCommandLine(offset + 8, offset + size);
      break;
    case Tag.Module:
      if (bootRecord.moduleBytes === 0 && size >= 16 && info.u32At(offset + 12) > info.u32At(offset + 8)) {
        bootRecord.modulePhysical = info.u32At(offset + 8);
        bootRecord.moduleBytes = info.u32At(offset + 12) - info.u32At(offset + 8);
      }
      break;
    case Tag.MemoryMap:
      readMemory(offset, size);
      break;
    case Tag.Framebuffer:
      readFramebuffer(offset, size);
      break;
    case Tag.AcpiOld:
      if (bootRecord.acpiCopyBytes === 0) {
        copyAcpiPointer(offset + 8, size - 8, 20);
      }
      break;
    case Tag.AcpiNew:
      copyAcpiPointer(offset + 8, size - 8, 36);
      break;
  }
}

function readCommandLine(start: u64, end: u64): void {
  for (let at = start; at < end; at++) {
    const character = info.u8At(at);
    if (character === 0) {
      return;
    }
    appendCommandLine(character);
  }
}

/** 3.6.8: entry size, version, then base, length, type. First what is RAM, then what is not: reserved wins. */
function readMemory(offset: u64, size: u64): void {
  const entryBytes: u64 = info.u32At(offset + 8);
  if (size < 16 || entryBytes < 24) {
    return;
  }
  for (let pass = 0; pass < 2; pass++) {
    for (let at = offset + 16; at + 24 <= offset + size; at += entryBytes) {
      const isRam = info.u32At(at + 16) === MEMORY_TYPE_RAM;
      if (isRam && pass === 0) {
        addMemory(info.u64At(at), info.u64At(at + 8));
      } else if (!isRam && pass === 1) {
        removeMemory(info.u64At(at), info.u64At(at + 8));
      }
    }
  }
}

/** 3.6.12: address, pitch, width, height, bits per pixel, type; for type 1 position and size of red, green, blue. */
function readFramebuffer(offset: u64, size: u64): void {
  if (size < 31) {
    return;
  }
  const type = info.u8At(offset + 29);
  if (type === 2) {
    bootRecord.screenKind = ScreenKind.Text;
  } else if (type === 1 && size >= 38) {
    bootRecord.screenKind = ScreenKind.Framebuffer;
    bootRecord.screenRedShift = info.u8At(offset + 32);
    bootRecord.screenGreenShift = info.u8At(offset + 34);
    bootRecord.screenBlueShift = info.u8At(offset + 36);
  } else {
    return;
  }
  bootRecord.screenPhysical = info.u64At(offset + 8);
  bootRecord.screenPitch = info.u32At(offset + 16);
  bootRecord.screenWidth = info.u32At(offset + 20);
  bootRecord.screenHeight = info.u32At(offset + 24);
  bootRecord.screenBitsPerPixel = info.u8At(offset + 28);
}

function copyAcpiPointer(start: u64, available: u64, wanted: u64): void {
  if (available < wanted) {
    return;
  }
  for (let at: u64 = 0; at < wanted; at++) {
    bootRecord.acpiCopy[at] = info.u8At(start + at);
  }
  bootRecord.acpiCopyBytes = wanted;
}
