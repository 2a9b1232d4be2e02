/**
 * Deleting capabilities. The last capability to an object ends the object; if that object has slots of its own (a
 * CNode, a thread, a name space), they are emptied first, which may end further objects. This is done without
 * recursion: a capability whose object is being emptied becomes a Zombie, and Zombies found on the way form a chain
 * through `listPrevious`. Only the outermost one may stop half-way (`Again`); what hangs below it is finished in one
 * go, because its slots might lie in the very table that is being emptied.
 */
import { KernelError } from '../../lib/abi/error.js';
import { ObjectKind } from '../../lib/abi/object-kind.js';
import { forgetTables, leaveAddressSpace } from '../arch/x86_64/paging.js';
import { endEndpoint, endNotification, endReply } from '../ipc/cancel.js';
import { physicalOfObject } from './arch/x86_64/objects.js';
import { type Capability, SlotFlag } from './capability.js';
import { type CNode, slotCount } from './cnode.js';
import { clearSlot, countDescendants, handDescendantsUp, isLast, removeFromTree } from './derivation.js';
import type { Endpoint } from './endpoint.js';
import { type IrqLine, silenceLine } from './irq.js';
import { unmapAttachment, unmapFrame, withdrawTables } from './mapping.js';
import { NAMESPACE_SLOT_RADIX } from './namespace.js';
import type { Notification } from './notification.js';
import type { Reply } from './reply.js';
import { type Tcb, THREAD_SLOT_RADIX } from './tcb.js';
import { endThread } from './thread.js';
import { threadSlotCleared } from './thread-slots.js';
import { detachFromSpace, type VSpace } from './vspace.js';

/** Slots that one invocation empties before it says `Again`. */
const SLOT_BUDGET = 512;
const NO_LIMIT = -1;
/** What the end of an inner object counts as, in slots. */
const INNER_COST = 64;
/** Attachments, Frames and Tables that one step takes out of an address space that goes. */
const ATTACHED_PER_STEP = 256;
/** Descendants that one invocation hands to a deleted capability's parent. */
const MAX_HANDED_UP: u64 = 1024;

/**
 * Deletes the capability in `slot`. `Again`: it is on its way out and cannot be used, but more calls are needed.
 * Descendants become the parent's.
 */
export function deleteCapability(slot: Capability): KernelError {
  if (slot.kind === ObjectKind.None) {
    return KernelError.None;
  }
  if (slot.kind === ObjectKind.Zombie) {
    return emptyContainers(slot);
  }
  handDescendantsUp(slot);
  if (isContainer(slot.kind) && isLast(slot)) {
    becomeZombie(slot);
    return emptyContainers(slot);
  }
  return deleteSimple(slot);
}

/** Whether a capability has too many descendants to be deleted: it must be revoked first. */
export function descendantsError(slot: Capability): KernelError {
  return countDescendants(slot, MAX_HANDED_UP + 1) > MAX_HANDED_UP ? KernelError.HasDescendants : KernelError.None;
}

/**
 * For an invocation that is about to replace a CSpace or VSpace, which is in `slot` of a thread or a name space. If that
 * is the last capability to it, deleting it may take along any other capability, those that decode has found and the
 * slot's own object among them. Then a step of deleting it is all that this invocation does: it answers `Again`, and
 * the next one looks everything up anew. None: deleting it takes one step and nothing along.
 */
export function replaceError(slot: Capability): KernelError {
  const isSpace = slot.kind === ObjectKind.CNode || slot.kind === ObjectKind.VSpace;
  if (slot.kind === ObjectKind.Zombie || (isSpace && isLast(slot))) {
    deleteCapability(slot);
    return KernelError.Again;
  }
  return descendantsError(slot);
}

/**
 * Deletes all that was derived from `slot`, deepest first; `Again` after a bounded number. Each time it starts from
 * `slot` anew: a deletion may end a table, and with it any other slot.
 */
export function revokeCapability(slot: Capability): KernelError {
  let budget = 64;
  let victim = slot.next;
  while (victim !== null && victim.depth > slot.depth) {
    // Down to a capability without descendants, so that nothing has to change its depth.
    let below = victim.next;
    while (below !== null && below.depth > victim.depth) {
      victim = below;
      below = victim.next;
    }
    if (budget === 0) {
      return KernelError.Again;
    }
    budget--;
    const result = deleteCapability(victim);
    if (result !== KernelError.None) {
      return result;
    }
    victim = slot.next;
  }
  return KernelError.None;
}

function isContainer(kind: ObjectKind): boolean {
  return kind === ObjectKind.CNode || kind === ObjectKind.Tcb || kind === ObjectKind.Namespace;
}

/** The last capability to an object with slots: from now on it only stands for their emptying. */
function becomeZombie(slot: Capability): void {
  if ((slot.flags & SlotFlag.InThread) !== 0) {
    threadSlotCleared(slot);
  }
  if (slot.kind === ObjectKind.Tcb) {
    endThread(slot.object as Tcb);
    slot.bits = THREAD_SLOT_RADIX;
  } else if (slot.kind === ObjectKind.Namespace) {
    slot.bits = NAMESPACE_SLOT_RADIX;
  }
  slot.kind = ObjectKind.Zombie;
  slot.rights = 0;
  slot.word = 0;
}

