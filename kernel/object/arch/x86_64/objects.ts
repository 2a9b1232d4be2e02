/**
 * Between addresses and objects: where an object of kernel memory lies, what lies at an address, and which thread a
 * slot is part of. Object memory is always seen through the direct map.
 */

import { TCB_BITS } from '../../../../lib/abi/object-kind.js';
import type { Utcb } from '../../../../lib/abi/utcb.js';
import { directAddress, physicalOf } from '../../../arch/x86_64/memory.js';
import type { Capability } from '../../capability.js';
import type { KernelObject } from '../../kernel-object.js';
import type { Tcb } from '../../tcb.js';

/** The object at a physical address; the caller knows its class. */
export function objectAt(physical: u64): KernelObject {
  return reference<KernelObject>(directAddress(physical));
}

export function physicalOfObject(object: KernelObject): u64 {
  return physicalOf(addressOf(object));
}

export function utcbAt(physical: u64): Utcb {
  return reference<Utcb>(directAddress(physical));
}

const TCB_MASK: u64 = (1 << TCB_BITS) - 1;

/** The thread that a slot with SlotFlag.InThread is part of: threads are aligned to their size. */
export function threadOfSlot(slot: Capability): Tcb {
  return reference<Tcb>(addressOf(slot) & ~TCB_MASK);
}

/** Which of the thread's slots it is. */
export function indexInThread(slot: Capability): u64 {
  return (addressOf(slot) & TCB_MASK) / sizeOf<Capability>();
}
