/**
 * The kinds of kernel objects, what a capability to one may allow, and how much memory one takes. `UntypedRetype`
 * takes a kind and, for those of variable size, its bits.
 */
export enum ObjectKind {
  /** An empty slot. */
  None = 0,
  /** Memory without a purpose yet, 2^bits bytes: what all other objects are made of. */
  Untyped = 1,
  /** A table of 2^bits capability slots. */
  CNode = 2,
  /** A thread. */
  Tcb = 3,
  /** Where senders and receivers meet. */
  Endpoint = 4,
  /** A word of signals that can be waited for. */
  Notification = 5,
  /** Keeps one caller until its answer. */
  Reply = 6,
  /** Memory meant for mapping, 2^bits bytes; attached to an address space it maps at any page granularity. */
  Region = 7,
  /** A Region's permission to be mapped into one address space. */
  Attachment = 8,
  /** One page (12, 21 or 30 bits) for devices and small users. */
  Frame = 9,
  /** An address space: the root page table. */
  VSpace = 10,
  /** Memory for page tables, 2^bits bytes. */
  Tables = 11,
  /** A protection domain: a capability space and an address space. */
  Namespace = 12,
  /** The right to take interrupt lines. */
  IrqControl = 13,
  /** One interrupt line. */
  IrqHandler = 14,
  /** A range of I/O ports. */
  PortRange = 15,
  /** Time and one deadline. */
  Clock = 16,
  /** Power, log and statistics of the machine. */
  System = 17,
  /** A capability table that is being emptied (never given out). */
  Zombie = 18,
}

/** log2 of a slot and of the fixed-size objects. */
export const SLOT_BITS = 6;
export const TCB_BITS = 11;
export const ENDPOINT_BITS = 6;
export const NOTIFICATION_BITS = 6;
export const REPLY_BITS = 6;
export const VSPACE_BITS = 12;
export const NAMESPACE_BITS = 8;

/** Limits of the `bits` argument of UntypedRetype. */
export const UNTYPED_MIN_BITS = 6;
export const UNTYPED_MAX_BITS = 37;
export const CNODE_MIN_RADIX = 1;
export const CNODE_MAX_RADIX = 14;
export const REGION_MIN_BITS = 12;
export const TABLES_MIN_BITS = 12;
export const TABLES_MAX_BITS = 22;

export const PAGE_BITS = 12;
export const PAGE_BYTES = 4096;
