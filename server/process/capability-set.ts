/**
 * What a process may do beyond its credentials: Linux capability sets (capabilities(7)), shared and counted. Dropping
 * is one-way: a set is only ever replaced by a subset of its permitted bits.
 */
import { release } from '../memory/heap';

/** Linux 6.1 knows capabilities 0 to 40. */
export const ALL_CAPABILITIES: u64 = 0x1ff_ffff_ffff;
export const LAST_CAPABILITY: u64 = 40;

export class CapabilitySet {
  references!: u32;
  permitted!: u64;
  effective!: u64;
  inheritable!: u64;
  bounding!: u64;
  ambient!: u64;

  retain(): void {
    this.references += 1;
  }

  drop(): void {
    this.references -= 1;
    if (this.references === 0) release(addressOf(this));
  }

  /** A set like this one, but with a smaller bounding set. */
  without(capability: u64): CapabilitySet {
    const set = new CapabilitySet();
    set.references = 1;
    set.permitted = this.permitted;
    set.effective = this.effective;
    set.inheritable = this.inheritable;
    set.ambient = this.ambient;
    set.bounding = this.bounding & ~(1 << capability);
    return set;
  }

  has(capability: u32): boolean {
    return ((this.effective >> capability) & 1) !== 0;
  }
}

export function allCapabilities(): CapabilitySet {
  const set = new CapabilitySet();
  set.references = 1;
  set.permitted = ALL_CAPABILITIES;
  set.effective = ALL_CAPABILITIES;
  set.bounding = ALL_CAPABILITIES;
  return set;
}
