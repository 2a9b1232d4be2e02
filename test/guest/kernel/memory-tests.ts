/** Regions, attachments, frames and address spaces: mapping in ranges, exact unmapping, and each error. */
import { ROOT_VSPACE_SLOT } from '../../../lib/abi/boot-information.js';
import { KernelError } from '../../../lib/abi/error.js';
import { Invocation } from '../../../lib/abi/invocation.js';
import { ObjectKind } from '../../../lib/abi/object-kind.js';
import { MapRights, RIGHT_READ, RIGHT_WRITE } from '../../../lib/abi/rights.js';
import { invoke, invokeShort, result0, result1 } from './arch/x86_64/kernel.js';
import { setWord, wordAt } from './arch/x86_64/memory.js';
import { check, expect, family } from './report.js';
import { freshSlot, freshWindow, make, mapOwn, must, remove } from './setup.js';

const READ_WRITE: u64 = MapRights.Read | MapRights.Write;
const BASE: u64 = 0x40_0000;

let space: u64 = 0;
let other: u64 = 0;
let region: u64 = 0;
let attachment: u64 = 0;

function map(offset: u64, address: u64, pages: u64, rights: u64): u64 {
  return invoke(attachment, Invocation.AttachmentMap, offset, address, pages, rights);
}

function lookup(vspace: u64, address: u64): u64 {
  return invoke(vspace, Invocation.VSpaceLookup, address, 0, 0, 0);
}

function isMapped(vspace: u64, address: u64): boolean {
  return lookup(vspace, address) === KernelError.None;
}

export function testMemory(): void {
  space = make(ObjectKind.VSpace, 0);
  other = make(ObjectKind.VSpace, 0);
  region = make(ObjectKind.Region, 21);
  testAttach();
  testMap();
  testUnmap();
  testClone();
  testWeak();
  testManyPages();
  testFrame();
  testTables();
  remove(space);
  remove(other);
  remove(region);
}

function testAttach(): void {
  family('region');
  attachment = freshSlot();
  const readOnly = freshSlot();
  must(invoke(1, Invocation.CNodeCopy, space, readOnly, RIGHT_READ, 0), 'copy');
  expect(attach(region, space, attachment), KernelError.None, 'it can be attached to an address space');
  expect(attach(region, space, attachment), KernelError.SlotOccupied, 'into an empty slot only: SlotOccupied');
  expect(attach(region, region, freshSlot()), KernelError.WrongKind, 'to an address space only: WrongKind');
  expect(attach(region, readOnly, freshSlot()), KernelError.NoRight, 'that may be written: NoRight');
  expect(attach(region, freshSlot(), freshSlot()), KernelError.EmptySlot, 'to nothing: EmptySlot');
  expect(invokeShort(region, Invocation.RegionAttach, 1), KernelError.WrongLength, 'with one word: WrongLength');
  expect(invoke(region, Invocation.AttachmentMap, 0, 0, 0, 0), KernelError.UnknownInvocation, 'a Region maps nothing');
  expect(invoke(region, Invocation.MemoryStatus, 0, 0, 0, 0), KernelError.None, 'it tells where it is');
  check((result0() & 0x1f_ffff) === 0 && result1() === 21, 'aligned to its size');
  expect(
    invoke(1, Invocation.CNodeCopy, attachment, freshSlot(), 15, 0),
    KernelError.NotCopyable,
    'an attachment cannot be copied: NotCopyable',
  );
  const moved = freshSlot();
  expect(invoke(1, Invocation.CNodeMove, attachment, moved, 0, 0), KernelError.None, 'but moved');
  attachment = moved;
  remove(readOnly);
}

function attach(memory: u64, vspace: u64, slot: u64): u64 {
  return invoke(memory, Invocation.RegionAttach, vspace, slot, 0, 0);
}

