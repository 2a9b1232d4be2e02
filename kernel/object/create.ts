/**
 * Making objects: their sizes, and what fresh memory becomes.
 */
import {
  CNODE_MAX_RADIX,
  CNODE_MIN_RADIX,
  ENDPOINT_BITS,
  NAMESPACE_BITS,
  NOTIFICATION_BITS,
  ObjectKind,
  PAGE_BITS,
  REGION_MIN_BITS,
  REPLY_BITS,
  SLOT_BITS,
  TABLES_MAX_BITS,
  TABLES_MIN_BITS,
  TCB_BITS,
  UNTYPED_MAX_BITS,
  UNTYPED_MIN_BITS,
  VSPACE_BITS,
} from '../../lib/abi/object-kind.js';
import { RIGHTS_ALL } from '../../lib/abi/rights.js';
import { zeroMemory } from '../arch/x86_64/memory.js';
import { initializeRoot } from '../arch/x86_64/paging.js';
import { objectAt } from './arch/x86_64/objects.js';
import type { Capability } from './capability.js';
import { CSPACE_BITS } from './cnode.js';
import type { Tcb } from './tcb.js';
import { initializeThread } from './thread.js';
import { makeMemoryCapability } from './untyped.js';

/** The bits argument does not suit the kind. */
export const NO_SIZE = 0;

/** log2 of the bytes that an object takes, or NO_SIZE if `bits` is out of range or the kind is not made by retype. */
export function objectBits(kind: u64, bits: u64): u64 {
  switch (kind) {
    case ObjectKind.Untyped:
      return within(bits, UNTYPED_MIN_BITS, UNTYPED_MAX_BITS);
    case ObjectKind.CNode:
      return bits >= CNODE_MIN_RADIX && bits <= CNODE_MAX_RADIX ? bits + SLOT_BITS : NO_SIZE;
    case ObjectKind.Tcb:
      return TCB_BITS;
    case ObjectKind.Endpoint:
      return ENDPOINT_BITS;
    case ObjectKind.Notification:
      return NOTIFICATION_BITS;
    case ObjectKind.Reply:
      return REPLY_BITS;
    case ObjectKind.Region:
      return within(bits, REGION_MIN_BITS, UNTYPED_MAX_BITS);
    case ObjectKind.Frame:
      return bits === 12 || bits === 21 || bits === 30 ? bits : NO_SIZE;
    case ObjectKind.VSpace:
      return VSPACE_BITS;
    case ObjectKind.Tables:
      return within(bits, TABLES_MIN_BITS, TABLES_MAX_BITS);
    case ObjectKind.Namespace:
      return NAMESPACE_BITS;
    default:
      return NO_SIZE;
  }
}

function within(bits: u64, least: u64, most: u64): u64 {
  return bits >= least && bits <= most ? bits : NO_SIZE;
}

/** Whether the object is plain memory, which need not be cleared when fresh. */
export function isMemory(kind: u64): boolean {
  return (
    kind === ObjectKind.Untyped || kind === ObjectKind.Region || kind === ObjectKind.Frame || kind === ObjectKind.Tables
  );
}

/** Makes the object in the memory at `physical`, and its first capability in the empty `slot`. */
export function makeObject(slot: Capability, kind: ObjectKind, sizeBits: u64, physical: u64): void {
  if (isMemory(kind)) {
    makeMemoryCapability(slot, kind, sizeBits, physical, RIGHTS_ALL);
    return;
  }
  const one: u64 = 1;
  zeroMemory(physical, one << sizeBits);
  slot.kind = kind;
  slot.rights = RIGHTS_ALL;
  slot.object = objectAt(physical);
  switch (kind) {
    case ObjectKind.CNode:
      slot.bits = sizeBits - SLOT_BITS;
      slot.guardBits = CSPACE_BITS - slot.bits;
      break;
    case ObjectKind.Tcb:
      initializeThread(slot.object as Tcb);
      break;
    case ObjectKind.VSpace:
      initializeRoot(physical);
      break;
    default:
      break;
  }
}

staticAssert(VSPACE_BITS === PAGE_BITS, 'a root table is a page');
