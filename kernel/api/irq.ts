/** IrqControl and IrqHandler invocations. */
import { KernelError } from '../../lib/abi/error.js';
import { Invocation } from '../../lib/abi/invocation.js';
import { ObjectKind } from '../../lib/abi/object-kind.js';
import { RIGHT_WRITE, RIGHTS_ALL } from '../../lib/abi/rights.js';
import { isLine, maskLine } from '../arch/x86_64/irq.js';
import type { Capability } from '../object/capability.js';
import { deleteCapability } from '../object/deletion.js';
import { insertChild } from '../object/derivation.js';
import { depthError } from '../object/derive.js';
import { acknowledgeInterrupt, IRQ_LINES, type IrqLine, irqLines, startLine, takeLine } from '../object/irq.js';
import type { Tcb } from '../object/tcb.js';
import { hasWords, word0, word1 } from './arguments.js';
import { findEmptySlots, lookupError } from './lookup.js';
import { bindSignal, signalError, signalSource } from './signal-slot.js';

export function invokeIrqControl(caller: Tcb, control: Capability, label: u64): KernelError {
  if (label !== Invocation.IrqControlGet) {
    return KernelError.UnknownInvocation;
  }
  if (!hasWords(caller, 2)) {
    return KernelError.WrongLength;
  }
  if (!control.hasRights(RIGHT_WRITE)) {
    return KernelError.NoRight;
  }
  const number = word0(caller);
  if (number >= IRQ_LINES) {
    return KernelError.OutOfRange;
  }
  if (!isLine(number)) {
    return KernelError.NoDevice;
  }
  if (irqLines[number].taken) {
    return KernelError.AlreadyBound;
  }
  const depth = depthError(control);
  if (depth !== KernelError.None) {
    return depth;
  }
  const destination = findEmptySlots(caller, word1(caller), 1);
  if (destination === null) {
    return lookupError;
  }
  destination.kind = ObjectKind.IrqHandler;
  destination.rights = RIGHTS_ALL;
  destination.object = takeLine(number);
  insertChild(control, destination);
  return KernelError.None;
}

export function invokeIrqHandler(caller: Tcb, handler: Capability, label: u64): KernelError {
  const line = handler.object as IrqLine;
  if (label !== Invocation.IrqHandlerSetNotification && label !== Invocation.IrqHandlerAcknowledge) {
    return KernelError.UnknownInvocation;
  }
  if (!handler.hasRights(RIGHT_WRITE)) {
    return KernelError.NoRight;
  }
  if (label === Invocation.IrqHandlerSetNotification) {
    return setNotification(caller, line);
  }
  acknowledgeInterrupt(line);
  return KernelError.None;
}

function setNotification(caller: Tcb, line: IrqLine): KernelError {
  if (!hasWords(caller, 2)) {
    return KernelError.WrongLength;
  }
  const error = signalError(caller, word0(caller));
  if (error !== KernelError.None) {
    return error;
  }
  maskLine(line.number);
  if (deleteCapability(line.slot) !== KernelError.None) {
    return KernelError.Again;
  }
  const source = signalSource;
  if (source !== null) {
    bindSignal(source, line.slot);
    startLine(line, word1(caller));
  }
  return KernelError.None;
}
