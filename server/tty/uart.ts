/**
 * A 16550 serial line (National Semiconductor PC16550D data sheet), driven through the PortRange capability.
 *
 * Output waits in a ring that the transmitter's interrupt drains sixteen bytes at a time (the FIFO's size): nothing is
 * lost when the other end is slow. Input stays in the receiver's FIFO while nobody has room for it.
 */
import {
  acknowledgeInterrupt,
  readPort,
  readPortBytes,
  takeInterrupt,
  writePort,
  writePortBytes,
} from '../kernel/devices';
import { monotonicNanoseconds } from '../time/clock';
import { budget, refill, spend } from '../wait/budget';
import { begin, Chore } from '../wait/chores';
import { WaitQueue, wakeAll } from '../wait/wait-queue';

const DATA: u64 = 0;
const INTERRUPT_ENABLE: u64 = 1;
const INTERRUPT_IDENTITY: u64 = 2;
const FIFO_CONTROL: u64 = 2;
const LINE_CONTROL: u64 = 3;
const MODEM_CONTROL: u64 = 4;
const LINE_STATUS: u64 = 5;
const SCRATCH: u64 = 7;

const ENABLE_RECEIVE: u64 = 1;
const ENABLE_TRANSMIT: u64 = 2;
const STATUS_DATA_READY: u64 = 1;
/** Room for a whole FIFO; the last byte may still be on its way. */
const STATUS_TRANSMIT_EMPTY: u64 = 0x20;
/** The last byte has left as well. */
const STATUS_TRANSMIT_IDLE: u64 = 0x40;
const FIFO_BYTES: u64 = 16;
/** Interrupt identity: the receiver's FIFO has reached its trigger level, so that many bytes are there. */
const IDENTITY_MASK: u64 = 0x0f;
const IDENTITY_RECEIVED: u64 = 0x04;
const TRIGGER_BYTES: u64 = 14;
const RING_BYTES: u64 = 8192;

/** Units of the budget that a FIFO's worth of output takes. */
const SENDING: i64 = 8;

/** Goes on with the output of a line whose transmitter takes more than one turn may send. */
class SendingChore extends Chore {
  uart!: Uart;

  override slice(): boolean {
    // This begins the chore again if something is left.
    this.uart.drain();
    return true;
  }
}

export class Uart {
  base!: u64;
  handler!: u64;
  enabled!: u64;
  head!: u64;
  tail!: u64;
  writers!: Inline<WaitQueue>;
  sending!: SendingChore | null;
  received!: Fixed<u8, 16>;
  ring!: Fixed<u8, 8192>;

  /** Takes over the line at `base`: 115200 8N1, FIFOs on, interrupts signal `badge`. False if nothing is there. */
  start(base: u64, irq: u64, badge: u64): boolean {
    this.base = base;
    writePort(base + SCRATCH, 0x5a);
    if (readPort(base + SCRATCH) !== 0x5a) return false;
    writePort(base + INTERRUPT_ENABLE, 0);
    writePort(base + LINE_CONTROL, 0x80);
    writePort(base + DATA, 1);
    writePort(base + INTERRUPT_ENABLE, 0);
    writePort(base + LINE_CONTROL, 3);
    // FIFOs on and cleared, trigger at fourteen bytes (fewer interrupt after four characters' time); DTR, RTS, and
    // OUT2, which gates the interrupt.
    writePort(base + FIFO_CONTROL, 0xc7);
    writePort(base + MODEM_CONTROL, 0x0b);
    this.handler = takeInterrupt(irq, badge);
    this.enable(ENABLE_RECEIVE);
    return true;
  }

  private enable(bits: u64): void {
    if (this.enabled === bits) return;
    this.enabled = bits;
    writePort(this.base + INTERRUPT_ENABLE, bits);
  }

  /** Room in the output ring, in bytes. */
  get room(): u64 {
    return RING_BYTES - (this.tail - this.head);
  }

  /** Queues one byte; there is room. */
  queue(byte: u64): void {
    this.ring[(this.tail % RING_BYTES) as i64] = byte as u8;
    this.tail += 1;
  }

  /**
   * Sends what the transmitter takes now, and asks for an interrupt if something is left. A host that takes everything
   * at once could have us send for long: what the budget does not cover goes in slices.
   */
  drain(): void {
    while (this.head !== this.tail && (readPort(this.base + LINE_STATUS) & STATUS_TRANSMIT_EMPTY) !== 0) {
      const at = this.head % RING_BYTES;
      let count: u64 = this.tail - this.head;
      if (budget <= 0) {
        this.sendLater();
        break;
      }
      spend(SENDING);
      if (count > FIFO_BYTES) count = FIFO_BYTES;
      if (count > RING_BYTES - at) count = RING_BYTES - at;
      writePortBytes(this.base + DATA, addressOf(this.ring) + at, count);
      this.head += count;
    }
    if (this.head === this.tail) this.enable(this.enabled & ~ENABLE_TRANSMIT);
    else this.enable(this.enabled | ENABLE_TRANSMIT);
    if (this.room >= RING_BYTES / 2 && !this.writers.isEmpty) wakeAll(this.writers);
  }

  private sendLater(): void {
    let chore = this.sending;
    if (chore === null) {
      chore = new SendingChore();
      chore.uart = this;
      this.sending = chore;
    }
    begin(chore);
  }

  /** Sends everything and waits until it has left, for `patience` nanoseconds at the most. Nothing if there is no line. */
  flush(patience: u64): void {
    if (this.handler === 0) return;
    const begun = monotonicNanoseconds();
    while (this.isSending && monotonicNanoseconds() - begun < patience) {
      refill();
      this.drain();
    }
  }

  private get isSending(): boolean {
    return this.tail !== this.head || (readPort(this.base + LINE_STATUS) & STATUS_TRANSMIT_IDLE) === 0;
  }

  /** Takes received bytes into `received`, as many as are known to be there; 0: none. */
  receive(): u64 {
    if ((readPort(this.base + INTERRUPT_IDENTITY) & IDENTITY_MASK) === IDENTITY_RECEIVED) {
      readPortBytes(this.base + DATA, addressOf(this.received), TRIGGER_BYTES);
      return TRIGGER_BYTES;
    }
    if ((readPort(this.base + LINE_STATUS) & STATUS_DATA_READY) === 0) return 0;
    this.received[0] = readPort(this.base + DATA);
    return 1;
  }

  /** Leaves input where it is until `resumeInput`: its interrupt is switched off. */
  pauseInput(): void {
    this.enable(this.enabled & ~ENABLE_RECEIVE);
  }

  resumeInput(): void {
    this.enable(this.enabled | ENABLE_RECEIVE);
  }

  get isPaused(): boolean {
    return (this.enabled & ENABLE_RECEIVE) === 0;
  }

  /** The interrupt was served. */
  acknowledge(): void {
    acknowledgeInterrupt(this.handler);
  }
}
