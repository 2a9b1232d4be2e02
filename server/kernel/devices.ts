/** I/O ports, interrupt lines and the kernel's log and counters, through the capabilities the kernel gave at boot. */
import { IRQ_CONTROL_SLOT, PORT_RANGE_SLOT, SYSTEM_SLOT } from '../../lib/abi/boot-information';
import { KernelError } from '../../lib/abi/error';
import { Invocation } from '../../lib/abi/invocation';
import { copyMemory } from '../../lib/arch/x86_64/bytes';
import { invoke, ownUtcb, result0, result1 } from '../arch/x86_64/kernel-call';
import { eventNotification } from './endpoint';
import { takeSlot } from './objects';

export function readPort(port: u64): u8 {
  invoke(PORT_RANGE_SLOT, Invocation.PortRead, port, 1, 0, 0);
  return result0();
}

export function writePort(port: u64, value: u64): void {
  invoke(PORT_RANGE_SLOT, Invocation.PortWrite, port, 1, value, 0);
}

/** Writes `count` bytes (at most 3072) from `source` to one port, one after another. */
export function writePortBytes(port: u64, source: u64, count: u64): void {
  copyMemory(addressOf(ownUtcb().data), source, count);
  invoke(PORT_RANGE_SLOT, Invocation.PortWriteString, port, 1, count, 0);
}

/** Reads `count` bytes (at most 3072) from one port, one after another, to `destination`. */
export function readPortBytes(port: u64, destination: u64, count: u64): void {
  invoke(PORT_RANGE_SLOT, Invocation.PortReadString, port, 1, count, 0);
  copyMemory(destination, addressOf(ownUtcb().data), count);
}

/** Takes an interrupt line; its interrupts signal `badge`. Gives the handler to acknowledge with, 0 if there is none. */
export function takeInterrupt(line: u64, badge: u64): u64 {
  const slot = takeSlot();
  if (slot === 0) return 0;
  if (invoke(IRQ_CONTROL_SLOT, Invocation.IrqControlGet, line, slot, 0, 0) !== KernelError.None) return 0;
  invoke(slot, Invocation.IrqHandlerSetNotification, eventNotification, badge, 0, 0);
  invoke(slot, Invocation.IrqHandlerAcknowledge, 0, 0, 0, 0);
  return slot;
}

/** The device has been served: the line may interrupt again. */
export function acknowledgeInterrupt(handler: u64): void {
  invoke(handler, Invocation.IrqHandlerAcknowledge, 0, 0, 0, 0);
}

/** Context switches since boot. */
export function contextSwitches(): u64 {
  invoke(SYSTEM_SLOT, Invocation.SystemReadStatistics, 0, 0, 0, 0);
  return result0();
}

/** Interrupts since boot. */
export function interrupts(): u64 {
  invoke(SYSTEM_SLOT, Invocation.SystemReadStatistics, 0, 0, 0, 0);
  return result1();
}
