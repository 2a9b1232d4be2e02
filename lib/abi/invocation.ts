/**
 * The labels of invocations: what a Call of a capability asks of its object. `w0`, `w1`, … are message words, the
 * results come back as words too. A *slot* argument is a place for a capability: bits 0..31 an index, bits 32..63 a
 * capability pointer to the CNode it indexes (0: the caller's root CNode). A *cptr* is a capability pointer.
 *
 * Each comment lists the errors of its invocation, beside those that follow from its form: on every capability NoSlot,
 * EmptySlot, UnknownInvocation and InvalidState (it is being deleted); with arguments WrongLength; with a cptr NoSlot,
 * EmptySlot and WrongKind; with a slot NoSlot, EmptySlot, WrongKind and NoRight (of the CNode), OutOfRange and
 * SlotOccupied. docs/abi.md is generated from the comments here, and test/guest/kernel.guest.ts wants a case for each
 * error.
 */
export enum Invocation {
  /** Untyped: w0 kind, w1 bits, w2 first slot, w3 count → w0 count. Bump allocation; an Untyped without children
   *  starts anew. `bits` is the size of Untyped, Region, Frame and Tables, and the radix of a CNode; else ignored.
   *  Errors: OutOfRange (kind, bits, count), OutOfMemory, TooDeep, Again (used memory is being cleared). */
  UntypedRetype = 0x10,
  /** Untyped: → w0 physical address, w1 bits, w2 bytes still free. */
  UntypedStatus = 0x11,

  /** CNode: w0 index, w1 slot, w2 rights mask. Errors: OutOfRange, NotCopyable, TooDeep, NoRight. */
  CNodeCopy = 0x20,
  /** CNode: w0 index, w1 slot, w2 rights mask, w3 badge (Endpoint, Notification; once) or guard (CNode: guard bits in
   *  bits 0..7, guard from bit 8 up).
   *  Errors: OutOfRange, NotCopyable, TooDeep, NoRight, WrongKind (takes no badge), AlreadyBound (has one). */
  CNodeMint = 0x21,
  /** CNode: w0 index, w1 slot. Errors: OutOfRange, NoRight, InvalidState (it is being deleted). */
  CNodeMove = 0x22,
  /** CNode: w0 index. The last capability to an object ends the object. What was derived from the capability becomes
   *  its parent's. Errors: OutOfRange, EmptySlot, HasDescendants, Again, NoRight. */
  CNodeDelete = 0x23,
  /** CNode: w0 index. Deletes all that was derived from the capability.
   *  Errors: OutOfRange, EmptySlot, Again, NoRight. */
  CNodeRevoke = 0x24,

