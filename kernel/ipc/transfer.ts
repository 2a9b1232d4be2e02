/**
 * Carrying one message from a sender to a receiver: register words, further words through the UTCB pages, and
 * capabilities. What arrives is decided here alone: a length beyond what both sides can hold is cut, and a capability
 * that cannot be handed over ends the list; neither fails the message.
 */
import {
  KernelMessage,
  MESSAGE_CAPABILITIES,
  MESSAGE_CAPABILITIES_MASK,
  MESSAGE_CAPABILITIES_SHIFT,
  MESSAGE_LABEL_SHIFT,
  MESSAGE_LENGTH_MASK,
  MESSAGE_WORDS,
  REGISTER_WORDS,
} from '../../lib/abi/operation.js';
import { findCapability, findEmptySlots } from '../api/lookup.js';
import { deriveCopy } from '../object/derive.js';
import { SYSTEM_CALL_VECTOR, type Tcb } from '../object/tcb.js';

/** The message word of a system call, of a fault. */
export const SYSTEM_CALL_MESSAGE: u64 = (KernelMessage.SystemCall << MESSAGE_LABEL_SHIFT) | 1;
export const FAULT_MESSAGE: u64 = (KernelMessage.Fault << MESSAGE_LABEL_SHIFT) | REGISTER_WORDS;

const LABEL_MASK: u64 = ~((1 << MESSAGE_LABEL_SHIFT) - 1);

/** Gives `receiver` the message that is in `sender`'s registers (frame) and UTCB, with `badge`. */
export function transferMessage(sender: Tcb, receiver: Tcb, badge: u64, mayGrant: boolean): void {
  const from = sender.frame;
  const to = receiver.frame;
  const message = from.rsi;
  to.rax = 0;
  to.rdi = badge;
  to.rdx = from.rdx;
  to.r10 = from.r10;
  to.r8 = from.r8;
  to.r9 = from.r9;
  let length = message & MESSAGE_LENGTH_MASK;
  if (length > REGISTER_WORDS) {
    length = transferWords(sender, receiver, length);
  }
  let capabilities = (message >>> MESSAGE_CAPABILITIES_SHIFT) & MESSAGE_CAPABILITIES_MASK;
  if (capabilities !== 0) {
    capabilities = mayGrant ? transferCapabilities(sender, receiver, capabilities) : 0;
  }
  to.rsi = (message & LABEL_MASK) | (capabilities << MESSAGE_CAPABILITIES_SHIFT) | length;
}

/** Copies the words beyond the registers; returns the length that arrived. */
function transferWords(sender: Tcb, receiver: Tcb, length: u64): u64 {
  const from = sender.utcb;
  const to = receiver.utcb;
  if (from === null || to === null) {
    return REGISTER_WORDS;
  }
  const count = length > MESSAGE_WORDS ? MESSAGE_WORDS : length;
  for (let word: u64 = REGISTER_WORDS; word < count; word++) {
    to.words[word] = from.words[word];
  }
  return count;
}

/** Derives up to `count` capabilities into the slots the receiver named; returns how many arrived. */
function transferCapabilities(sender: Tcb, receiver: Tcb, count: u64): u64 {
  const from = sender.utcb;
  const to = receiver.utcb;
  if (from === null || to === null || count > MESSAGE_CAPABILITIES) {
    return 0;
  }
  const table: u64 = to.receiveCNode;
  const first: u64 = to.receiveIndex;
  for (let index: u64 = 0; index < count; index++) {
    const source = findCapability(sender, from.sendCapabilities[index]);
    const destination = findEmptySlots(receiver, (table << 32) | (first + index), 1);
    if (source === null || destination === null || !deriveCopy(source, destination, source.rights)) {
      return index;
    }
  }
  return count;
}

/** Gives `receiver` the system call or fault that `thread` has stopped with. */
export function transferKernelMessage(thread: Tcb, receiver: Tcb): void {
  const to = receiver.frame;
  to.rax = 0;
  to.rdi = thread.handlerBadge;
  if (thread.faultVector === SYSTEM_CALL_VECTOR) {
    to.rsi = SYSTEM_CALL_MESSAGE;
    to.rdx = thread.registers.rax;
    return;
  }
  to.rsi = FAULT_MESSAGE;
  to.rdx = thread.faultVector;
  to.r10 = thread.faultAddress;
  to.r8 = thread.faultError;
  to.r9 = thread.registers.rip;
}
