/**
 * Serving the interrupt of a serial line: what has arrived is taken, and what waits to be sent goes out, both as far as
 * the budget goes and the rest in slices. The interrupt is acknowledged when nothing is left, so none comes in between.
 */
import { budget, spend } from '../wait/budget';
import { begin, Chore } from '../wait/chores';
import type { Uart } from './uart';

/** Units of the budget that a read from the line takes, and that a byte then does. */
const READ: i64 = 8;
const BYTE: i64 = 3;

export abstract class LineService extends Chore {
  uart!: Uart;

  /** Whether a whole FIFO might not fit: what is taken from the line cannot be put back. */
  abstract isFull(): boolean;

  /** Takes a byte that has arrived. */
  abstract take(byte: u64): void;

  /** After some have been taken. */
  abstract taken(): void;

  /** The line has something to say. */
  interrupted(): void {
    if (!this.slice()) begin(this);
  }

  override slice(): boolean {
    const uart = this.uart;
    while (budget > 0) {
      const isFull = this.isFull();
      const count: u64 = isFull ? 0 : uart.receive();
      if (count === 0) {
        if (isFull) uart.pauseInput();
        this.taken();
        uart.drain();
        uart.acknowledge();
        return true;
      }
      spend(READ + (count as i64) * BYTE);
      for (let index: u64 = 0; index < count; index++) this.take(uart.received[index] as u64);
    }
    this.taken();
    return false;
  }
}
