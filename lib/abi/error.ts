/**
 * Why the kernel refused. Every operation and invocation returns one of these in rax; one that is not `None` means
 * that nothing changed, except where a progress count is documented (`NoTables`, `AlreadyMapped`, `NotAttached`,
 * `Again`), which says exactly how far it came.
 */
export enum KernelError {
  /** Done. */
  None = 0,
  /** rax names no operation. */
  UnknownOperation = 1,
  /** A capability pointer leads to no slot of the caller's capability space. */
  NoSlot = 2,
  /** The slot a capability pointer leads to is empty. */
  EmptySlot = 3,
  /** The capability is of another kind than the operation needs. */
  WrongKind = 4,
  /** The capability lacks the right that the operation needs. */
  NoRight = 5,
  /** The object has no invocation of this label. */
  UnknownInvocation = 6,
  /** The message has fewer words than the invocation has arguments, or more than a message can have. */
  WrongLength = 7,
  /** A number is outside its range. */
  OutOfRange = 8,
  /** An address or offset is not aligned as it must be. */
  Misaligned = 9,
  /** The destination slot holds a capability. */
  SlotOccupied = 10,
  /** This capability cannot be copied (attachments, tables given to an address space, one that is going away). */
  NotCopyable = 11,
  /** The Untyped has too little room left. */
  OutOfMemory = 12,
  /** The capability has more descendants than can be handed to its parent at once: revoke it, or delete some, first. */
  HasDescendants = 13,
  /** The receiver gave no Reply, or its Reply keeps somebody already, so a call could not be answered. */
  NoReply = 14,
  /** The Reply keeps nobody who waits for an answer. */
  NobodyWaits = 15,
  /** Going on would mean waiting, which this operation does not do. */
  WouldBlock = 16,
  /** What the thread waited on has gone, or the thread that was to answer has. */
  Cancelled = 17,
  /** A page of the range is mapped already; word 0 counts the pages before it. */
  AlreadyMapped = 18,
  /** Nothing is mapped there. */
  NotMapped = 19,
  /** Page-table memory ran out; word 0 counts the pages done. Supply tables and go on. */
  NoTables = 20,
  /** A page's memory is not attached to the destination address space; word 0 counts the pages before it. */
  NotAttached = 21,
  /** A bounded part of a long operation is done: ask again to go on. */
  Again = 22,
  /** The thread lacks what the operation needs (address space, message page, handler, name space). */
  NotConfigured = 23,
  /** Bound, attached or taken already. */
  AlreadyBound = 24,
  /** The caller has no message page (UTCB), and the operation passes words through it. */
  NoMessagePage = 25,
  /** The derivation would be deeper than the kernel counts. */
  TooDeep = 26,
  /** The object is in a state that does not allow it: a thread that is not suspended, a capability that is being
   *  deleted, a CNode that is not empty. */
  InvalidState = 27,
  /** The hardware has no such thing, or this kernel does not drive it. */
  NoDevice = 28,
}