function testMap(): void {
  family('map');
  expect(map(0, BASE, 4, READ_WRITE), KernelError.NoTables, 'without page tables: NoTables');
  expect(result0(), 0, 'and no page is done');
  const tables = make(ObjectKind.Tables, 15);
  expect(invoke(space, Invocation.VSpaceSupply, region, 0, 0, 0), KernelError.WrongKind, 'no Tables: WrongKind');
  expect(invoke(space, Invocation.VSpaceSupply, tables, 0, 0, 0), KernelError.None, 'tables can be supplied');
  expect(invoke(other, Invocation.VSpaceSupply, tables, 0, 0, 0), KernelError.AlreadyBound, 'once: AlreadyBound');
  expect(map(0, BASE, 4, READ_WRITE), KernelError.None, 'then pages can be mapped');
  expect(result0(), 4, 'as many as were asked for');
  expect(map(0x1000, BASE + 0x3000, 2, READ_WRITE), KernelError.AlreadyMapped, 'onto a page: AlreadyMapped');
  expect(result0(), 0, 'at the first');
  expect(map(0x1000, BASE - 0x1000, 2, READ_WRITE), KernelError.AlreadyMapped, 'or at the second');
  expect(result0(), 1, 'after one page');
  expect(map(0x8000, BASE, 1, READ_WRITE | MapRights.Replace), KernelError.None, 'Replace takes its place');
  must(lookup(space, BASE + 0x123), 'lookup');
  const replaced = result0();
  must(invoke(region, Invocation.MemoryStatus, 0, 0, 0, 0), 'status');
  expect(replaced, result0() + 0x8123, 'and the lookup shows it');
  must(lookup(space, BASE), 'lookup');
  expect(result1(), READ_WRITE, 'with its rights');
  expect(map(0x800, BASE, 1, READ_WRITE), KernelError.Misaligned, 'an odd offset: Misaligned');
  expect(map(0, BASE + 8, 1, READ_WRITE), KernelError.Misaligned, 'an odd address: Misaligned');
  expect(map(0, BASE, 0, READ_WRITE), KernelError.OutOfRange, 'no pages: OutOfRange');
  expect(map(0, BASE, 1025, READ_WRITE), KernelError.OutOfRange, 'too many pages: OutOfRange');
  expect(map(0x1f_f000, BASE, 2, READ_WRITE), KernelError.OutOfRange, 'beyond the Region: OutOfRange');
  expect(map(0x20_0000, BASE, 1, READ_WRITE), KernelError.OutOfRange, 'outside the Region: OutOfRange');
  expect(map(0, 0x7fff_ffff_f000, 1, READ_WRITE), KernelError.OutOfRange, 'the last user page: OutOfRange');
  expect(map(0, 0x7fff_ffff_e000, 2, READ_WRITE), KernelError.OutOfRange, 'across it: OutOfRange');
  expect(map(0, 0xffff_8000_0000_0000, 1, READ_WRITE), KernelError.OutOfRange, 'a kernel address: OutOfRange');
  expect(map(0, 0 - 4096, 1, READ_WRITE), KernelError.OutOfRange, 'the last address: OutOfRange');
  expect(map(0, BASE, 1, 32), KernelError.OutOfRange, 'unknown map rights: OutOfRange');
  expect(invokeShort(attachment, Invocation.AttachmentMap, 3), KernelError.WrongLength, 'three words: WrongLength');
  const readOnly = freshSlot();
  const weak = freshSlot();
  must(invoke(1, Invocation.CNodeCopy, region, readOnly, RIGHT_READ, 0), 'copy');
  expect(attach(readOnly, space, weak), KernelError.AlreadyBound, 'attached memory again: AlreadyBound');
  must(attach(readOnly, other, weak), 'attach');
  expect(
    invoke(weak, Invocation.AttachmentMap, 0, BASE + 0x10000, 1, READ_WRITE),
    KernelError.NoRight,
    'memory lent for reading is not mapped for writing: NoRight',
  );
  expect(
    invoke(other, Invocation.VSpaceProtect, BASE, 1, READ_WRITE, 0),
    KernelError.NoRight,
    'nor made writable later: NoRight',
  );
  expect(clone(other, BASE, 1, MapRights.Write), KernelError.NoRight, 'nor cloned for writing: NoRight');
  must(remove(weak), 'delete');
  must(remove(readOnly), 'delete');
}

