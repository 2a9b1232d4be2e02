/**
 * Invocations: the kind of the capability says which family, the label which member. Every family's decode checks all
 * arguments first and touches nothing; what follows cannot fail.
 */
import { KernelError } from '../../lib/abi/error.js';
import { ObjectKind } from '../../lib/abi/object-kind.js';
import { MESSAGE_LABEL_SHIFT } from '../../lib/abi/operation.js';
import { type Capability, SlotFlag } from '../object/capability.js';
import type { Tcb } from '../object/tcb.js';
import { invokeClock } from './clock.js';
import { invokeCNode } from './cnode.js';
import { invokeIrqControl, invokeIrqHandler } from './irq.js';
import { invokeAttachment, invokeFrame, invokeRegion } from './memory.js';
import { invokeNamespace } from './namespace.js';
import { invokePortRange } from './port-range.js';
import { invokeSystem } from './system.js';
import { invokeTcb } from './tcb.js';
import { invokeUntyped } from './untyped.js';
import { invokeVSpace } from './vspace.js';

/** Carries out what the caller's message asks of `capability`, which is no endpoint. */
export function invoke(caller: Tcb, capability: Capability): KernelError {
  const label = caller.frame.rsi >>> MESSAGE_LABEL_SHIFT;
  if (capability.kind === ObjectKind.Zombie || (capability.flags & SlotFlag.Dying) !== 0) {
    return KernelError.InvalidState;
  }
  switch (capability.kind) {
    case ObjectKind.Untyped:
      return invokeUntyped(caller, capability, label);
    case ObjectKind.CNode:
      return invokeCNode(caller, capability, label);
    case ObjectKind.Tcb:
      return invokeTcb(caller, capability, label);
    case ObjectKind.Region:
      return invokeRegion(caller, capability, label);
    case ObjectKind.Attachment:
      return invokeAttachment(caller, capability, label);
    case ObjectKind.Frame:
      return invokeFrame(caller, capability, label);
    case ObjectKind.VSpace:
      return invokeVSpace(caller, capability, label);
    case ObjectKind.Namespace:
      return invokeNamespace(caller, capability, label);
    case ObjectKind.IrqControl:
      return invokeIrqControl(caller, capability, label);
    case ObjectKind.IrqHandler:
      return invokeIrqHandler(caller, capability, label);
    case ObjectKind.PortRange:
      return invokePortRange(caller, capability, label);
    case ObjectKind.Clock:
      return invokeClock(caller, capability, label);
    case ObjectKind.System:
      return invokeSystem(caller, capability, label);
    default:
      return KernelError.UnknownInvocation;
  }
}
