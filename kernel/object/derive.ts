/**
 * Making one capability from another: what may be copied, and with which rights.
 */
import { KernelError } from '../../lib/abi/error.js';
import { ObjectKind } from '../../lib/abi/object-kind.js';
import { type Capability, MAX_DEPTH, SlotFlag } from './capability.js';
import { copyContent, insertChild } from './derivation.js';

/**
 * Why `source` cannot be derived from, or None. Memory that would then have two owners (Untyped, Tables) and
 * attachments, which stand for mappings, move but do not multiply.
 */
export function copyError(source: Capability): KernelError {
  switch (source.kind) {
    case ObjectKind.None:
      return KernelError.EmptySlot;
    case ObjectKind.Untyped:
    case ObjectKind.Attachment:
    case ObjectKind.Tables:
    case ObjectKind.Zombie:
      return KernelError.NotCopyable;
    default:
      return (source.flags & SlotFlag.Dying) !== 0 ? KernelError.NotCopyable : depthError(source);
  }
}

/** Whether a child of `source` would be too deep. */
export function depthError(source: Capability): KernelError {
  return source.depth >= MAX_DEPTH ? KernelError.TooDeep : KernelError.None;
}

/** Fills the empty slot `destination` with a child of `source`, which may be copied (copyError). */
export function derive(source: Capability, destination: Capability, rights: u64): void {
  copyContent(source, destination);
  destination.rights = source.rights & rights;
  destination.flags = source.flags & SlotFlag.Badged;
  if (source.kind === ObjectKind.Frame) {
    destination.object = null;
    destination.word = 0;
  }
  insertChild(source, destination);
}

/** Both steps; false if it may not be. */
export function deriveCopy(source: Capability, destination: Capability, rights: u64): boolean {
  if (copyError(source) !== KernelError.None) {
    return false;
  }
  derive(source, destination, rights);
  return true;
}
