/**
 * The kernel's part of an address space: a VSpace, the page tables it was given and its Attachments.
 *
 * These are dear to make and cheap to keep, so an emptied one goes to a pool with its page tables in place, and the
 * next process finds the tables it needs where the last one had them. One that had grown large gives most of its tables
 * back first. Every function handles a range in as few invocations as the kernel's limit allows, and supplies page
 * tables when the kernel asks for them.
 */
import { ROOT_CNODE_SLOT } from '../../lib/abi/boot-information';
import { KernelError } from '../../lib/abi/error';
import { Invocation } from '../../lib/abi/invocation';
import { ObjectKind, PAGE_BITS } from '../../lib/abi/object-kind';
import { MAP_MAX_PAGES } from '../../lib/abi/rights';
import { invoke, result0 } from '../arch/x86_64/kernel-call';
import { makeAt, makeFrom, makeObject, takeSlot } from './objects';
import { borrowTables, returnTables, type TablesPiece } from './page-tables';
import { REGION_LIMIT, regionAt, regionCount, regionOf } from './regions';
import { stop } from './stop';

/** Page tables come eight at a time at first: what a small program needs. */
const FIRST_TABLES_BITS = 15;
/** Borrowed pieces that stay with an emptied VSpace: with the first tables enough for some twenty megabytes. */
const PIECES_KEPT: u64 = 2;

export class VSpaceKit {
  /** The VSpace's slot. */
  slot!: u64;
  /** The Untyped that holds the VSpace and nothing else. */
  home!: u64;
  /** The Tables that came with it. */
  firstTables!: u64;
  /** Tables that it borrowed later, the last one first. */
  borrowed!: TablesPiece | null;
  borrowedCount!: u64;
  next!: VSpaceKit | null;
  /** By Region; 0: not attached yet. */
  attachments!: Fixed<u32, 24>;
}
staticAssert(REGION_LIMIT === 24, 'one attachment per Region');

let pool: VSpaceKit | null = null;

/** An address space with nothing in it; null when kernel memory has run out. */
export function takeVSpace(): VSpaceKit | null {
  const kept = pool;
  if (kept !== null) {
    pool = kept.next;
    kept.next = null;
    return kept;
  }
  const home = makeObject(ObjectKind.Untyped, PAGE_BITS);
  if (home === 0) return null;
  const slot = makeFrom(home, ObjectKind.VSpace, 0, 1);
  if (slot === 0) return null;
  const kit = new VSpaceKit();
  kit.home = home;
  kit.slot = slot;
  kit.firstTables = makeObject(ObjectKind.Tables, FIRST_TABLES_BITS);
  if (kit.firstTables !== 0) give(kit, kit.firstTables);
  return kit;
}

/** Back to the pool with a VSpace that maps nothing and that no thread uses. */
export function putVSpace(kit: VSpaceKit): void {
  if (kit.borrowedCount > PIECES_KEPT) shrink(kit);
  kit.next = pool;
  pool = kit;
}

/**
 * Ends the VSpace, which frees its tables without a walk, and makes it again in the same place with as many of them as
 * are kept. The capabilities that idle threads hold to it go as well: a thread gets a space before it runs.
 */
function shrink(kit: VSpaceKit): void {
  let error = invoke(ROOT_CNODE_SLOT, Invocation.CNodeRevoke, kit.home, 0, 0, 0);
  while (error === KernelError.Again) error = invoke(ROOT_CNODE_SLOT, Invocation.CNodeRevoke, kit.home, 0, 0, 0);
  if (error !== KernelError.None) stop('the kernel refused to end an address space');
  makeAt(kit.home, ObjectKind.VSpace, kit.slot);
  if (kit.firstTables !== 0) give(kit, kit.firstTables);
  while (kit.borrowedCount > PIECES_KEPT) {
    const piece = kit.borrowed;
    if (piece === null) stop('an address space lost count of its tables');
    kit.borrowed = piece.next;
    kit.borrowedCount--;
    returnTables(piece);
  }
  for (let piece = kit.borrowed; piece !== null; piece = piece.next) give(kit, piece.slot);
  for (let region: u64 = 0; region < regionCount(); region++) {
    if (kit.attachments[region] !== 0) attachAt(kit, region, kit.attachments[region]);
  }
}

/** Gives a VSpace Tables that belong to none. */
function give(kit: VSpaceKit, tables: u64): void {
  if (invoke(kit.slot, Invocation.VSpaceSupply, tables, 0, 0, 0) !== KernelError.None) {
    stop('the kernel refused page tables');
  }
}

