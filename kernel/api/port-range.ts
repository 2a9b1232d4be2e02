/** PortRange invocations: device registers in I/O space, within the capability's range. */
import { KernelError } from '../../lib/abi/error.js';
import { Invocation } from '../../lib/abi/invocation.js';
import { ObjectKind } from '../../lib/abi/object-kind.js';
import { RIGHT_READ, RIGHT_WRITE } from '../../lib/abi/rights.js';
import { UTCB_DATA_BYTES } from '../../lib/abi/utcb.js';
import { portRead, portReadString, portWrite, portWriteString } from '../object/arch/x86_64/port-access.js';
import type { Capability } from '../object/capability.js';
import { insertChild } from '../object/derivation.js';
import { depthError } from '../object/derive.js';
import type { Tcb } from '../object/tcb.js';
import { hasWords, setResult0, word0, word1, word2 } from './arguments.js';
import { findEmptySlots, lookupError } from './lookup.js';

const PORT_MASK: u64 = 0xffff;

export function invokePortRange(caller: Tcb, range: Capability, label: u64): KernelError {
  switch (label) {
    case Invocation.PortRead:
    case Invocation.PortWrite:
    case Invocation.PortReadString:
    case Invocation.PortWriteString:
      return access(caller, range, label);
    case Invocation.PortRestrict:
      return restrict(caller, range);
    default:
      return KernelError.UnknownInvocation;
  }
}

function access(caller: Tcb, range: Capability, label: u64): KernelError {
  if (!hasWords(caller, label === Invocation.PortRead ? 2 : 3)) {
    return KernelError.WrongLength;
  }
  const reads = label === Invocation.PortRead || label === Invocation.PortReadString;
  if (!range.hasRights(reads ? RIGHT_READ : RIGHT_WRITE)) {
    return KernelError.NoRight;
  }
  const port = word0(caller);
  const bytes = word1(caller);
  if (bytes !== 1 && bytes !== 2 && bytes !== 4) {
    return KernelError.OutOfRange;
  }
  const last = range.word >>> 16;
  if (port < (range.word & PORT_MASK) || port > last || port + bytes - 1 > last) {
    return KernelError.OutOfRange;
  }
  if (label === Invocation.PortRead) {
    setResult0(caller, portRead(port, bytes));
    return KernelError.None;
  }
  if (label === Invocation.PortWrite) {
    portWrite(port, bytes, word2(caller));
    return KernelError.None;
  }
  const count = word2(caller);
  if (count > UTCB_DATA_BYTES || count * bytes > UTCB_DATA_BYTES) {
    return KernelError.OutOfRange;
  }
  const utcb = caller.utcb;
  if (utcb === null) {
    return KernelError.NoMessagePage;
  }
  if (reads) {
    portReadString(port, bytes, count, utcb);
  } else {
    portWriteString(port, bytes, count, utcb);
  }
  return KernelError.None;
}

function restrict(caller: Tcb, range: Capability): KernelError {
  if (!hasWords(caller, 3)) {
    return KernelError.WrongLength;
  }
  const first = word0(caller);
  const last = word1(caller);
  if (first > last || first < (range.word & PORT_MASK) || last > range.word >>> 16) {
    return KernelError.OutOfRange;
  }
  const depth = depthError(range);
  if (depth !== KernelError.None) {
    return depth;
  }
  const destination = findEmptySlots(caller, word2(caller), 1);
  if (destination === null) {
    return lookupError;
  }
  destination.kind = ObjectKind.PortRange;
  destination.rights = range.rights;
  destination.word = first | (last << 16);
  insertChild(range, destination);
  return KernelError.None;
}
