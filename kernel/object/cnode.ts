/**
 * A CNode: 2^radix capability slots. The radix and guard are in the capability, so one table may appear under several
 * guards. Threads and name spaces start with slots of their own, laid out the same way, so that deletion empties any
 * of the three alike.
 */
import { ObjectKind } from '../../lib/abi/object-kind.js';
import type { Capability } from './capability.js';
import { KernelObject } from './kernel-object.js';

export class CNode extends KernelObject {
  /** As many as the capability's radix says; the length here is only the largest. */
  slots!: Fixed<Inline<Capability>, 16384>;
}

/** How many bits of a capability pointer a CSpace resolves. */
export const CSPACE_BITS = 64;

/**
 * If `root` is a CNode whose guard is all zeros and covers every bit above its radix, its number of slots (then an
 * index is a capability pointer); otherwise 0.
 */
export function flatLimit(root: Capability): u64 {
  if (root.kind !== ObjectKind.CNode || root.word !== 0 || root.guardBits + root.bits !== CSPACE_BITS) {
    return 0;
  }
  return slotCount(root);
}

/** The slots that a CNode's (or Zombie's) capability covers. */
export function slotCount(capability: Capability): u64 {
  const one: u64 = 1;
  return one << capability.bits;
}