function testUnmap(): void {
  family('unmap');
  expect(
    invoke(space, Invocation.VSpaceProtect, BASE, 4, MapRights.Read, 0),
    KernelError.None,
    'rights can be changed',
  );
  must(lookup(space, BASE + 0x2000), 'lookup');
  expect(result1(), MapRights.Read, 'to less');
  expect(invoke(space, Invocation.VSpaceProtect, BASE, 4, 64, 0), KernelError.OutOfRange, 'unknown rights: OutOfRange');
  expect(invoke(space, Invocation.VSpaceProtect, BASE + 1, 4, 1, 0), KernelError.Misaligned, 'odd: Misaligned');
  expect(invoke(space, Invocation.VSpaceUnmap, BASE, 2, 0, 0), KernelError.None, 'pages can be unmapped');
  check(!isMapped(space, BASE) && isMapped(space, BASE + 0x2000), 'those and no others');
  expect(invoke(space, Invocation.VSpaceUnmap, BASE, 1024, 0, 0), KernelError.None, 'holes are no error');
  check(!isMapped(space, BASE + 0x2000), 'and what was between them is gone');
  expect(invoke(space, Invocation.VSpaceUnmap, BASE + 5, 1, 0, 0), KernelError.Misaligned, 'odd: Misaligned');
  expect(
    invoke(space, Invocation.VSpaceUnmap, 1 << 47, 1, 0, 0),
    KernelError.OutOfRange,
    'no user address: OutOfRange',
  );
  expect(lookup(space, BASE), KernelError.NotMapped, 'a lookup there: NotMapped');
  expect(lookup(space, 1 << 47), KernelError.OutOfRange, 'a lookup of a kernel address: OutOfRange');
  expect(invoke(space, Invocation.VSpaceLookup + 1, 0, 0, 0, 0), KernelError.UnknownInvocation, 'another label');
  expect(map(0, 0x4000_0000, 512, READ_WRITE), KernelError.None, 'two megabytes map as one page');
  expect(
    invoke(space, Invocation.VSpaceUnmap, 0x4000_3000, 1, 0, 0),
    KernelError.None,
    'and one page can be taken out of it',
  );
  check(!isMapped(space, 0x4000_3000) && isMapped(space, 0x4000_4000), 'that one only');
  const own = mapOwn(region, 21);
  setWord(own, 0x1234);
  expect(wordAt(own), 0x1234, 'the same memory can be used elsewhere');
}

function testClone(): void {
  family('clone');
  const tables = make(ObjectKind.Tables, 14);
  const there = freshSlot();
  must(invoke(space, Invocation.VSpaceUnmap, 0x4000_0000, 512, 0, 0), 'unmap');
  must(map(0, BASE, 8, READ_WRITE), 'map');
  must(invoke(other, Invocation.VSpaceSupply, tables, 0, 0, 0), 'supply');
  const masks = MapRights.Read | (MapRights.Read << 8);
  expect(clone(other, BASE, 8, masks), KernelError.NotAttached, 'memory that is not attached there: NotAttached');
  expect(result0(), 0, 'and no page is done');
  must(attach(region, other, there), 'attach');
  expect(clone(other, BASE - 0x2000, 20, masks), KernelError.None, 'a range with holes can be cloned');
  expect(result0(), 20, 'whole');
  check(isMapped(other, BASE) && !isMapped(other, BASE - 0x2000), 'what is mapped is there, and nothing else');
  must(lookup(other, BASE), 'lookup');
  expect(result1(), MapRights.Read, 'with the child mask');
  must(lookup(space, BASE), 'lookup');
  expect(result1(), MapRights.Read, 'and the parent keeps the parent mask');
  expect(clone(other, BASE, 1, masks), KernelError.AlreadyMapped, 'again: AlreadyMapped');
  expect(clone(space, BASE, 1, masks), KernelError.OutOfRange, 'onto itself: OutOfRange');
  expect(clone(region, BASE, 1, masks), KernelError.WrongKind, 'to no address space: WrongKind');
  expect(clone(other, BASE, 1025, masks), KernelError.OutOfRange, 'too many pages: OutOfRange');
  expect(clone(other, BASE, 1, 0x1_0000), KernelError.OutOfRange, 'masks of more than two bytes: OutOfRange');
  expect(clone(other, BASE + 1, 1, masks), KernelError.Misaligned, 'an odd address: Misaligned');
  expect(remove(there), KernelError.None, 'the attachment there can be deleted');
  check(!isMapped(other, BASE) && isMapped(space, BASE), 'which unmaps what it lent there, and only there');
  must(attach(region, other, there), 'attach');
  must(clone(other, BASE, 8, masks), 'clone');
  expect(invoke(1, Invocation.CNodeRevoke, region, 0, 0, 0), KernelError.None, 'the Region can be revoked');
  check(!isMapped(other, BASE) && !isMapped(space, BASE), 'which unmaps it everywhere');
}

