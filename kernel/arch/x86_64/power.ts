/**
 * Switching the machine off, starting it again, and the end after a panic. Under QEMU with isa-debug-exit a value
 * written to port 0xf4 ends QEMU with twice the value plus one: the runner tells power-off (0x10), restart (0x18) and panic
 * (0x20) apart, and all of them from a triple fault.
 * On other machines nobody listens there, and ACPI (acpi-power.ts) and the reset ports follow.
 */
import { bootOptions } from '../../boot/command-line.js';
import { enterSoftOff, resetByAcpi } from './acpi-power.js';
import { PORT_DEBUG_EXIT, PORT_KEYBOARD_COMMAND, PORT_RESET_CONTROL } from './ports.js';
import { readTsc, tscKilohertz } from './time.js';

const EXIT_POWER_OFF: u64 = 0x10;
const EXIT_RESTART: u64 = 0x18;
const EXIT_PANIC: u64 = 0x20;

/** Switches the machine off; where that is impossible the processor halts. */
export function powerOff(): never {
  out8(PORT_DEBUG_EXIT, EXIT_POWER_OFF);
  enterSoftOff();
  haltForever();
}

/** Starts the machine again: by ACPI, PCI's reset register, the keyboard controller, and at last a triple fault. */
export function reboot(): never {
  out8(PORT_DEBUG_EXIT, EXIT_RESTART);
  resetByAcpi();
  waitMilliseconds(10);
  out8(PORT_RESET_CONTROL, 0x02);
  out8(PORT_RESET_CONTROL, 0x06); // a full reset
  waitMilliseconds(50);
  out8(PORT_KEYBOARD_COMMAND, 0xfe); // pulse the reset line
  waitMilliseconds(50);
  faultForever();
}

/** Tells QEMU, then waits and reboots as `panic=` says, or halts. */
export function endAfterPanic(): never {
  out8(PORT_DEBUG_EXIT, EXIT_PANIC);
  if (bootOptions.panicSeconds > 0) {
    waitMilliseconds((bootOptions.panicSeconds as u64) * 1000);
  }
  if (bootOptions.panicSeconds !== 0) {
    reboot();
  }
  haltForever();
}

function waitMilliseconds(milliseconds: u64): void {
  const end = readTsc() + milliseconds * tscKilohertz();
  while (readTsc() < end) {
    spinHint();
  }
}
