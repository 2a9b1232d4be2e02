/**
 * Interrupt lines. A line has one handler at most; an interrupt signals the handler's notification. A level-triggered
 * line stays masked until the handler has acknowledged it, so a driver in ring 3 cannot be flooded; edges collect in the
 * notification's word.
 */
import { ObjectKind } from '../../lib/abi/object-kind.js';
import { acknowledgeLine, enableLine, maskLine } from '../arch/x86_64/irq.js';
import { signal } from '../ipc/notify.js';
import type { Capability } from './capability.js';
import { KernelObject } from './kernel-object.js';
import type { Notification } from './notification.js';

/** As many as the machine part drives (kernel/arch/x86_64/irq.ts). */
export const IRQ_LINES = 64;

export class IrqLine extends KernelObject {
  /** The notification, derived into this slot so that revoking it reaches here. */
  slot!: Inline<Capability>;
  badge!: u64;
  number!: u32;
  taken!: boolean;
}

export const irqLines: Fixed<Inline<IrqLine>, 64> = reserve();
let interrupts: u64 = 0;

export function interruptCount(): u64 {
  return interrupts;
}

/** Gives the line to a new handler. */
export function takeLine(number: u64): IrqLine {
  const line = irqLines[number];
  line.number = number;
  line.taken = true;
  line.badge = 0;
  return line;
}

/** The handler wants interrupts to be signalled to its slot's notification. */
export function startLine(line: IrqLine, badge: u64): void {
  line.badge = badge;
  enableLine(line.number);
}

/** Called at each device interrupt; the line is masked meanwhile. */
export function deviceInterrupt(number: u32): void {
  interrupts++;
  if (number >= IRQ_LINES) {
    return;
  }
  const line = irqLines[number];
  if (line.slot.kind === ObjectKind.Notification) {
    signal(line.slot.object as Notification, line.badge);
  }
}

/** The device has been served. */
export function acknowledgeInterrupt(line: IrqLine): void {
  if (line.slot.kind === ObjectKind.Notification) {
    acknowledgeLine(line.number);
  }
}

/** Nobody hears the line any more. */
export function silenceLine(line: IrqLine): void {
  maskLine(line.number);
}
