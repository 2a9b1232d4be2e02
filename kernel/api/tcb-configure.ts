/**
 * Tcb invocations that give a thread its spaces, its UTCB, its handler and its notification. The thread must be
 * suspended, except for the notification, which it may be given at any time.
 */
import { KernelError } from '../../lib/abi/error.js';
import { ObjectKind, PAGE_BITS } from '../../lib/abi/object-kind.js';
import { RIGHT_GRANT_REPLY, RIGHT_READ, RIGHT_WRITE, USER_END } from '../../lib/abi/rights.js';
import { discardFpu } from '../arch/x86_64/fpu.js';
import { Resume, SlowFlag } from '../arch/x86_64/frame.js';
import { signal } from '../ipc/notify.js';
import { type Capability, SlotFlag } from '../object/capability.js';
import { deleteCapability, replaceError } from '../object/deletion.js';
import { depthError } from '../object/derive.js';
import { isConfigured, type Namespace, NamespaceSlot } from '../object/namespace.js';
import type { Notification } from '../object/notification.js';
import type { Reply } from '../object/reply.js';
import { type Tcb, ThreadSlot, useOwnFrame, useUtcbFrame } from '../object/tcb.js';
import { bindSlot, bindUtcb } from '../object/thread-slots.js';
import { hasWords, highHalf, lowHalf, word0, word1, word2, word3 } from './arguments.js';
import { findObject, lookupError } from './lookup.js';

const PAGE_MASK: u64 = (1 << PAGE_BITS) - 1;
const HANDLER_RIGHTS = RIGHT_WRITE | RIGHT_GRANT_REPLY;

/** Values of the last argument of TcbSetForeign. */
enum ThreadMode {
  Native = 0,
  Foreign = 1,
  /** Native, and trusted not to look at FPU registers, which are then not kept from it. Only a trusted thread gives this. */
  Trusted = 2,
}

/** What the last `part` found; null for a pointer of 0, which leaves that part of the thread as it is. */
let found: Capability | null = null;

/** Checks one capability argument of an invocation that derives it into a thread's slot. */
function part(caller: Tcb, pointer: u64, kind: ObjectKind, rights: u64): KernelError {
  found = null;
  if (pointer === 0) {
    return KernelError.None;
  }
  found = findObject(caller, pointer, kind, rights);
  return found === null ? lookupError : depthError(found);
}

/** Why `replacement` (null: none) cannot take the place of the thread's CSpace or VSpace; see replaceError. */
function spaceError(thread: Tcb, index: ThreadSlot, replacement: Capability | null): KernelError {
  return replacement === null ? KernelError.None : replaceError(thread.slots[index]);
}

/**
 * The same for its handler, to be asked last: the handler is gone afterwards. `Again` if ending that endpoint takes more
 * than one step; it takes nothing else along.
 */
function handlerError(thread: Tcb, replacement: Capability | null): KernelError {
  return replacement === null ? KernelError.None : deleteCapability(thread.slots[ThreadSlot.Handler]);
}

/** Puts `replacement`, if any, into a slot of the thread, which can be emptied at once. */
function replace(thread: Tcb, index: ThreadSlot, replacement: Capability | null): void {
  if (replacement !== null) {
    deleteCapability(thread.slots[index]);
    bindSlot(thread, index, replacement);
  }
}

export function configure(caller: Tcb, thread: Tcb): KernelError {
  if (!hasWords(caller, 4)) {
    return KernelError.WrongLength;
  }
  let error = part(caller, lowHalf(word0(caller)), ObjectKind.CNode, 0);
  const cspace = found;
  if (error === KernelError.None) {
    error = part(caller, highHalf(word0(caller)), ObjectKind.VSpace, RIGHT_WRITE);
  }
  const vspace = found;
  if (error === KernelError.None) {
    error = part(caller, lowHalf(word1(caller)), ObjectKind.Endpoint, HANDLER_RIGHTS);
  }
  const handler = found;
  if (error === KernelError.None) {
    error = part(caller, highHalf(word1(caller)), ObjectKind.Attachment, RIGHT_READ | RIGHT_WRITE);
  }
  const attachment = found;
  if (error !== KernelError.None) {
    return error;
  }
  const offset = word2(caller);
  const address = word3(caller);
  if (attachment !== null) {
    if (((offset | address) & PAGE_MASK) !== 0) {
      return KernelError.Misaligned;
    }
    if (offset >>> attachment.bits !== 0 || address >= USER_END) {
      return KernelError.OutOfRange;
    }
    if ((attachment.flags & SlotFlag.Dying) !== 0) {
      return KernelError.InvalidState;
    }
  }
  if (!thread.isStopped) {
    return KernelError.InvalidState;
  }
  error = spaceError(thread, ThreadSlot.CSpace, cspace);
  if (error === KernelError.None) {
    error = spaceError(thread, ThreadSlot.VSpace, vspace);
  }
  if (error === KernelError.None) {
    error = handlerError(thread, handler);
  }
  if (error !== KernelError.None) {
    return error;
  }
  replace(thread, ThreadSlot.CSpace, cspace);
  replace(thread, ThreadSlot.VSpace, vspace);
  replace(thread, ThreadSlot.Handler, handler);
  if (attachment !== null) {
    deleteCapability(thread.slots[ThreadSlot.Utcb]);
    bindUtcb(thread, attachment, offset, address);
  }
  return KernelError.None;
}

