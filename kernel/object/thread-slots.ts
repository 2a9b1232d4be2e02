/**
 * A thread's own capability slots and what the thread caches of them. `bindSlot` derives a capability into a slot;
 * `threadSlotCleared` is called for every such slot that is emptied, by whatever deletion, and takes the cache back.
 */
import { ObjectKind, PAGE_BITS } from '../../lib/abi/object-kind.js';
import { discardFpu } from '../arch/x86_64/fpu.js';
import { cancelWait } from '../ipc/cancel.js';
import { indexInThread, physicalOfObject, threadOfSlot, utcbAt } from './arch/x86_64/objects.js';
import { type Capability, SlotFlag } from './capability.js';
import { type CNode, flatLimit } from './cnode.js';
import { copyContent, insertChild } from './derivation.js';
import { type Endpoint, noEndpoint } from './endpoint.js';
import type { Notification } from './notification.js';
import type { Reply } from './reply.js';
import { type Tcb, ThreadSlot, ThreadState, useOwnFrame } from './tcb.js';
import { suspend } from './thread.js';

/** Derives `source` into the empty slot `index` of `thread`, and fills the cache from it. */
export function bindSlot(thread: Tcb, index: ThreadSlot, source: Capability): void {
  const slot = thread.slots[index];
  copyContent(source, slot);
  slot.flags = SlotFlag.InThread | (source.flags & SlotFlag.Badged);
  insertChild(source, slot);
  switch (index) {
    case ThreadSlot.CSpace:
      thread.cspace = source.object as CNode;
      thread.cspaceLimit = flatLimit(source);
      break;
    case ThreadSlot.VSpace:
      if (source.object !== null) {
        thread.rootTable = physicalOfObject(source.object);
      }
      break;
    case ThreadSlot.Utcb:
      break;
    case ThreadSlot.Handler:
      thread.handler = source.object as Endpoint;
      thread.handlerBadge = source.word;
      break;
    case ThreadSlot.Reply:
      bindReply(thread, source.object as Reply);
      break;
    case ThreadSlot.Notification:
      bindNotification(thread, source.object as Notification);
      break;
  }
}

function bindReply(thread: Tcb, reply: Reply): void {
  reply.owner = thread;
  thread.foreignReply = reply;
  thread.keptBy = reply;
}

function bindNotification(thread: Tcb, notification: Notification): void {
  notification.bound = thread;
  thread.bound = notification;
  thread.signalled = notification.word !== 0 ? 1 : 0;
}

/**
 * The page at `offset` of the attached Region becomes the thread's UTCB. The slot gets a frame capability below the
 * attachment: when the memory is taken away, the thread hears of it.
 */
export function bindUtcb(thread: Tcb, attachment: Capability, offset: u64, address: u64): void {
  const slot = thread.slots[ThreadSlot.Utcb];
  slot.kind = ObjectKind.Frame;
  slot.rights = attachment.rights;
  slot.bits = PAGE_BITS;
  slot.base = attachment.base + offset;
  slot.flags = SlotFlag.InThread;
  insertChild(attachment, slot);
  setUtcb(thread, slot.base, address);
}

export function setUtcb(thread: Tcb, physical: u64, address: u64): void {
  thread.utcb = utcbAt(physical);
  thread.utcbAddress = address;
}

/** A slot of a thread is about to be emptied: the thread must not use the object any more. */
export function threadSlotCleared(slot: Capability): void {
  const thread = threadOfSlot(slot);
  switch (indexInThread(slot) as ThreadSlot) {
    case ThreadSlot.CSpace:
      thread.cspaceLimit = 0;
      break;
    case ThreadSlot.VSpace:
      suspend(thread);
      thread.rootTable = 0;
      break;
    case ThreadSlot.Utcb:
      utcbCleared(thread);
      break;
    case ThreadSlot.Handler:
      if (thread.state === ThreadState.BlockedKernelMessage) {
        cancelWait(thread);
      }
      thread.handler = noEndpoint;
      break;
    case ThreadSlot.Reply:
      replyCleared(thread);
      break;
    case ThreadSlot.Notification:
      notificationCleared(thread);
      break;
  }
}

/** A foreign thread without its page has no registers left, so it becomes a native one that is suspended. */
function utcbCleared(thread: Tcb): void {
  if (thread.foreign) {
    suspend(thread);
    discardFpu(thread);
    thread.foreign = false;
    useOwnFrame(thread);
  }
  thread.utcb = null;
}

function replyCleared(thread: Tcb): void {
  const reply = thread.foreignReply;
  if (reply !== null) {
    if (reply.caller === thread) {
      suspend(thread);
    }
    reply.owner = null;
    thread.foreignReply = null;
  }
}

function notificationCleared(thread: Tcb): void {
  const notification = thread.bound;
  if (notification !== null) {
    notification.bound = null;
    thread.bound = null;
    thread.signalled = 0;
  }
}