  /** Tcb: w0 CSpace cptr (low half) and VSpace cptr (high half), w1 fault handler Endpoint cptr (low half) and
   *  Attachment cptr of the UTCB (high half), w2 offset of the UTCB in its Region, w3 address of the UTCB in the
   *  thread's VSpace (information for the thread). A cptr of 0 leaves that part as it is.
   *  Errors: NoRight, Misaligned, OutOfRange, InvalidState (not suspended; the Attachment is being deleted), TooDeep,
   *  Again (what it had before ends with this: ask again, naming what is still there). */
  TcbConfigure = 0x30,
  /** Tcb: w0 handler Endpoint cptr (low half) and Reply cptr (high half), w1 badge, w2 mode: 0
   *  native, 1 foreign, 2 native and trusted: it uses no FPU and none is kept from it (only a trusted caller may).
   *  Errors: NoRight, AlreadyBound (the Reply), NotConfigured (foreign, but without UTCB, handler or Reply),
   *  InvalidState (not suspended), OutOfRange (mode), TooDeep, Again (ending the old handler takes several steps). */
  TcbSetForeign = 0x31,
  /** Tcb: w0 rip, w1 rsp, w2 rdi, w3 rsi of a native thread. Errors: NoRight, InvalidState (not suspended, or
   *  foreign), OutOfRange. */
  TcbWriteRegisters = 0x32,
  /** Tcb: → w0 rip, w1 rsp, w2 state, w3 priority; words 4..25 (in the UTCB) its frame.
   *  Errors: NoMessagePage, NoRight. */
  TcbReadRegisters = 0x33,
  /** Tcb: w0 priority, w1 highest priority it may give; neither above the caller's own. Errors: NoRight,
   *  OutOfRange. */
  TcbSetPriority = 0x34,
  /** Tcb: w0 CPU. Errors: NoRight, OutOfRange. */
  TcbSetAffinity = 0x35,
  /** Tcb: makes it runnable. Errors: NoRight, NotConfigured, InvalidState (it waits in a message; Suspend ends that). */
  TcbResume = 0x36,
  /** Tcb: stops it; a wait for a message ends with Cancelled. Errors: NoRight. */
  TcbSuspend = 0x37,
  /** Tcb: w0 Tcb cptr whose FPU state is copied. Errors: NoRight. */
  TcbCopyFpu = 0x38,
  /** Tcb: copies its FPU state to offset 1024 of the caller's UTCB → w0 bytes. Errors: NoRight, NoMessagePage. */
  TcbReadFpu = 0x39,
  /** Tcb: takes its FPU state from offset 1024 of the caller's UTCB. Errors: NoRight, NoMessagePage. */
  TcbWriteFpu = 0x3a,
  /** Tcb: FPU state as at power-on. Errors: NoRight. */
  TcbResetFpu = 0x3b,
  /** Tcb: w0 Notification cptr (0: none): its signals also wake the thread when it waits on an endpoint.
   *  Errors: NoRight, AlreadyBound, TooDeep, Again (ending the old one takes several steps). */
  TcbBindNotification = 0x3c,
  /** Tcb: → w0 time run (TSC ticks), w1 times it was switched to, w2 preemptions, w3 slices used up.
   *  Errors: NoRight. */
  TcbReadAccounting = 0x3d,
  /** Tcb: w0 Namespace cptr: its CSpace and VSpace become the thread's.
   *  Errors: NoRight, NotConfigured (it lacks one of them), InvalidState (the thread is not suspended), TooDeep,
   *  Again (as of Configure). */
  TcbSetNamespace = 0x3e,

  /** Region: w0 VSpace cptr, w1 slot for the Attachment.
   *  Errors: TooDeep, NoRight, AlreadyBound (some of the memory is attached there). */
  RegionAttach = 0x40,
  /** Region or Frame: → w0 physical address, w1 bits. */
  MemoryStatus = 0x41,
  /** Attachment: w0 offset, w1 address, w2 pages, w3 map rights → w0 pages done.
   *  Errors: Misaligned, OutOfRange, NoRight, AlreadyMapped, NoTables, InvalidState (it is being deleted). */
  AttachmentMap = 0x48,

  /** Frame: w0 VSpace cptr, w1 address, w2 map rights.
   *  Errors: Misaligned, OutOfRange, NoRight, AlreadyBound (mapped already), AlreadyMapped, NoTables. */
  FrameMap = 0x50,
  /** Frame: takes it out of the address space it is mapped in. Errors: NotMapped. */
  FrameUnmap = 0x51,

  /** VSpace: w0 Tables cptr, which then belongs to it. Errors: NoRight, AlreadyBound. */
  VSpaceSupply = 0x60,
  /** VSpace: w0 address, w1 pages; holes are allowed → w0 pages done.
   *  Errors: Misaligned, OutOfRange, NoRight, NoTables (to unmap a part of a 2M page). */
  VSpaceUnmap = 0x61,
  /** VSpace: w0 address, w1 pages, w2 map rights; holes are allowed → w0 pages done.
   *  Errors: Misaligned, OutOfRange, NoRight, NoTables (to change a part of a 2M page). */
  VSpaceProtect = 0x62,
  /** VSpace: w0 destination VSpace cptr, w1 address, w2 pages, w3 mask of the child's map rights (bits 0..7) and of
   *  the parent's (bits 8..15) → w0 pages done. Maps what is mapped here there as well; holes are skipped.
   *  Errors: Misaligned, OutOfRange, NoRight, AlreadyMapped, NoTables, NotAttached. */
  VSpaceCloneRange = 0x63,
  /** VSpace: w0 address → w0 physical address, w1 map rights. Errors: NotMapped, OutOfRange, NoRight. */
  VSpaceLookup = 0x64,