export function setForeign(caller: Tcb, thread: Tcb): KernelError {
  if (!hasWords(caller, 3)) {
    return KernelError.WrongLength;
  }
  const mode = word2(caller);
  if (mode > ThreadMode.Trusted || (mode === ThreadMode.Trusted && caller.usesFpu)) {
    return KernelError.OutOfRange;
  }
  let error = part(caller, lowHalf(word0(caller)), ObjectKind.Endpoint, HANDLER_RIGHTS);
  const handler = found;
  if (error === KernelError.None) {
    error = part(caller, highHalf(word0(caller)), ObjectKind.Reply, 0);
  }
  const answer = found;
  if (error !== KernelError.None) {
    return error;
  }
  if (!thread.isStopped) {
    return KernelError.InvalidState;
  }
  const utcb = thread.utcb;
  if (mode === ThreadMode.Foreign && (utcb === null || handler === null || answer === null)) {
    return KernelError.NotConfigured;
  }
  if (answer !== null) {
    const reply = answer.object as Reply;
    if (reply.caller !== null || reply.keeper !== null || (reply.owner !== null && reply.owner !== thread)) {
      return KernelError.AlreadyBound;
    }
  }
  error = handlerError(thread, handler);
  if (error !== KernelError.None) {
    return error;
  }
  replace(thread, ThreadSlot.Handler, handler);
  if (handler !== null) {
    thread.handlerBadge = word1(caller);
  }
  replace(thread, ThreadSlot.Reply, answer);
  setMode(thread, mode);
  return KernelError.None;
}

function setMode(thread: Tcb, mode: ThreadMode): void {
  const utcb = thread.utcb;
  thread.foreign = mode === ThreadMode.Foreign;
  thread.usesFpu = mode !== ThreadMode.Trusted;
  thread.slowFlags = mode === ThreadMode.Native ? SlowFlag.Fpu : 0;
  thread.resume = Resume.Full;
  if (mode === ThreadMode.Foreign && utcb !== null) {
    useUtcbFrame(thread, utcb);
    return;
  }
  useOwnFrame(thread);
  if (mode === ThreadMode.Trusted) {
    discardFpu(thread);
  }
}

export function bindThreadNotification(caller: Tcb, thread: Tcb): KernelError {
  if (!hasWords(caller, 1)) {
    return KernelError.WrongLength;
  }
  const error = part(caller, word0(caller), ObjectKind.Notification, RIGHT_READ);
  if (error !== KernelError.None) {
    return error;
  }
  const source = found;
  if (source === null) {
    return deleteCapability(thread.slots[ThreadSlot.Notification]);
  }
  const notification = source.object as Notification;
  if (thread.bound !== null || notification.bound !== null || !notification.queue.isEmpty) {
    return KernelError.AlreadyBound;
  }
  bindSlot(thread, ThreadSlot.Notification, source);
  if (notification.word !== 0) {
    // It may wait on an endpoint already: then it hears at once what it was signalled before.
    signal(notification, 0);
  }
  return KernelError.None;
}

export function setThreadNamespace(caller: Tcb, thread: Tcb): KernelError {
  if (!hasWords(caller, 1)) {
    return KernelError.WrongLength;
  }
  const slot = findObject(caller, word0(caller), ObjectKind.Namespace, RIGHT_READ);
  if (slot === null) {
    return lookupError;
  }
  const namespace = slot.object as Namespace;
  const cspace = namespace.slots[NamespaceSlot.CSpace];
  const vspace = namespace.slots[NamespaceSlot.VSpace];
  if (!isConfigured(namespace)) {
    return KernelError.NotConfigured;
  }
  if (!thread.isStopped) {
    return KernelError.InvalidState;
  }
  let error = depthError(cspace);
  if (error === KernelError.None) {
    error = depthError(vspace);
  }
  if (error === KernelError.None) {
    error = spaceError(thread, ThreadSlot.CSpace, cspace);
  }
  if (error === KernelError.None) {
    error = spaceError(thread, ThreadSlot.VSpace, vspace);
  }
  if (error !== KernelError.None) {
    return error;
  }
  replace(thread, ThreadSlot.CSpace, cspace);
  replace(thread, ThreadSlot.VSpace, vspace);
  return KernelError.None;
}
