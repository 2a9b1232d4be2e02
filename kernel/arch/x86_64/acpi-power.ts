/**
 * Soft-off by ACPI (ACPI 6.5, 4.8.3.2 and 7.4.2): the sleep type of state S5 written to the PM1 control registers. The
 * type is in the DSDT's \_S5 package; without an AML interpreter it is found by its encoding, which every firmware uses.
 */
import { openAcpiTable, openTableAt, SIGNATURE_DSDT, SIGNATURE_FADT } from './acpi.js';
import { mapDevice } from './kernel-map.js';
import { directAddress } from './memory.js';
import { PhysicalView } from './physical-view.js';

/** Offsets in the FADT (table 5.9). */
const FADT_DSDT: u64 = 40;
const FADT_SMI_COMMAND: u64 = 48;
const FADT_ACPI_ENABLE: u64 = 52;
const FADT_PM1A_CONTROL: u64 = 64;
const FADT_PM1B_CONTROL: u64 = 68;
const FADT_PM_TIMER: u64 = 76;
const FADT_FLAGS: u64 = 112;
const FADT_RESET_REGISTER: u64 = 116;
const FADT_RESET_VALUE: u64 = 128;
const FADT_X_DSDT: u64 = 140;
const FADT_SLEEP_CONTROL: u64 = 244;

const FLAG_RESET_REGISTER = 1 << 10;
const FLAG_REDUCED_HARDWARE = 1 << 20;
/** Generic address structure (5.2.3.2): address space, width, offset, access size, address. */
const ADDRESS_SPACE_MEMORY = 0;
const ADDRESS_SPACE_PORTS = 1;
const SLEEP_ENABLE: u64 = 1 << 5;

const CONTROL_SCI_ENABLE = 1;
const CONTROL_SLEEP_ENABLE: u64 = 1 << 13;
const S5_NAME = 0x5f35_535f; // "_S5_"
const AML_PACKAGE = 0x12;
const AML_BYTE = 0x0a;
const TABLE_HEADER: u64 = 36;

const fadt: PhysicalView = reserve();
const dsdt: PhysicalView = reserve();

/** A byte-wide register in memory or among the ports; address 0: there is none. */
class AcpiRegister {
  address!: u64;
  isPort!: boolean;

  /** Reads the generic address structure at `offset` of the FADT, and makes a register in memory accessible. */
  read(offset: u64): void {
    const space = fadt.u8At(offset);
    const address = fadt.u64At(offset + 4);
    this.isPort = space === ADDRESS_SPACE_PORTS;
    this.address = 0;
    if (this.isPort ? address < 0x10000 : space === ADDRESS_SPACE_MEMORY && mapDevice(address, 1)) {
      this.address = address;
    }
  }

  write(value: u64): void {
    if (this.address !== 0) {
      if (this.isPort) {
        out8(this.address, value);
      } else {
        storeOnce8(directAddress(this.address), value);
      }
    }
  }
}

/** The fixed hardware that the kernel uses: ports, and what to write there. */
class PowerHardware {
  isKnown!: boolean;
  typeA!: u8;
  typeB!: u8;
  acpiEnable!: u8;
  smiCommand!: u16;
  controlA!: u16;
  controlB!: u16;
  timer!: u16;
  /** Of hardware-reduced machines, instead of the two control ports. */
  sleepControl!: Inline<AcpiRegister>;
  reset!: Inline<AcpiRegister>;
  resetValue!: u8;
}

const powerHardware: PowerHardware = reserve();

/** Finds the registers and the sleep type; call while booting. */
export function readPowerHardware(): void {
  if (!openAcpiTable(fadt, SIGNATURE_FADT)) {
    return;
  }
  const extended = fadt.has(FADT_X_DSDT, 8) ? fadt.u64At(FADT_X_DSDT) : 0;
  const physical = extended !== 0 ? extended : (fadt.u32At(FADT_DSDT) as u64);
  powerHardware.smiCommand = fadt.u32At(FADT_SMI_COMMAND);
  powerHardware.acpiEnable = fadt.u8At(FADT_ACPI_ENABLE);
  powerHardware.timer = fadt.u32At(FADT_PM_TIMER);
  powerHardware.controlA = fadt.u32At(FADT_PM1A_CONTROL);
  powerHardware.controlB = fadt.u32At(FADT_PM1B_CONTROL);
  const flags = fadt.u32At(FADT_FLAGS);
  if ((flags & FLAG_RESET_REGISTER) !== 0) {
    powerHardware.reset.read(FADT_RESET_REGISTER);
    powerHardware.resetValue = fadt.u8At(FADT_RESET_VALUE);
  }
  if ((flags & FLAG_REDUCED_HARDWARE) !== 0) {
    powerHardware.sleepControl.read(FADT_SLEEP_CONTROL);
  }
  const canSleep = powerHardware.controlA !== 0 || powerHardware.sleepControl.address !== 0;
  if (canSleep && openTableAt(dsdt, physical, SIGNATURE_DSDT)) {
    findSleepType();
  }
}

/** Name, package, its length (one to four bytes), its element count, then the two types as bytes or small constants. */
function findSleepType(): void {
  for (let offset = TABLE_HEADER; dsdt.has(offset, 12); offset++) {
    if (dsdt.u32At(offset) !== S5_NAME || dsdt.u8At(offset + 4) !== AML_PACKAGE) {
      continue;
    }
    const lengthBytes: u64 = (dsdt.u8At(offset + 5) >>> 6) + 1;
    let at = offset + 5 + lengthBytes + 1;
    if (dsdt.u8At(at) === AML_BYTE) {
      at++;
    }
    powerHardware.typeA = dsdt.u8At(at) & 7;
    at++;
    if (dsdt.u8At(at) === AML_BYTE) {
      at++;
    }
    powerHardware.typeB = dsdt.u8At(at) & 7;
    powerHardware.isKnown = !dsdt.overrun;
    return;
  }
}

/** The port of the power management timer, 0 if there is none. */
export function powerTimerPort(): u64 {
  return powerHardware.timer;
}

/** Switches off where ACPI is known; returns if it is not, or if the machine did not obey. */
export function enterSoftOff(): void {
  if (!powerHardware.isKnown) {
    return;
  }
  powerHardware.sleepControl.write(((powerHardware.typeA as u64) << 2) | SLEEP_ENABLE);
  if (powerHardware.controlA === 0) {
    return;
  }
  if (powerHardware.smiCommand !== 0 && (in16(powerHardware.controlA) & CONTROL_SCI_ENABLE) === 0) {
    out8(powerHardware.smiCommand, powerHardware.acpiEnable);
    for (let poll: u64 = 0; poll < 1_000_000 && (in16(powerHardware.controlA) & CONTROL_SCI_ENABLE) === 0; poll++) {
      spinHint();
    }
  }
  out16(powerHardware.controlA, ((powerHardware.typeA as u64) << 10) | CONTROL_SLEEP_ENABLE);
  if (powerHardware.controlB !== 0) {
    out16(powerHardware.controlB, ((powerHardware.typeB as u64) << 10) | CONTROL_SLEEP_ENABLE);
  }
}

/** Starts the machine again where ACPI has a register for it; returns otherwise. */
export function resetByAcpi(): void {
  powerHardware.reset.write(powerHardware.resetValue);
}