/** Borrows more tables; false: there is no memory for them. */
function supply(kit: VSpaceKit): boolean {
  const piece = borrowTables();
  if (piece === null) return false;
  give(kit, piece.slot);
  piece.next = kit.borrowed;
  kit.borrowed = piece;
  kit.borrowedCount++;
  return true;
}

/** Gives `kit` more tables if that is what `error` asks for; false: there is no memory for them. */
function settle(kit: VSpaceKit, error: u64): boolean {
  if (error === KernelError.None) return true;
  if (error === KernelError.NoTables) return supply(kit);
  stop('the kernel refused to change an address space');
}

function attach(kit: VSpaceKit, region: u64): boolean {
  const slot = takeSlot();
  if (slot === 0) return false;
  attachAt(kit, region, slot);
  kit.attachments[region] = slot;
  return true;
}

function attachAt(kit: VSpaceKit, region: u64, slot: u64): void {
  if (invoke(regionAt(region).slot, Invocation.RegionAttach, kit.slot, slot, 0, 0) !== KernelError.None) {
    stop('the kernel refused to attach memory');
  }
}

/** Maps `pages` neighbouring frames from `frame` on at `address`. False when page tables cannot be had. */
export function mapFrames(kit: VSpaceKit, address: u64, frame: u64, pages: u64, rights: u64): boolean {
  let at = address;
  let from = frame;
  let left = pages;
  while (left !== 0) {
    const index = regionOf(from);
    const region = regionAt(index);
    if (kit.attachments[index] === 0 && !attach(kit, index)) return false;
    const offset = from - region.firstFrame;
    let count: u64 = left < MAP_MAX_PAGES ? left : MAP_MAX_PAGES;
    if (count > region.pages - offset) count = region.pages - offset;
    const error = invoke(kit.attachments[index], Invocation.AttachmentMap, offset << 12, at, count, rights);
    const done = result0();
    if (!settle(kit, error)) return false;
    at += done << 12;
    from += done;
    left -= done;
  }
  return true;
}

/** Unmaps what there is between two page addresses. */
export function unmapPages(kit: VSpaceKit, start: u64, end: u64): void {
  let at = start;
  while (at < end) {
    const pages = (end - at) >>> 12;
    const count: u64 = pages < MAP_MAX_PAGES ? pages : MAP_MAX_PAGES;
    const error = invoke(kit.slot, Invocation.VSpaceUnmap, at, count, 0, 0);
    const done = result0();
    if (!settle(kit, error)) stop('no page table to unmap with');
    at += done << 12;
  }
}

/**
 * Gives what is mapped between two page addresses other rights. Without any it is unmapped, because a page that the
 * processor finds present can always be read; a fault brings it back.
 */
export function protectPages(kit: VSpaceKit, start: u64, end: u64, rights: u64): void {
  if (rights === 0) {
    unmapPages(kit, start, end);
    return;
  }
  let at = start;
  while (at < end) {
    const pages = (end - at) >>> 12;
    const count: u64 = pages < MAP_MAX_PAGES ? pages : MAP_MAX_PAGES;
    const error = invoke(kit.slot, Invocation.VSpaceProtect, at, count, rights, 0);
    const done = result0();
    if (!settle(kit, error)) stop('no page table to protect with');
    at += done << 12;
  }
}

/** Attaches to `to` the Region of the page that `from` maps at `address`. */
function attachLike(from: VSpaceKit, to: VSpaceKit, address: u64): boolean {
  if (invoke(from.slot, Invocation.VSpaceLookup, address, 0, 0, 0) !== KernelError.None)
    stop('a page to be cloned is gone');
  const region = regionOf(result0() >>> 12);
  if (to.attachments[region] !== 0) stop('the kernel refused to clone a page');
  return attach(to, region);
}

/** Maps what `from` maps in a range into `to` as well, rights masked on both sides. False: no page tables or slots. */
export function clonePages(
  from: VSpaceKit,
  to: VSpaceKit,
  start: u64,
  end: u64,
  childMask: u64,
  parentMask: u64,
): boolean {
  let at = start;
  const masks = childMask | (parentMask << 8);
  while (at < end) {
    const pages = (end - at) >>> 12;
    const count: u64 = pages < MAP_MAX_PAGES ? pages : MAP_MAX_PAGES;
    const error = invoke(from.slot, Invocation.VSpaceCloneRange, to.slot, at, count, masks);
    const done = result0();
    at += done << 12;
    if (error === KernelError.NotAttached) {
      if (!attachLike(from, to, at)) return false;
    } else if (!settle(to, error)) return false;
  }
  return true;
}