function clone(destination: u64, address: u64, pages: u64, masks: u64): u64 {
  return invoke(space, Invocation.VSpaceCloneRange, destination, address, pages, masks);
}

/** Each VSpace invocation asks for a right. */
function testWeak(): void {
  family('vspace rights');
  const readOnly = freshSlot();
  const writeOnly = freshSlot();
  must(invoke(1, Invocation.CNodeCopy, space, readOnly, RIGHT_READ, 0), 'copy');
  must(invoke(1, Invocation.CNodeCopy, space, writeOnly, RIGHT_WRITE, 0), 'copy');
  const tables = make(ObjectKind.Tables, 12);
  expect(
    invoke(readOnly, Invocation.VSpaceSupply, tables, 0, 0, 0),
    KernelError.NoRight,
    'Supply needs Write: NoRight',
  );
  expect(invoke(readOnly, Invocation.VSpaceUnmap, BASE, 1, 0, 0), KernelError.NoRight, 'so does Unmap');
  expect(invoke(readOnly, Invocation.VSpaceProtect, BASE, 1, 0, 0), KernelError.NoRight, 'and Protect');
  expect(invoke(readOnly, Invocation.VSpaceCloneRange, other, BASE, 1, 0), KernelError.NoRight, 'and CloneRange');
  expect(clone(readOnly, BASE, 1, 0), KernelError.NoRight, 'and its destination');
  expect(invoke(writeOnly, Invocation.VSpaceLookup, BASE, 0, 0, 0), KernelError.NoRight, 'Lookup needs Read: NoRight');
  expect(invokeShort(space, Invocation.VSpaceUnmap, 1), KernelError.WrongLength, 'too few words: WrongLength');
  expect(invokeShort(space, Invocation.VSpaceProtect, 2), KernelError.WrongLength, 'for each');
  expect(invokeShort(space, Invocation.VSpaceCloneRange, 3), KernelError.WrongLength, 'of them');
  expect(invokeShort(space, Invocation.VSpaceLookup, 0), KernelError.WrongLength, 'too');
  remove(readOnly);
  remove(writeOnly);
  remove(tables);
}

/** An attachment whose pages are many is taken out of its address space in steps. */
function testManyPages(): void {
  family('attachment ends');
  const fresh = make(ObjectKind.VSpace, 0);
  const tables = make(ObjectKind.Tables, 18);
  const many = freshSlot();
  must(invoke(fresh, Invocation.VSpaceSupply, tables, 0, 0, 0), 'supply');
  must(attach(region, fresh, many), 'attach');
  for (let part: u64 = 0; part < 40; part++) {
    // One page off alignment, so that each is mapped on its own.
    must(invoke(many, Invocation.AttachmentMap, 0x1000, BASE + part * 0x20_0000, 511, READ_WRITE), 'map');
  }
  expect(
    invoke(1, Invocation.CNodeDelete, many, 0, 0, 0),
    KernelError.Again,
    'unmapping 20,000 pages takes more than one call: Again',
  );
  expect(
    invoke(many, Invocation.AttachmentMap, 0, BASE, 1, READ_WRITE),
    KernelError.InvalidState,
    'meanwhile it maps nothing: InvalidState',
  );
  expect(invoke(1, Invocation.CNodeMove, many, freshSlot(), 0, 0), KernelError.InvalidState, 'and stays where it is');
  expect(remove(many), KernelError.None, 'then it is gone');
  check(!isMapped(fresh, BASE) && !isMapped(fresh, BASE + 39 * 0x20_0000), 'with all its pages');
  remove(fresh);
  remove(tables);
}

