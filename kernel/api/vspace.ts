/** VSpace invocations: what an address space itself does to its pages. */
import { KernelError } from '../../lib/abi/error.js';
import { Invocation } from '../../lib/abi/invocation.js';
import { ObjectKind, PAGE_BYTES } from '../../lib/abi/object-kind.js';
import { MapRights, RIGHT_READ, RIGHT_WRITE, USER_END } from '../../lib/abi/rights.js';
import { cloneRange } from '../arch/x86_64/address-space.js';
import { PTE_ADDRESS, PTE_NO_EXECUTE, PTE_UNCACHED, PTE_WRITABLE } from '../arch/x86_64/page-table.js';
import { lookupPage, protectRange, unmapRange } from '../arch/x86_64/paging.js';
import { physicalOfObject } from '../object/arch/x86_64/objects.js';
import { isAllWritable } from '../object/attachment.js';
import type { Capability } from '../object/capability.js';
import { supplyTables } from '../object/tables.js';
import type { Tcb } from '../object/tcb.js';
import type { VSpace } from '../object/vspace.js';
import { hasWords, setResult0, setResults, word0, word1, word2, word3 } from './arguments.js';
import { findObject, lookupError } from './lookup.js';
import { pagingResult, rangeError } from './memory.js';

const BYTE_MASK: u64 = 0xff;

export function invokeVSpace(caller: Tcb, capability: Capability, label: u64): KernelError {
  if (label < Invocation.VSpaceSupply || label > Invocation.VSpaceLookup) {
    return KernelError.UnknownInvocation;
  }
  if (!hasWords(caller, 1)) {
    return KernelError.WrongLength;
  }
  const space = capability.object as VSpace;
  if (label === Invocation.VSpaceLookup) {
    return capability.hasRights(RIGHT_READ) ? lookup(caller, space) : KernelError.NoRight;
  }
  if (!capability.hasRights(RIGHT_WRITE)) {
    return KernelError.NoRight;
  }
  switch (label) {
    case Invocation.VSpaceSupply:
      return supply(caller, space);
    case Invocation.VSpaceUnmap:
      return unmap(caller, space);
    case Invocation.VSpaceProtect:
      return protect(caller, space);
    default:
      return clone(caller, space);
  }
}

function supply(caller: Tcb, space: VSpace): KernelError {
  const tables = findObject(caller, word0(caller), ObjectKind.Tables, RIGHT_WRITE);
  if (tables === null) {
    return lookupError;
  }
  if (tables.object !== null) {
    return KernelError.AlreadyBound;
  }
  supplyTables(space, tables);
  return KernelError.None;
}

function unmap(caller: Tcb, space: VSpace): KernelError {
  if (!hasWords(caller, 2)) {
    return KernelError.WrongLength;
  }
  const error = rangeError(word0(caller), word1(caller));
  if (error !== KernelError.None) {
    return error;
  }
  setResult0(caller, unmapRange(physicalOfObject(space), word0(caller), word1(caller)));
  return pagingResult();
}

/** Gives mapped pages other rights; writing only if all memory in the address space was lent for writing. */
function protect(caller: Tcb, space: VSpace): KernelError {
  if (!hasWords(caller, 3)) {
    return KernelError.WrongLength;
  }
  const error = rangeError(word0(caller), word1(caller));
  if (error !== KernelError.None) {
    return error;
  }
  const rights = word2(caller);
  if (rights > MapRights.All || (rights & MapRights.Replace) !== 0) {
    return KernelError.OutOfRange;
  }
  if ((rights & MapRights.Write) !== 0 && !isAllWritable(space)) {
    return KernelError.NoRight;
  }
  setResult0(caller, protectRange(physicalOfObject(space), word0(caller), word1(caller), rights));
  return pagingResult();
}

function clone(caller: Tcb, space: VSpace): KernelError {
  if (!hasWords(caller, 4)) {
    return KernelError.WrongLength;
  }
  const destination = findObject(caller, word0(caller), ObjectKind.VSpace, RIGHT_WRITE);
  if (destination === null) {
    return lookupError;
  }
  const error = rangeError(word1(caller), word2(caller));
  if (error !== KernelError.None) {
    return error;
  }
  const masks = word3(caller);
  if (masks >>> 16 !== 0 || destination.object === space) {
    return KernelError.OutOfRange;
  }
  const child = masks & BYTE_MASK;
  if ((child & MapRights.Write) !== 0 && !isAllWritable(destination.object as VSpace)) {
    return KernelError.NoRight;
  }
  const parent = masks >>> 8;
  setResult0(caller, cloneRange(space, destination.object as VSpace, word1(caller), word2(caller), child, parent));
  return pagingResult();
}

function lookup(caller: Tcb, space: VSpace): KernelError {
  const address = word0(caller);
  if (address >= USER_END) {
    return KernelError.OutOfRange;
  }
  const leaf = lookupPage(physicalOfObject(space), address);
  if (leaf === 0) {
    return KernelError.NotMapped;
  }
  let rights: u64 = MapRights.Read;
  if ((leaf & PTE_WRITABLE) !== 0) {
    rights |= MapRights.Write;
  }
  if ((leaf & PTE_NO_EXECUTE) === 0) {
    rights |= MapRights.Execute;
  }
  if ((leaf & PTE_UNCACHED) !== 0) {
    rights |= MapRights.Uncached;
  }
  setResults(caller, (leaf & PTE_ADDRESS) | (address & (PAGE_BYTES - 1)), rights, 0, 0);
  return KernelError.None;
}
