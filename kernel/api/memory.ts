/** Region, Attachment and Frame invocations: memory into address spaces. */
import { KernelError } from '../../lib/abi/error.js';
import { Invocation } from '../../lib/abi/invocation.js';
import { ObjectKind, PAGE_BITS } from '../../lib/abi/object-kind.js';
import { MAP_MAX_PAGES, MapRights, RIGHT_READ, RIGHT_WRITE, USER_END } from '../../lib/abi/rights.js';
import { mapRange, PagingResult, pagingError } from '../arch/x86_64/paging.js';
import { physicalOfObject } from '../object/arch/x86_64/objects.js';
import { makeAttachment } from '../object/attachment.js';
import { overlapsAttached } from '../object/attachment-index.js';
import type { Capability } from '../object/capability.js';
import { insertChild } from '../object/derivation.js';
import { depthError } from '../object/derive.js';
import { unmapFrame } from '../object/mapping.js';
import type { Tcb } from '../object/tcb.js';
import { attachToSpace, type VSpace } from '../object/vspace.js';
import { hasWords, setResult0, setResults, word0, word1, word2, word3 } from './arguments.js';
import { findEmptySlots, findObject, lookupError } from './lookup.js';

const PAGE_MASK: u64 = (1 << PAGE_BITS) - 1;

/** Why [address, address + pages) is no range to work on, or None. */
export function rangeError(address: u64, pages: u64): KernelError {
  if ((address & PAGE_MASK) !== 0) {
    return KernelError.Misaligned;
  }
  if (pages === 0 || pages > MAP_MAX_PAGES || address >= USER_END || pages << PAGE_BITS > USER_END - address) {
    return KernelError.OutOfRange;
  }
  return KernelError.None;
}

/** The capability right that map rights need: memory lent for reading is not mapped for writing. */
function mapRightsError(capability: Capability, rights: u64): KernelError {
  if (rights > MapRights.All) {
    return KernelError.OutOfRange;
  }
  const needed = (rights & MapRights.Write) !== 0 ? RIGHT_READ | RIGHT_WRITE : RIGHT_READ;
  return capability.hasRights(needed) ? KernelError.None : KernelError.NoRight;
}

/** Why the last paging function stopped, as an error. */
export function pagingResult(): KernelError {
  switch (pagingError) {
    case PagingResult.Done:
      return KernelError.None;
    case PagingResult.NoTables:
      return KernelError.NoTables;
    case PagingResult.AlreadyMapped:
      return KernelError.AlreadyMapped;
    case PagingResult.NotMapped:
      return KernelError.NotMapped;
    default:
      return KernelError.NotAttached;
  }
}

export function invokeRegion(caller: Tcb, region: Capability, label: u64): KernelError {
  if (label === Invocation.MemoryStatus) {
    setResults(caller, region.base, region.bits, 0, 0);
    return KernelError.None;
  }
  if (label !== Invocation.RegionAttach) {
    return KernelError.UnknownInvocation;
  }
  if (!hasWords(caller, 2)) {
    return KernelError.WrongLength;
  }
  const space = findObject(caller, word0(caller), ObjectKind.VSpace, RIGHT_WRITE);
  if (space === null) {
    return lookupError;
  }
  const depth = depthError(region);
  if (depth !== KernelError.None) {
    return depth;
  }
  const destination = findEmptySlots(caller, word1(caller), 1);
  if (destination === null) {
    return lookupError;
  }
  if (overlapsAttached(space.object as VSpace, region)) {
    return KernelError.AlreadyBound;
  }
  makeAttachment(region, space.object as VSpace, destination);
  insertChild(region, destination);
  return KernelError.None;
}

export function invokeAttachment(caller: Tcb, attachment: Capability, label: u64): KernelError {
  if (label !== Invocation.AttachmentMap) {
    return KernelError.UnknownInvocation;
  }
  if (!hasWords(caller, 4)) {
    return KernelError.WrongLength;
  }
  const offset = word0(caller);
  const address = word1(caller);
  const pages = word2(caller);
  const rights = word3(caller);
  const range = rangeError(address, pages);
  if (range !== KernelError.None) {
    return range;
  }
  if ((offset & PAGE_MASK) !== 0) {
    return KernelError.Misaligned;
  }
  const one: u64 = 1;
  const size = one << attachment.bits;
  if (offset >= size || pages << PAGE_BITS > size - offset) {
    return KernelError.OutOfRange;
  }
  const right = mapRightsError(attachment, rights);
  if (right !== KernelError.None) {
    return right;
  }
  const space = attachment.object as VSpace;
  const physical = attachment.base + offset;
  setResult0(caller, mapRange(physicalOfObject(space), space.pool, address, physical, pages, rights));
  return pagingResult();
}

export function invokeFrame(caller: Tcb, frame: Capability, label: u64): KernelError {
  switch (label) {
    case Invocation.MemoryStatus:
      setResults(caller, frame.base, frame.bits, 0, 0);
      return KernelError.None;
    case Invocation.FrameMap:
      return mapFrame(caller, frame);
    case Invocation.FrameUnmap:
      if (frame.object === null) {
        return KernelError.NotMapped;
      }
      unmapFrame(frame);
      return KernelError.None;
    default:
      return KernelError.UnknownInvocation;
  }
}

function mapFrame(caller: Tcb, frame: Capability): KernelError {
  if (!hasWords(caller, 3)) {
    return KernelError.WrongLength;
  }
  if (frame.object !== null) {
    return KernelError.AlreadyBound;
  }
  const slot = findObject(caller, word0(caller), ObjectKind.VSpace, RIGHT_WRITE);
  if (slot === null) {
    return lookupError;
  }
  const one: u64 = 1;
  const address = word1(caller);
  const rights = word2(caller);
  const pages = one << (frame.bits - PAGE_BITS);
  if ((address & ((one << frame.bits) - 1)) !== 0) {
    return KernelError.Misaligned;
  }
  if (address >= USER_END || pages << PAGE_BITS > USER_END - address) {
    return KernelError.OutOfRange;
  }
  const right = mapRightsError(frame, rights);
  if (right !== KernelError.None) {
    return right;
  }
  const space = slot.object as VSpace;
  const done = mapRange(physicalOfObject(space), space.pool, address, frame.base, pages, rights);
  if (done !== 0) {
    attachToSpace(space, frame);
    frame.word = address;
  }
  const error = pagingResult();
  if (error !== KernelError.None && done !== 0) {
    unmapFrame(frame);
  }
  return error;
}
