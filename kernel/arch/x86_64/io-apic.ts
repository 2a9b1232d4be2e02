/** I/O APICs (82093AA data sheet): one entry per input says where and how its interrupt is delivered. */
import { currentCpu } from './cpu.js';
import { mapDevice } from './kernel-map.js';
import { type IoApicRecord, madt } from './madt.js';
import { directAddress } from './memory.js';

const SELECT: u64 = 0x00;
const WINDOW: u64 = 0x10;
const VERSION: u64 = 1;
const FIRST_ENTRY: u64 = 0x10;
const ENTRY_ACTIVE_LOW: u64 = 1 << 13;
const ENTRY_LEVEL: u64 = 1 << 15;
const ENTRY_MASKED: u64 = 1 << 16;

/** Masks every input of every I/O APIC that answers; false if there is none. */
export function initializeIoApics(): boolean {
  let found = false;
  for (let index: u64 = 0; index < madt.ioApicCount; index++) {
    const ioApic = madt.ioApics[index];
    if (!mapDevice(ioApic.physical, 0x20)) {
      continue;
    }
    const version = readRegister(ioApic, VERSION);
    if (version === 0xffff_ffff) {
      continue;
    }
    ioApic.inputs = ((version >>> 16) & 0xff) + 1;
    for (let input: u64 = 0; input < ioApic.inputs; input++) {
      writeRegister(ioApic, FIRST_ENTRY + input * 2, ENTRY_MASKED);
    }
    found = true;
  }
  return found;
}

/** Whether some I/O APIC has this global interrupt. */
export function hasIoApicInput(globalInterrupt: u64): boolean {
  return findIoApic(globalInterrupt) !== null;
}

/** Delivers a global interrupt as `vector` to this CPU, masked at first. */
export function routeIoApic(globalInterrupt: u64, vector: u64, activeLow: boolean, level: boolean): void {
  const ioApic = findIoApic(globalInterrupt);
  if (ioApic === null) {
    return;
  }
  const entry = FIRST_ENTRY + (globalInterrupt - ioApic.firstInterrupt) * 2;
  const low = vector | (activeLow ? ENTRY_ACTIVE_LOW : 0) | (level ? ENTRY_LEVEL : 0) | ENTRY_MASKED;
  writeRegister(ioApic, entry, low);
  writeRegister(ioApic, entry + 1, (currentCpu().apicId as u64) << 24);
}

export function maskIoApic(globalInterrupt: u64, masked: boolean): void {
  const ioApic = findIoApic(globalInterrupt);
  if (ioApic === null) {
    return;
  }
  const entry = FIRST_ENTRY + (globalInterrupt - ioApic.firstInterrupt) * 2;
  const low = readRegister(ioApic, entry) & ~ENTRY_MASKED;
  writeRegister(ioApic, entry, masked ? low | ENTRY_MASKED : low);
}

function findIoApic(globalInterrupt: u64): IoApicRecord | null {
  for (let index: u64 = 0; index < madt.ioApicCount; index++) {
    const ioApic = madt.ioApics[index];
    const first: u64 = ioApic.firstInterrupt;
    if (globalInterrupt >= first && globalInterrupt < first + ioApic.inputs) {
      return ioApic;
    }
  }
  return null;
}

function readRegister(ioApic: IoApicRecord, register: u64): u64 {
  storeOnce32(directAddress(ioApic.physical) + SELECT, register);
  return loadOnce32(directAddress(ioApic.physical) + WINDOW);
}

function writeRegister(ioApic: IoApicRecord, register: u64, value: u64): void {
  storeOnce32(directAddress(ioApic.physical) + SELECT, register);
  storeOnce32(directAddress(ioApic.physical) + WINDOW, value);
}
