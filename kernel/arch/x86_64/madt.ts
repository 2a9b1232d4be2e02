/**
 * The MADT (ACPI 6.5, 5.2.12): processors, I/O APICs, and which I/O APIC input each ISA line really is. Without one, a
 * single processor with a local APIC at its usual place is assumed, and the 8259s deliver interrupts.
 */
import { openAcpiTable, SIGNATURE_MADT } from './acpi.js';
import { PhysicalView } from './physical-view.js';

const ENTRIES: u64 = 44;

enum Entry {
  LocalApic = 0,
  IoApic = 1,
  InterruptSource = 2,
  LocalApicAddress = 5,
  LocalX2Apic = 9,
}

const ENABLED = 1;
const FLAG_LEGACY_PIC = 1;

export const MAXIMUM_IO_APICS = 4;
export const ISA_LINES = 16;

/** One I/O APIC: where its registers are and the first global interrupt it serves. */
export class IoApicRecord {
  physical!: u64;
  firstInterrupt!: u32;
  inputs!: u32;
}

/** How one ISA line arrives. */
export class IsaLine {
  globalInterrupt!: u32;
  activeLow!: boolean;
  level!: boolean;
}

export class MadtRecord {
  isPresent!: boolean;
  hasLegacyPic!: boolean;
  localApicPhysical!: u64;
  processorCount!: u32;
  ioApicCount!: u32;
  ioApics!: Fixed<Inline<IoApicRecord>, 4>;
  isaLines!: Fixed<Inline<IsaLine>, 16>;
}

export const madt: MadtRecord = reserve();

const table: PhysicalView = reserve();
const DEFAULT_LOCAL_APIC: u64 = 0xfee0_0000;

/** Fills `madt`. */
export function readMadt(): void {
  madt.localApicPhysical = DEFAULT_LOCAL_APIC;
  madt.hasLegacyPic = true;
  for (let line = 0; line < ISA_LINES; line++) {
    madt.isaLines[line].globalInterrupt = line;
  }
  if (!openAcpiTable(table, SIGNATURE_MADT)) {
    madt.processorCount = 1;
    return;
  }
  madt.isPresent = true;
  madt.localApicPhysical = table.u32At(36);
  madt.hasLegacyPic = (table.u32At(40) & FLAG_LEGACY_PIC) !== 0;
  let offset = ENTRIES;
  while (table.has(offset, 2)) {
    const length: u64 = table.u8At(offset + 1);
    if (length < 2 || !table.has(offset, length)) {
      break;
    }
    readEntry(offset, length);
    offset += length;
  }
  if (madt.processorCount === 0) {
    madt.processorCount = 1;
  }
}

function readEntry(offset: u64, length: u64): void {
  switch (table.u8At(offset)) {
    case Entry.LocalApic:
      if (length >= 8 && (table.u32At(offset + 4) & ENABLED) !== 0) {
        madt.processorCount++;
      }
      break;
    case Entry.LocalX2Apic:
      if (length >= 16 && (table.u32At(offset + 8) & ENABLED) !== 0) {
        madt.processorCount++;
      }
      break;
    case Entry.IoApic:
      if (length >= 12 && madt.ioApicCount < MAXIMUM_IO_APICS) {
        const ioApic = madt.ioApics[madt.ioApicCount];
        ioApic.physical = table.u32At(offset + 4);
        ioApic.firstInterrupt = table.u32At(offset + 8);
        madt.ioApicCount++;
      }
      break;
    case Entry.InterruptSource:
      if (length >= 10 && table.u8At(offset + 2) === 0 && table.u8At(offset + 3) < ISA_LINES) {
        const line = madt.isaLines[table.u8At(offset + 3)];
        const flags = table.u16At(offset + 8); // 0: as the bus, 1: high or edge, 3: low or level
        line.globalInterrupt = table.u32At(offset + 4);
        line.activeLow = (flags & 3) === 3;
        line.level = ((flags >>> 2) & 3) === 3;
      }
      break;
    case Entry.LocalApicAddress:
      if (length >= 12) {
        madt.localApicPhysical = table.u64At(offset + 4);
      }
      break;
  }
}
