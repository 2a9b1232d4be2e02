/**
 * Deleting capabilities. The last capability to an object ends the object; if that object has slots of its own (a
 * CNode, a thread, a name space), they are emptied first, which may end further objects. This is done without
 * recursion: a capability whose object is being emptied becomes a Zombie, and Zombies found on the way form a chain
 * through `listPrevious`. After a bounded number of slots all of them are left where they are (`Again`), to be found
 * again by the next call, or by revoking what any of them was made from. The one exception: once the table that holds
 * the outermost Zombie is itself being emptied, nobody can name that Zombie any more, so all is finished in one go.
 */
import { KernelError } from '../../lib/abi/error.js';
import { ObjectKind } from '../../lib/abi/object-kind.js';
import { forgetTables, leaveAddressSpace } from '../arch/x86_64/paging.js';
import { endEndpoint, endNotification, endReply } from '../ipc/cancel.js';
import { physicalOfObject } from './arch/x86_64/objects.js';
import { type Capability, SlotFlag } from './capability.js';
import { type CNode, slotCount } from './cnode.js';
import {
  clearSlot,
  countDescendants,
  HANDED_UP_PER_STEP,
  handDescendantsUp,
  isLast,
  removeFromTree,
} from './derivation.js';
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

/** What one invocation may cost before it says `Again`, in empty slots of a table. */
const SLOT_BUDGET: i64 = 512;
/** What one revocation may cost, in capabilities without an object that ends with them. */
const REVOKE_BUDGET: i64 = 64;
/** What an object costs that is emptied or unmapped, of either budget. */
const SLOT_COST: i64 = 64;
const REVOKE_COST: i64 = 8;
/** The rest of the budget of the emptying that runs now; negative: no limit. */
let slotsLeft: i64 = 0;
const NO_LIMIT: i64 = -1;
/** Attachments, Frames and Tables that one step takes out of an address space that goes. */
const ATTACHED_PER_STEP = 256;
/** Descendants of a capability that Delete and the replacing of a space take upon them. */
const MAX_HANDED_UP: u64 = HANDED_UP_PER_STEP;

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
  if (!handDescendantsUp(slot)) {
    return KernelError.Again;
  }
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
  let budget = REVOKE_BUDGET;
  let victim = slot.next;
  while (victim !== null && victim.depth > slot.depth) {
    // Down to a capability without descendants, so that nothing has to change its depth.
    let below = victim.next;
    while (below !== null && below.depth > victim.depth) {
      victim = below;
      below = victim.next;
    }
    if (budget <= 0) {
      return KernelError.Again;
    }
    budget -= isDear(victim.kind) ? REVOKE_COST : 1;
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

/** Whether deleting such a capability may mean emptying a table, or looking through page tables. */
function isDear(kind: ObjectKind): boolean {
  switch (kind) {
    case ObjectKind.CNode:
    case ObjectKind.Tcb:
    case ObjectKind.Namespace:
    case ObjectKind.Zombie:
    case ObjectKind.Attachment:
    case ObjectKind.Frame:
    case ObjectKind.VSpace:
    case ObjectKind.Tables:
      return true;
    default:
      return false;
  }
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
  slotsLeft = SLOT_BUDGET;
  let zombie = outermost;
  zombie.flags |= SlotFlag.Active;
  for (;;) {
    const inner = emptySlots(zombie);
    if (inner !== null) {
      inner.listPrevious = zombie;
      inner.flags |= SlotFlag.Active;
      if (liesIn(outermost, inner)) {
        slotsLeft = NO_LIMIT;
      }
      zombie = inner;
      continue;
    }
    if (zombie.word < slotCount(zombie)) {
      leaveChain(zombie);
      return KernelError.Again;
    }
    const outer = zombie.listPrevious;
    discardSlot(zombie);
    if (outer === null) {
      return KernelError.None;
    }
    zombie = outer;
  }
}

/** Enough for now: the Zombies from the innermost outwards wait in their slots. */
function leaveChain(innermost: Capability): void {
  let zombie: Capability | null = innermost;
  while (zombie !== null) {
    const outer: Capability | null = zombie.listPrevious;
    zombie.flags &= ~SlotFlag.Active;
    zombie.listPrevious = null;
    zombie = outer;
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
 * Empties slots of `zombie`'s object from where it stands: to the end, until the budget is used, or until one is found
 * whose object has slots to be emptied first, which is returned.
 */
function emptySlots(zombie: Capability): Capability | null {
  const table = zombie.object as CNode;
  const count = slotCount(zombie);
  while (zombie.word < count && slotsLeft !== 0) {
    const slot = table.slots[zombie.word];
    spend(isDear(slot.kind) ? SLOT_COST : 1);
    if (slot.kind === ObjectKind.Zombie) {
      if ((slot.flags & SlotFlag.Active) === 0) {
        return slot;
      }
    } else if (slot.kind !== ObjectKind.None) {
      if (!handDescendantsUp(slot)) {
        stopUnlessUnlimited();
        continue;
      }
      if (isContainer(slot.kind) && isLast(slot)) {
        becomeZombie(slot);
        return slot;
      }
      if (deleteSimple(slot) === KernelError.Again) {
        stopUnlessUnlimited();
        continue;
      }
    }
    zombie.word++;
  }
  return null;
}

function spend(cost: i64): void {
  if (slotsLeft >= 0) {
    slotsLeft = slotsLeft > cost ? slotsLeft - cost : 0;
  }
}

/** A long step is done: that is enough for one call, unless all must be finished in this one. */
function stopUnlessUnlimited(): void {
  if (slotsLeft > 0) {
    slotsLeft = 0;
  }
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
  let attached = nextAttached(space);
  while (attached !== null && left !== 0) {
    if (!handDescendantsUp(attached)) {
      return false;
    }
    detachFromSpace(space, attached);
    attached.word = 0;
    if (attached.kind === ObjectKind.Attachment) {
      discardSlot(attached);
    }
    left--;
    attached = nextAttached(space);
  }
  return attached === null;
}

function nextAttached(space: VSpace): Capability | null {
  return space.attachments !== null ? space.attachments : space.attached;
}