function testFrame(): void {
  family('frame');
  const frame = make(ObjectKind.Frame, 12);
  const window = freshWindow(0x20_0000);
  expect(mapFrame(frame, region, window), KernelError.WrongKind, 'into no address space: WrongKind');
  expect(mapFrame(frame, ROOT_VSPACE_SLOT, window + 4), KernelError.Misaligned, 'an odd address: Misaligned');
  expect(mapFrame(frame, ROOT_VSPACE_SLOT, 1 << 47), KernelError.OutOfRange, 'no user address: OutOfRange');
  expect(invoke(frame, Invocation.FrameUnmap, 0, 0, 0, 0), KernelError.NotMapped, 'unmapping it before: NotMapped');
  expect(mapFrame(frame, ROOT_VSPACE_SLOT, window), KernelError.None, 'it can be mapped');
  setWord(window, 99);
  expect(mapFrame(frame, ROOT_VSPACE_SLOT, window + 4096), KernelError.AlreadyBound, 'once: AlreadyBound');
  const copy = freshSlot();
  must(invoke(1, Invocation.CNodeCopy, frame, copy, RIGHT_READ, 0), 'copy');
  expect(mapFrame(copy, ROOT_VSPACE_SLOT, window + 4096), KernelError.NoRight, 'a copy has the rights it was given');
  expect(
    invoke(copy, Invocation.FrameMap, ROOT_VSPACE_SLOT, window, MapRights.Read, 0),
    KernelError.AlreadyMapped,
    'onto another page: AlreadyMapped',
  );
  expect(
    invoke(copy, Invocation.FrameMap, ROOT_VSPACE_SLOT, window + 4096, MapRights.Read, 0),
    KernelError.None,
    'the copy maps on its own',
  );
  expect(wordAt(window + 4096), 99, 'and shows the same memory');
  expect(invoke(frame, Invocation.FrameUnmap, 0, 0, 0, 0), KernelError.None, 'it can be unmapped');
  check(!isMapped(ROOT_VSPACE_SLOT, window) && isMapped(ROOT_VSPACE_SLOT, window + 4096), 'and the copy stays');
  must(remove(copy), 'delete');
  check(!isMapped(ROOT_VSPACE_SLOT, window + 4096), 'until it is deleted');
  const large = make(ObjectKind.Frame, 21);
  expect(mapFrame(large, ROOT_VSPACE_SLOT, window + 4096), KernelError.Misaligned, '2M at 4K: Misaligned');
  remove(large);
  remove(frame);
}

function mapFrame(frame: u64, vspace: u64, address: u64): u64 {
  return invoke(frame, Invocation.FrameMap, vspace, address, READ_WRITE, 0);
}

/** Page-table memory taken back takes its mappings with it. */
function testTables(): void {
  family('tables');
  const fresh = make(ObjectKind.VSpace, 0);
  const first = make(ObjectKind.Tables, 13);
  const second = make(ObjectKind.Tables, 12);
  const lent = freshSlot();
  must(attach(region, fresh, lent), 'attach');
  must(invoke(fresh, Invocation.VSpaceSupply, first, 0, 0, 0), 'supply');
  expect(
    invoke(lent, Invocation.AttachmentMap, 0, BASE, 1, READ_WRITE),
    KernelError.NoTables,
    'two tables are too few: NoTables',
  );
  must(invoke(fresh, Invocation.VSpaceSupply, second, 0, 0, 0), 'supply');
  expect(invoke(lent, Invocation.AttachmentMap, 0, BASE, 1, READ_WRITE), KernelError.None, 'a third is enough');
  expect(
    invoke(1, Invocation.CNodeCopy, first, freshSlot(), 15, 0),
    KernelError.NotCopyable,
    'they cannot be copied: NotCopyable',
  );
  expect(remove(second), KernelError.None, 'one can be deleted');
  check(!isMapped(fresh, BASE), 'and its mappings are gone');
  expect(remove(fresh), KernelError.None, 'the address space can be deleted');
  expect(
    invoke(lent, Invocation.AttachmentMap, 0, BASE, 1, READ_WRITE),
    KernelError.EmptySlot,
    'which ends its attachments',
  );
  const again = make(ObjectKind.VSpace, 0);
  expect(invoke(again, Invocation.VSpaceSupply, first, 0, 0, 0), KernelError.None, 'and frees its tables for another');
  remove(again);
  remove(first);
}