/** Empties the object behind `outermost`, and whatever ends with it. */
function emptyContainers(outermost: Capability): KernelError {
  let budget = SLOT_BUDGET;
  let zombie = outermost;
  zombie.flags |= SlotFlag.Active;
  for (;;) {
    const inner = emptySlots(zombie, zombie === outermost ? budget : NO_LIMIT);
    if (inner !== null) {
      inner.listPrevious = zombie;
      inner.flags |= SlotFlag.Active;
      zombie = inner;
      continue;
    }
    if (zombie === outermost) {
      if (zombie.word < slotCount(zombie)) {
        zombie.flags &= ~SlotFlag.Active;
        return KernelError.Again;
      }
      discardSlot(zombie);
      return KernelError.None;
    }
    const outer = zombie.listPrevious;
    if (liesIn(outermost, zombie)) {
      // The table that holds `outermost` has ended: it may not wait there for another call.
      budget = NO_LIMIT;
    } else if (budget > 0) {
      budget = budget > INNER_COST ? budget - INNER_COST : 0;
    }
    discardSlot(zombie);
    if (outer !== null) {
      zombie = outer;
    }
  }
}

/** Whether `slot` is one of the slots of the zombie's object. */
function liesIn(slot: Capability, zombie: Capability): boolean {
  const table = zombie.object as CNode;
  const first = addressOf(table);
  const at = addressOf(slot);
  return at >= first && (at - first) / sizeOf<Capability>() < slotCount(zombie);
}

/**
 * Empties slots of `zombie`'s object from where it stands: to the end, until `budget` (negative: no limit) is used, or
 * until one is found whose object has slots to be emptied first, which is returned.
 */
function emptySlots(zombie: Capability, budget: i64): Capability | null {
  const table = zombie.object as CNode;
  const count = slotCount(zombie);
  let left = budget;
  while (zombie.word < count && left !== 0) {
    left--;
    const slot = table.slots[zombie.word];
    if (slot.kind === ObjectKind.Zombie) {
      if ((slot.flags & SlotFlag.Active) === 0) {
        return slot;
      }
    } else if (slot.kind !== ObjectKind.None) {
      handDescendantsUp(slot);
      if (isContainer(slot.kind) && isLast(slot)) {
        becomeZombie(slot);
        return slot;
      }
      let result = deleteSimple(slot);
      while (result === KernelError.Again && budget < 0) {
        result = deleteSimple(slot);
      }
      if (result === KernelError.Again) {
        return null;
      }
    }
    zombie.word++;
  }
  return null;
}

/** Takes the capability out of the tree and clears the slot. */
function discardSlot(slot: Capability): void {
  removeFromTree(slot);
  clearSlot(slot);
}

/** Deletes a capability without descendants whose object, if it ends, has no slots. */
function deleteSimple(slot: Capability): KernelError {
  if ((slot.flags & SlotFlag.InThread) !== 0) {
    threadSlotCleared(slot);
  }
  switch (slot.kind) {
    case ObjectKind.Attachment:
      if (!unmapAttachment(slot)) {
        return KernelError.Again;
      }
      break;
    case ObjectKind.Frame:
      unmapFrame(slot);
      break;
    case ObjectKind.Tables:
      withdrawTables(slot);
      break;
    default:
      if (slot.object !== null && isLast(slot) && !endObject(slot)) {
        // It leads nowhere any more: without rights no operation takes it, and what is dying is not copied.
        slot.rights = 0;
        slot.flags |= SlotFlag.Dying;
        return KernelError.Again;
      }
      break;
  }
  discardSlot(slot);
  return KernelError.None;
}

/** The last capability to an object without slots goes. False after a bounded step: there is more to be done. */
function endObject(slot: Capability): boolean {
  switch (slot.kind) {
    case ObjectKind.Endpoint:
      return endEndpoint(slot.object as Endpoint);
    case ObjectKind.Notification:
      return endNotification(slot.object as Notification);
    case ObjectKind.Reply:
      endReply(slot.object as Reply);
      return true;
    case ObjectKind.VSpace:
      return endSpace(slot.object as VSpace);
    case ObjectKind.IrqHandler: {
      const line = slot.object as IrqLine;
      silenceLine(line);
      if (deleteCapability(line.slot) !== KernelError.None) {
        return false;
      }
      line.taken = false;
      return true;
    }
    default:
      return true;
  }
}

/**
 * An address space goes: its attachments and tables belong to nothing any more. They are not unmapped page by page: the
 * root forgets its tables first, so that what is still attached after this step reaches none of them.
 */
function endSpace(space: VSpace): boolean {
  const root = physicalOfObject(space);
  leaveAddressSpace(root);
  forgetTables(root, space.pool);
  let left = ATTACHED_PER_STEP;
  let attached = space.attached;
  while (attached !== null && left !== 0) {
    detachFromSpace(space, attached);
    attached.word = 0;
    if (attached.kind === ObjectKind.Attachment) {
      handDescendantsUp(attached);
      discardSlot(attached);
    }
    left--;
    attached = space.attached;
  }
  return attached === null;
}
