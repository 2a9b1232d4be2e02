/**
 * What a native thread asks of the kernel with one `syscall` instruction, and how the request is packed into
 * registers. docs/kernel.md, "Native operations", says which register carries what.
 */

/** Bits 0..7 of rax. Any other number is UnknownOperation. Each comment lists the errors of its operation. */
export enum Operation {
  /** Sends a message to an endpoint and waits until somebody has received it. Errors: NoSlot, EmptySlot, WrongKind, NoRight,
   *  Cancelled. */
  Send = 1,
  /** Sends a message if a receiver waits; otherwise `WouldBlock` and nothing happened.
   *  Errors: NoSlot, EmptySlot, WrongKind, NoRight, WouldBlock. */
  SendNonBlocking = 2,
  /** Sends a message and waits for its answer. On any object but an endpoint: an invocation, answered
   *  at once. Errors: NoSlot, EmptySlot, NoRight, NoReply (the receiver has no Reply to keep the caller in), Cancelled. */
  Call = 3,
  /** Waits for a message; the Reply in bits 32..63 keeps the caller if the message is a call.
   *  Errors: NoSlot, EmptySlot, WrongKind, NoRight, NoReply (it serves another already), Cancelled. */
  Receive = 4,
  /** Takes a message if a sender waits; otherwise `WouldBlock`.
   *  Errors: NoSlot, EmptySlot, WrongKind, NoRight, NoReply (as of Receive), WouldBlock. */
  ReceiveNonBlocking = 5,
  /** Answers the caller that the Reply in bits 8..31 keeps. Errors: NoSlot, EmptySlot, WrongKind, NobodyWaits. */
  Reply = 6,
  /** Reply (none if bits 8..31 are 0), then Receive.
   *  Errors: NoSlot, EmptySlot, WrongKind, NoRight, NobodyWaits, NoReply (as of Receive), Cancelled. */
  ReplyReceive = 7,
  /** Adds the capability's badge to a notification's word and wakes a waiter. Errors: NoSlot, EmptySlot, WrongKind, NoRight. */
  Signal = 8,
  /** Waits until a notification's word is not zero, takes it as the badge and clears it.
   *  Errors: NoSlot, EmptySlot, WrongKind, NoRight, Cancelled. */
  Wait = 9,
  /** Wait, but `WouldBlock` where that would wait. Errors: NoSlot, EmptySlot, WrongKind, NoRight, WouldBlock. */
  Poll = 10,
  /** Lets the other ready threads of the same priority run first. */
  Yield = 11,
  /** Appends the low byte of rdi to the kernel's log. */
  DebugPut = 12,
}

/** rax: operation in bits 0..7, the Reply to answer in bits 8..31, the Reply for the next caller in bits 32..63. */
export const OPERATION_MASK = 0xff;
export const ANSWER_SHIFT = 8;
export const ANSWER_MASK = 0xff_ffff;
export const KEEP_SHIFT = 32;

/** rsi: words (of 64 bits) in bits 0..7, capabilities in bits 8..11, label from bit 12 up. */
export const MESSAGE_LENGTH_MASK = 0xff;
export const MESSAGE_CAPABILITIES_SHIFT = 8;
export const MESSAGE_CAPABILITIES_MASK = 0xf;
export const MESSAGE_LABEL_SHIFT = 12;

/** Words that travel in registers, words in all, capabilities in one message. */
export const REGISTER_WORDS = 4;
export const MESSAGE_WORDS = 64;
export const MESSAGE_CAPABILITIES = 4;

/** Labels of the messages the kernel itself sends to a thread's handler. */
export enum KernelMessage {
  /** A foreign thread executed `syscall`: word 0 is its number (rax); the rest is in its UTCB frame. */
  SystemCall = 0xff01,
  /** A fault: word 0 vector, word 1 address (CR2), word 2 error code, word 3 the instruction's address. */
  Fault = 0xff02,
}

/** Labels of an answer to a foreign thread. */
export enum ForeignAnswer {
  /** Go on: the server changed no register but rax (and, after a fault, none). */
  Resume = 0,
  /** Go on with every register as the frame now has it, segment bases too. */
  ResumeFull = 1,
}
