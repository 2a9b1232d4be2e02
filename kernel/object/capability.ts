/**
 * A capability slot: a right to an object, and its place in the derivation tree (derivation.ts).
 *
 * The tree is one doubly linked list in preorder; `depth` tells levels apart: a descendant is a follower of greater
 * depth. All capabilities to one object stand side by side in it, so whether one is the last is seen at its
 * neighbours. A slot whose kind is None is empty, and then every other field is zero.
 */
import { ObjectKind } from '../../lib/abi/object-kind.js';
import { KernelObject } from './kernel-object.js';

/** Bits of `flags`. */
export enum SlotFlag {
  None = 0,
  /** The slot is one of a thread's own (tcb.ts); emptying it must also clear what the thread cached of it. */
  InThread = 1,
  /** A badge was set; it cannot be set again. */
  Badged = 2,
  /** Being emptied by the deletion that runs now (deletion.ts). */
  Active = 4,
  /** The object is about to go: it can be neither used nor copied. */
  Dying = 8,
}

export class Capability extends KernelObject {
  kind!: ObjectKind;
  /** RIGHT_… bits of lib/abi/rights.ts. */
  rights!: u8;
  /** log2 of the object's bytes (Untyped, Region, Attachment, Frame, Tables) or of its slots (CNode, Zombie). */
  bits!: u8;
  /** CNode: how many address bits its guard takes. */
  guardBits!: u8;
  /** Level in the derivation tree; 0 for what the kernel made at boot. */
  depth!: u16;
  flags!: u8;
  spare!: u8;
  /**
   * Endpoint, Notification: badge. CNode: guard. Untyped: bytes in use, in units of 64, low half; bytes that were in
   * use once, high half. Attachment that goes: how far it is unmapped. Frame: the address mapped. Zombie: slots emptied.
   * PortRange: first port, and the last from bit 16 up.
   */
  word!: u64;
  /** The object; of an Attachment, a mapped Frame and supplied Tables: the VSpace. */
  object!: KernelObject | null;
  /** Untyped, Region, Attachment, Frame, Tables: physical address. Attachment: see `bits`. */
  base!: u64;
  /** Preorder neighbours in the derivation tree. */
  next!: Capability | null;
  previous!: Capability | null;
  /**
   * Mapped Frame, supplied Tables: neighbours in the list of what is attached to `object`. Attachment: children in that
   * VSpace's attachment-index.ts. Zombie: `listPrevious` is the one to go on with after it.
   */
  listNext!: Capability | null;
  listPrevious!: Capability | null;

  get hasDescendants(): boolean {
    const next = this.next;
    return next !== null && next.depth > this.depth;
  }

  /** Among what is attached to a VSpace. */
  get isAttached(): boolean {
    return (
      this.object !== null &&
      (this.kind === ObjectKind.Attachment || this.kind === ObjectKind.Frame || this.kind === ObjectKind.Tables)
    );
  }

  hasRights(rights: u64): boolean {
    return (this.rights & rights) === rights;
  }
}

staticAssert(sizeOf<Capability>() === 64, 'capability slots are indexed by shifting');

/** The deepest level; deriving further is `TooDeep`. Revoke walks down it for each capability it deletes. */
export const MAX_DEPTH = 1023;
