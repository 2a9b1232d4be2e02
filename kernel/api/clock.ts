/** Clock invocations: reading time, and one deadline. */
import { KernelError } from '../../lib/abi/error.js';
import { Invocation } from '../../lib/abi/invocation.js';
import { ObjectKind } from '../../lib/abi/object-kind.js';
import { RIGHT_WRITE } from '../../lib/abi/rights.js';
import { readTsc, tscKilohertz, wallClockSeconds } from '../arch/x86_64/time.js';
import type { Capability } from '../object/capability.js';
import { clockSlot, setClockBadge, setClockDeadline } from '../object/clock.js';
import { deleteCapability } from '../object/deletion.js';
import type { Tcb } from '../object/tcb.js';
import { bootTsc } from '../root-task.js';
import { hasWords, setResults, word0, word1 } from './arguments.js';
import { bindSignal, signalError, signalSource } from './signal-slot.js';

export function invokeClock(caller: Tcb, clock: Capability, label: u64): KernelError {
  switch (label) {
    case Invocation.ClockRead:
      setResults(caller, readTsc(), tscKilohertz(), wallClockSeconds(), bootTsc());
      return KernelError.None;
    case Invocation.ClockSetDeadline:
      return setDeadline(caller, clock);
    case Invocation.ClockSetNotification:
      return setNotification(caller, clock);
    default:
      return KernelError.UnknownInvocation;
  }
}

function setDeadline(caller: Tcb, clock: Capability): KernelError {
  if (!hasWords(caller, 1)) {
    return KernelError.WrongLength;
  }
  if (!clock.hasRights(RIGHT_WRITE)) {
    return KernelError.NoRight;
  }
  if (clockSlot.kind !== ObjectKind.Notification) {
    return KernelError.NotConfigured;
  }
  setClockDeadline(word0(caller));
  return KernelError.None;
}

function setNotification(caller: Tcb, clock: Capability): KernelError {
  if (!hasWords(caller, 2)) {
    return KernelError.WrongLength;
  }
  if (!clock.hasRights(RIGHT_WRITE)) {
    return KernelError.NoRight;
  }
  const error = signalError(caller, word0(caller));
  if (error !== KernelError.None) {
    return error;
  }
  setClockDeadline(0);
  if (deleteCapability(clockSlot) !== KernelError.None) {
    return KernelError.Again;
  }
  const source = signalSource;
  if (source !== null) {
    bindSignal(source, clockSlot);
    setClockBadge(word1(caller));
  }
  return KernelError.None;
}
