/**
 * A name space in the seeds' sense, a protection domain: what code can reach, apart from the threads that run in it.
 * It pairs a capability space and an address space, each a capability in a slot of its own, and bounds the rights that
 * anything rforked from it can have.
 */
import { ObjectKind } from '../../lib/abi/object-kind.js';
import { type Capability, SlotFlag } from './capability.js';
import { KernelObject } from './kernel-object.js';

export enum NamespaceSlot {
  CSpace = 0,
  VSpace = 1,
}

/** log2 of the number of slots. */
export const NAMESPACE_SLOT_RADIX = 1;

export class Namespace extends KernelObject {
  slots!: Fixed<Inline<Capability>, 2>;
  /** Rights that were taken away from this name space and all that is made from it: never given back. */
  withheldRights!: u8;
}

/** Whether it has both spaces, and neither is on its way out. */
export function isConfigured(namespace: Namespace): boolean {
  const cspace = namespace.slots[NamespaceSlot.CSpace];
  const vspace = namespace.slots[NamespaceSlot.VSpace];
  return (
    cspace.kind === ObjectKind.CNode &&
    vspace.kind === ObjectKind.VSpace &&
    ((cspace.flags | vspace.flags) & SlotFlag.Dying) === 0
  );
}

staticAssert(sizeOf<Namespace>() <= 256, 'a name space takes 2^NAMESPACE_BITS bytes');
