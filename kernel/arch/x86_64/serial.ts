/**
 * The first 16550 (COM1) and the debug console, output only: the kernel's log. The process server drives COM1 as the
 * console tty; the kernel leaves it at 115200 8N1 with its interrupts off and does not touch it again when the log goes
 * elsewhere. No wait is unbounded: a port that is missing or stuck loses text, not the machine.
 */
import { PORT_COM1, PORT_DEBUG_CONSOLE } from './ports.js';

const DATA: u64 = PORT_COM1;
const INTERRUPT_ENABLE: u64 = PORT_COM1 + 1;
const FIFO_CONTROL: u64 = PORT_COM1 + 2;
const LINE_CONTROL: u64 = PORT_COM1 + 3;
const MODEM_CONTROL: u64 = PORT_COM1 + 4;
const LINE_STATUS: u64 = PORT_COM1 + 5;
const SCRATCH: u64 = PORT_COM1 + 7;

const TRANSMITTER_EMPTY = 0x20;
/** At 115200 baud a byte takes 87 microseconds; a port read takes about one. */
const MAXIMUM_WAIT = 100_000;

let present = false;

/** Finds the port by its scratch register and sets the line up. */
export function initializeSerial(): void {
  out8(SCRATCH, 0x5a);
  present = in8(SCRATCH) === 0x5a;
  if (!present) {
    return;
  }
  out8(INTERRUPT_ENABLE, 0);
  out8(LINE_CONTROL, 0x80); // divisor latch
  out8(DATA, 1); // 115200
  out8(INTERRUPT_ENABLE, 0);
  out8(LINE_CONTROL, 0x03); // 8N1
  out8(FIFO_CONTROL, 0x07); // on, both cleared
  out8(MODEM_CONTROL, 0x0b); // DTR, RTS, OUT2 (which lets the interrupt line through)
}

/** Sends one byte; a newline gets its carriage return. */
export function writeSerial(byte: u8): void {
  if (!present) {
    return;
  }
  if (byte === 0x0a) {
    transmit(0x0d);
  }
  transmit(byte);
}

function transmit(byte: u8): void {
  for (let wait = 0; wait < MAXIMUM_WAIT; wait++) {
    if ((in8(LINE_STATUS) & TRANSMITTER_EMPTY) !== 0) {
      out8(DATA, byte);
      return;
    }
  }
}

/** Sends one byte to the host. On a machine without the device this is a write to an unused port. */
export function writeDebugConsole(byte: u8): void {
  out8(PORT_DEBUG_CONSOLE, byte);
}
