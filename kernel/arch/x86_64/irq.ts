/**
 * Interrupt lines: which vector each has, masking and acknowledging. A line is an ISA line (0 to
 * 15) or, above that, a global interrupt of an I/O APIC. A level-triggered line is masked by its interrupt until
 * `acknowledgeLine`, so a driver in ring 3 may take its time. An edge-triggered one at an I/O APIC is not: an edge that
 * comes while it is masked would be lost (82093AA 3.2.4). The 8259 remembers edges, so there every line is masked.
 */
import { bootOptions } from '../../boot/command-line.js';
import { hasIoApicInput, initializeIoApics, maskIoApic, routeIoApic } from './io-apic.js';
import { endInterrupt } from './local-apic.js';
import { ISA_LINES, madt } from './madt.js';
import { endPicInterrupt, initializePic, maskPicLine, unmaskPicLine } from './pic.js';

/** Lines have the vectors from here on. */
export const FIRST_LINE_VECTOR: u64 = 0x40;
export const MAXIMUM_LINES = 64;
/** Where a masked 8259's spurious interrupts go. */
export const UNUSED_PIC_VECTOR: u64 = 0x30;

let usesIoApic = false;

/** Masks everything and decides between I/O APIC and 8259s; call before the local APIC is enabled. */
export function initializeInterrupts(): void {
  usesIoApic = madt.isPresent && !bootOptions.noIoApic && initializeIoApics();
  initializePic(usesIoApic ? UNUSED_PIC_VECTOR : FIRST_LINE_VECTOR);
}

/** Whether the 8259s deliver the interrupts. */
export function usesPic(): boolean {
  return !usesIoApic;
}

/** Whether this machine has line `line`. */
export function isLine(line: u64): boolean {
  if (line >= MAXIMUM_LINES) {
    return false;
  }
  return usesIoApic ? hasIoApicInput(globalInterruptOf(line)) : line < ISA_LINES && line !== 2;
}

/** Lets line `line`, which exists, interrupt. */
export function enableLine(line: u64): void {
  if (!usesIoApic) {
    unmaskPicLine(line);
    return;
  }
  const activeLow = line >= ISA_LINES || madt.isaLines[line].activeLow;
  routeIoApic(globalInterruptOf(line), FIRST_LINE_VECTOR + line, activeLow, isLevel(line));
  maskIoApic(globalInterruptOf(line), false);
}

/** Stops line `line` from interrupting. */
export function maskLine(line: u64): void {
  if (usesIoApic) {
    maskIoApic(globalInterruptOf(line), true);
  } else {
    maskPicLine(line);
  }
}

/** The driver has served its device: the line may interrupt again. */
export function acknowledgeLine(line: u64): void {
  if (usesIoApic) {
    maskIoApic(globalInterruptOf(line), false);
  } else {
    unmaskPicLine(line);
  }
}

function globalInterruptOf(line: u64): u64 {
  return line < ISA_LINES ? madt.isaLines[line].globalInterrupt : line;
}

/**
 * Tells the controller that the interrupt of `line` was taken, and masks it if it could not interrupt again before its
 * driver served the device. False: it was spurious.
 */
export function beginLineInterrupt(line: u64): boolean {
  if (usesIoApic) {
    if (isLevel(line)) {
      maskLine(line);
    }
    endInterrupt();
    return true;
  }
  maskPicLine(line);
  if (endPicInterrupt(line)) {
    return true;
  }
  unmaskPicLine(line);
  return false;
}

/** PCI's lines are level-triggered; an ISA line is as the MADT says. */
function isLevel(line: u64): boolean {
  return line >= ISA_LINES || madt.isaLines[line].level;
}
