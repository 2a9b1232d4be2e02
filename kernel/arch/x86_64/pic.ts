/**
 * The two 8259 interrupt controllers. With an I/O APIC they are only masked, at vectors where a spurious interrupt can
 * do no harm; without one they deliver the sixteen ISA lines.
 */
import { PORT_PIC_MASTER, PORT_PIC_SLAVE } from './ports.js';

const END_OF_INTERRUPT: u64 = 0x20;
const READ_IN_SERVICE: u64 = 0x0b;
const CASCADE_LINE: u64 = 2;

let mask: u64 = 0xffff;

/** Programs both controllers to vectors `vector`.. + 15 with every line masked. */
export function initializePic(vector: u64): void {
  out8(PORT_PIC_MASTER, 0x11); // ICW1: edge triggered, cascaded, ICW4 follows
  out8(PORT_PIC_SLAVE, 0x11);
  out8(PORT_PIC_MASTER + 1, vector);
  out8(PORT_PIC_SLAVE + 1, vector + 8);
  out8(PORT_PIC_MASTER + 1, 1 << CASCADE_LINE);
  out8(PORT_PIC_SLAVE + 1, CASCADE_LINE);
  out8(PORT_PIC_MASTER + 1, 1); // ICW4: 8086 mode
  out8(PORT_PIC_SLAVE + 1, 1);
  mask = 0xffff;
  writeMask();
}

export function maskPicLine(line: u64): void {
  mask |= 1 << line;
  writeMask();
}

export function unmaskPicLine(line: u64): void {
  mask &= ~((1 << line) | (1 << CASCADE_LINE));
  writeMask();
}

/** Ends the interrupt of `line`; false if it was spurious (8259A data sheet: line 7 or 15 not in service). */
export function endPicInterrupt(line: u64): boolean {
  if ((line === 7 && !isInService(PORT_PIC_MASTER, 7)) || (line === 15 && !isInService(PORT_PIC_SLAVE, 7))) {
    if (line === 15) {
      out8(PORT_PIC_MASTER, END_OF_INTERRUPT);
    }
    return false;
  }
  if (line >= 8) {
    out8(PORT_PIC_SLAVE, END_OF_INTERRUPT);
  }
  out8(PORT_PIC_MASTER, END_OF_INTERRUPT);
  return true;
}

function isInService(port: u64, input: u64): boolean {
  out8(port, READ_IN_SERVICE);
  return ((in8(port) >>> input) & 1) !== 0;
}

function writeMask(): void {
  out8(PORT_PIC_MASTER + 1, mask & 0xff);
  out8(PORT_PIC_SLAVE + 1, mask >>> 8);
}
