/**
 * ACPI tables (ACPI 6.5, 5.2): from the root pointer over XSDT or RSDT to the tables the kernel reads. Every length is
 * hostile: a table is used only if its header fits, its length is sane and its bytes add up to zero.
 */
import { bootRecord } from '../../boot/boot-record.js';
import { LogLevel, logBegin, logEnd, logHex, logText } from '../../log.js';
import { PhysicalView } from './physical-view.js';

const HEADER_BYTES: u64 = 36;
const MAXIMUM_TABLE_BYTES: u64 = 1 << 20;
const ROOT_POINTER_BYTES: u64 = 20;
const ROOT_POINTER_BYTES_2: u64 = 36;
const BIOS_AREA: u64 = 0xe0000;
const BIOS_AREA_BYTES: u64 = 0x20000;

/** Signatures as little-endian numbers. */
export const SIGNATURE_MADT = 0x4349_5041; // APIC
export const SIGNATURE_FADT = 0x5043_4146; // FACP
export const SIGNATURE_DSDT = 0x5444_5344;
const SIGNATURE_RSDT = 0x5444_5352;
const SIGNATURE_XSDT = 0x5444_5358;
/** "RSD " and "PTR ". */
const SIGNATURE_POINTER_LOW = 0x2044_5352;
const SIGNATURE_POINTER_HIGH = 0x2052_5450;

const pointer: PhysicalView = reserve();
const root: PhysicalView = reserve();
let hasRoot = false;
let entryBytes: u64 = 4;

/** Finds the root table; without one there are no ACPI tables, and `openAcpiTable` finds nothing. */
export function initializeAcpi(): void {
  if (bootRecord.acpiCopyBytes !== 0) {
    // The loader's copy is in the boot record, so in the image, which is mapped.
    pointer.address = addressOf(bootRecord.acpiCopy);
    pointer.length = bootRecord.acpiCopyBytes;
    pointer.overrun = false;
  } else if (bootRecord.acpiPhysical !== 0) {
    if (!pointer.open(bootRecord.acpiPhysical, ROOT_POINTER_BYTES_2)) {
      return;
    }
  } else if (!searchBiosArea()) {
    return;
  }
  readRootPointer();
}

/** A PC BIOS leaves the pointer on a 16-byte boundary in its area (5.2.5.1). */
function searchBiosArea(): boolean {
  if (!pointer.open(BIOS_AREA, BIOS_AREA_BYTES)) {
    return false;
  }
  for (let offset: u64 = 0; offset < BIOS_AREA_BYTES - ROOT_POINTER_BYTES_2; offset += 16) {
    if (pointer.u32At(offset) === SIGNATURE_POINTER_LOW && pointer.u32At(offset + 4) === SIGNATURE_POINTER_HIGH) {
      return pointer.open(BIOS_AREA + offset, ROOT_POINTER_BYTES_2);
    }
  }
  return false;
}

function readRootPointer(): void {
  if (pointer.u32At(0) !== SIGNATURE_POINTER_LOW || !pointer.hasZeroSum(ROOT_POINTER_BYTES)) {
    return;
  }
  const revision = pointer.u8At(15);
  if (revision >= 2 && pointer.has(0, ROOT_POINTER_BYTES_2) && pointer.u64At(24) !== 0) {
    hasRoot = openTableAt(root, pointer.u64At(24), SIGNATURE_XSDT);
    entryBytes = 8;
  }
  if (!hasRoot) {
    hasRoot = openTableAt(root, pointer.u32At(16), SIGNATURE_RSDT);
    entryBytes = 4;
  }
}

/** Shows the first table with `signature`; false if there is none that is whole. */
export function openAcpiTable(view: PhysicalView, signature: u64): boolean {
  if (!hasRoot) {
    return false;
  }
  for (let offset = HEADER_BYTES; root.has(offset, entryBytes); offset += entryBytes) {
    const physical = entryBytes === 8 ? root.u64At(offset) : (root.u32At(offset) as u64);
    if (view.open(physical, HEADER_BYTES) && view.u32At(0) === signature) {
      return openTableAt(view, physical, signature);
    }
  }
  return false;
}

/** Shows the table at `physical`, if it is whole and has that signature. */
export function openTableAt(view: PhysicalView, physical: u64, signature: u64): boolean {
  if (!view.open(physical, HEADER_BYTES) || view.u32At(0) !== signature) {
    return false;
  }
  const bytes: u64 = view.u32At(4);
  if (bytes < HEADER_BYTES || bytes > MAXIMUM_TABLE_BYTES || !view.open(physical, bytes) || !view.hasZeroSum(bytes)) {
    logBegin(LogLevel.Warning);
    logText('acpi: the table at ');
    logHex(physical);
    logText(' is damaged and not used');
    logEnd();
    return false;
  }
  return true;
}