  /** Namespace: w0 CNode cptr: its CSpace.
   *  Errors: NoRight, TooDeep, HasDescendants (too many threads and name spaces share the old one: delete some),
   *  Again (as of TcbConfigure). */
  NamespaceSetCSpace = 0x70,
  /** Namespace: w0 VSpace cptr. Errors: NoRight, TooDeep, HasDescendants, Again (all as of SetCSpace). */
  NamespaceSetVSpace = 0x71,
  /** Namespace: w0 child Namespace cptr, w1 flags (RFORK_…) in bits 0..7 and rights mask in bits 8..15, w2 the
   *  child's new CNode cptr (copied or empty CSpace), w3 its new VSpace cptr (RFORK_NEW_VSPACE) → w0 capabilities
   *  copied; with fewer rights than all, those to CNodes, Namespaces and threads stay behind.
   *  Errors: OutOfRange (flags; rights with a shared CSpace), NotConfigured, AlreadyBound (the child has a space),
   *  NoRight, TooDeep, InvalidState (the new CNode is too small, too large or not empty). */
  NamespaceRfork = 0x72,

  /** IrqControl: w0 line, w1 slot for the IrqHandler.
   *  Errors: OutOfRange, AlreadyBound, NoDevice, TooDeep, NoRight. */
  IrqControlGet = 0x80,
  /** IrqHandler: w0 Notification cptr (0: none), w1 badge to signal. Errors: NoRight, TooDeep,
   *  Again (ending the old one takes several steps). */
  IrqHandlerSetNotification = 0x88,
  /** IrqHandler: the device has been served; the line may interrupt again. Errors: NoRight. */
  IrqHandlerAcknowledge = 0x89,

  /** PortRange: w0 port, w1 bytes (1, 2, 4) → w0 value. Errors: OutOfRange, NoRight. */
  PortRead = 0x90,
  /** PortRange: w0 port, w1 bytes (1, 2, 4), w2 value. Errors: OutOfRange, NoRight. */
  PortWrite = 0x91,
  /** PortRange: w0 port, w1 bytes (1, 2, 4), w2 count: that many reads to the UTCB from offset 1024 on.
   *  Errors: OutOfRange, NoRight, NoMessagePage. */
  PortReadString = 0x92,
  /** PortRange: the same for writing. w0 port, w1 bytes, w2 count. Errors: OutOfRange, NoRight, NoMessagePage. */
  PortWriteString = 0x93,
  /** PortRange: w0 first, w1 last, w2 slot: a narrower range. Errors: OutOfRange, TooDeep. */
  PortRestrict = 0x94,

  /** Clock: w0 TSC (0: none): its notification is signalled once at or after it. Errors: NotConfigured, NoRight. */
  ClockSetDeadline = 0xa0,
  /** Clock: w0 Notification cptr (0: none), w1 badge to signal. Errors: NoRight, TooDeep,
   *  Again (ending the old one takes several steps). */
  ClockSetNotification = 0xa1,
  /** Clock: → w0 TSC now, w1 TSC ticks per millisecond (kHz), w2 wall-clock seconds at boot, w3 TSC at boot. */
  ClockRead = 0xa2,

  /** System: switches the machine off. Does not return. Errors: NoRight. */
  SystemPowerOff = 0xb0,
  /** System: restarts the machine. Does not return. Errors: NoRight. */
  SystemReboot = 0xb1,
  /** System: panics. Does not return. Errors: NoRight. */
  SystemPanic = 0xb2,
  /** System: w0 position in the kernel's log → w0 bytes copied to the UTCB from offset 1024 on, w1 position after.
   *  Errors: NoMessagePage, NoRight. */
  SystemReadLog = 0xb3,
  /** System: → w0 context switches, w1 interrupts, w2 idle time (TSC ticks), w3 kernel operations by the slow path.
   *  Errors: NoRight. */
  SystemReadStatistics = 0xb4,
}

/** NamespaceRfork: the child gets a copy of the parent's capabilities in its new CNode. */
export const RFORK_COPY_CSPACE = 1;
/** NamespaceRfork: the child's new CNode starts empty. */
export const RFORK_EMPTY_CSPACE = 2;
/** NamespaceRfork: the child has a VSpace of its own. */
export const RFORK_NEW_VSPACE = 4;
export const RFORK_ALL = 7;
