/** CNode: copying, minting, moving, deleting and revoking capabilities, and capability spaces of several levels. */
import { KernelError } from '../../../lib/abi/error.js';
import { Invocation } from '../../../lib/abi/invocation.js';
import { ObjectKind } from '../../../lib/abi/object-kind.js';
import { Operation } from '../../../lib/abi/operation.js';
import { RIGHT_READ, RIGHTS_ALL } from '../../../lib/abi/rights.js';
import { invoke, invokeShort, operate } from './arch/x86_64/kernel.js';
import { check, expect, family } from './report.js';
import { freshSlot, make, makeFrom, must, remove } from './setup.js';

function copy(source: u64, slot: u64): u64 {
  return invoke(1, Invocation.CNodeCopy, source, slot, RIGHTS_ALL, 0);
}

function mint(source: u64, slot: u64, badge: u64): u64 {
  return invoke(1, Invocation.CNodeMint, source, slot, RIGHTS_ALL, badge);
}

function move(source: u64, slot: u64): u64 {
  return invoke(1, Invocation.CNodeMove, source, slot, 0, 0);
}

function revoke(slot: u64): u64 {
  let error = invoke(1, Invocation.CNodeRevoke, slot, 0, 0, 0);
  while (error === KernelError.Again) {
    error = invoke(1, Invocation.CNodeRevoke, slot, 0, 0, 0);
  }
  return error;
}

/** Whether a slot holds an endpoint or notification that can be asked without waiting. */
function isLive(slot: u64): boolean {
  return operate(Operation.SendNonBlocking, slot, 0, 0, 0) === KernelError.WouldBlock;
}

export function testCNode(): void {
  testCopy();
  testMove();
  testDelete();
  testRevoke();
  testLimits();
  testLevels();
  testContainers();
}

function testCopy(): void {
  family('cnode copy');
  const endpoint = make(ObjectKind.Endpoint, 0);
  const empty = freshSlot();
  const slot = freshSlot();
  const untyped = make(ObjectKind.Untyped, 12);
  expect(copy(endpoint, slot), KernelError.None, 'a capability can be copied');
  check(isLive(slot), 'and the copy works');
  expect(copy(endpoint, slot), KernelError.SlotOccupied, 'onto a capability: SlotOccupied');
  expect(copy(empty, freshSlot()), KernelError.EmptySlot, 'of an empty slot: EmptySlot');
  expect(copy(0x10_0000, freshSlot()), KernelError.OutOfRange, 'of no slot: OutOfRange');
  expect(copy(endpoint, 0x10_0000), KernelError.OutOfRange, 'to no slot: OutOfRange');
  expect(copy(untyped, freshSlot()), KernelError.NotCopyable, 'of Untyped: NotCopyable');
  expect(copy(endpoint, 1 | (0xfff0_0000 << 32)), KernelError.NoSlot, 'to a CNode that is not there: NoSlot');
  expect(invokeShort(1, Invocation.CNodeCopy, 2), KernelError.WrongLength, 'with two words: WrongLength');
  expect(invokeShort(1, Invocation.CNodeCopy, 0), KernelError.WrongLength, 'with no words: WrongLength');
  expect(invoke(1, Invocation.CNodeRevoke + 1, endpoint, 0, 0, 0), KernelError.UnknownInvocation, 'unknown label');
  const readOnly = freshSlot();
  must(invoke(1, Invocation.CNodeCopy, 1, readOnly, RIGHT_READ, 0), 'copy of the root CNode');
  expect(
    invoke(readOnly, Invocation.CNodeCopy, endpoint, freshSlot(), RIGHTS_ALL, 0),
    KernelError.NoRight,
    'through a CNode capability that may not write: NoRight',
  );
  remove(readOnly);

  family('cnode mint');
  const badged = freshSlot();
  const again = freshSlot();
  expect(mint(endpoint, badged, 77), KernelError.None, 'an endpoint takes a badge');
  expect(mint(badged, again, 78), KernelError.AlreadyBound, 'but only one: AlreadyBound');
  expect(copy(badged, again), KernelError.None, 'a badged capability can be copied');
  expect(mint(again, freshSlot(), 79), KernelError.AlreadyBound, 'and stays badged');
  expect(mint(make(ObjectKind.Reply, 0), freshSlot(), 1), KernelError.WrongKind, 'a Reply takes no badge: WrongKind');
  expect(mint(empty, freshSlot(), 1), KernelError.EmptySlot, 'of an empty slot: EmptySlot');
  expect(mint(endpoint, badged, 1), KernelError.SlotOccupied, 'onto a capability: SlotOccupied');
  expect(mint(1, freshSlot(), 60), KernelError.OutOfRange, 'a guard that does not fit beside the radix: OutOfRange');
  expect(mint(1, freshSlot(), 4 | (16 << 8)), KernelError.OutOfRange, 'a guard of more bits than it has: OutOfRange');
  must(revoke(endpoint), 'revoke');
  remove(endpoint);
  remove(untyped);
}

function testMove(): void {
  family('cnode move');
  const endpoint = make(ObjectKind.Endpoint, 0);
  const slot = freshSlot();
  const child = freshSlot();
  must(copy(endpoint, child), 'copy');
  expect(move(endpoint, slot), KernelError.None, 'a capability can be moved');
  check(!isLive(endpoint) && isLive(slot), 'it is there, and no longer here');
  expect(move(endpoint, freshSlot()), KernelError.EmptySlot, 'of an empty slot: EmptySlot');
  expect(move(slot, child), KernelError.SlotOccupied, 'onto a capability: SlotOccupied');
  expect(move(slot, slot), KernelError.SlotOccupied, 'onto itself: SlotOccupied');
  expect(move(0x10_0000, freshSlot()), KernelError.OutOfRange, 'of no slot: OutOfRange');
  must(revoke(slot), 'revoke');
  check(!isLive(child), 'what was derived from it still is, at its new place');
  remove(slot);
}

function testDelete(): void {
  family('cnode delete');
  const endpoint = make(ObjectKind.Endpoint, 0);
  const child = freshSlot();
  const grandchild = freshSlot();
  must(copy(endpoint, child), 'copy');
  must(copy(child, grandchild), 'copy');
  expect(remove(child), KernelError.None, 'a capability can be deleted');
  check(isLive(endpoint) && isLive(grandchild), 'others to the same object stay');
  expect(remove(child), KernelError.EmptySlot, 'of an empty slot: EmptySlot');
  expect(remove(0x10_0000), KernelError.OutOfRange, 'of no slot: OutOfRange');
  must(revoke(endpoint), 'revoke');
  check(!isLive(grandchild), 'what was derived from it now belongs to its parent');
  remove(endpoint);
}

function testRevoke(): void {
  family('cnode revoke');
  const endpoint = make(ObjectKind.Endpoint, 0);
  const first = freshSlot();
  let slot = first;
  for (let count = 0; count < 100; count++) {
    must(copy(count % 3 === 0 ? endpoint : slot - 1, slot), 'copy');
    slot = freshSlot();
  }
  expect(
    invoke(1, Invocation.CNodeRevoke, endpoint, 0, 0, 0),
    KernelError.Again,
    'a hundred descendants take more than one call: Again',
  );
  expect(revoke(endpoint), KernelError.None, 'and then it is done');
  let live: u64 = 0;
  for (let at = first; at < slot; at++) {
    if (isLive(at)) {
      live++;
    }
  }
  expect(live, 0, 'no descendant is left');
  check(isLive(endpoint), 'the capability itself stays');
  expect(revoke(endpoint), KernelError.None, 'of a capability without descendants it does nothing');
  expect(revoke(first), KernelError.EmptySlot, 'of an empty slot: EmptySlot');
  expect(revoke(0x10_0000), KernelError.OutOfRange, 'of no slot: OutOfRange');
  remove(endpoint);
}

/** How deep derivations go, and how many descendants a deleted capability may leave to its parent. */
function testLimits(): void {
  family('cnode limits');
  const table = make(ObjectKind.CNode, 11);
  const endpoint = make(ObjectKind.Endpoint, 0);
  must(copy(endpoint, table << 32), 'the first of the chain');
  let depth: u64 = 1;
  let error: u64 = KernelError.None;
  while (error === KernelError.None) {
    error = invoke(table, Invocation.CNodeCopy, depth - 1, depth | (table << 32), RIGHTS_ALL, 0);
    depth++;
  }
  expect(error, KernelError.TooDeep, 'a chain of copies ends: TooDeep');
  expect(depth, 1023, 'a thousand levels down');
  for (let index: u64 = depth; index < 1100; index++) {
    must(copy(endpoint, index | (table << 32)), 'beside the chain');
  }
  expect(
    invoke(1, Invocation.CNodeDelete, endpoint, 0, 0, 0),
    KernelError.HasDescendants,
    'with more than 1024 descendants it cannot be deleted: HasDescendants',
  );
  expect(revoke(endpoint), KernelError.None, 'but revoked');
  expect(remove(endpoint), KernelError.None, 'and then deleted');
  remove(table);
}

/** A second level: the root's slot holds a CNode with a guard; both are resolved, and wrong guards are not. */
function testLevels(): void {
  family('cspace');
  const endpoint = make(ObjectKind.Endpoint, 0);
  expect(operate(Operation.SendNonBlocking, 0x10_0000, 0, 0, 0), KernelError.NoSlot, 'beyond the root: NoSlot');
  expect(operate(Operation.SendNonBlocking, 0 - 1, 0, 0, 0), KernelError.NoSlot, 'all ones: NoSlot');
  expect(operate(Operation.SendNonBlocking, freshSlot(), 0, 0, 0), KernelError.EmptySlot, 'an empty slot: EmptySlot');
  expect(invoke(freshSlot(), Invocation.CNodeCopy, 0, 0, 0, 0), KernelError.EmptySlot, 'to invoke: EmptySlot');
  expect(operate(99, endpoint, 0, 0, 0), KernelError.UnknownOperation, 'an operation of 99: UnknownOperation');
  expect(operate(0, endpoint, 0, 0, 0), KernelError.UnknownOperation, 'an operation of 0: UnknownOperation');
  remove(endpoint);
}

/** Tables in tables: the last capability to a CNode empties it, wherever its own capabilities lie. */
function testContainers(): void {
  family('cnode ends');
  const outer = make(ObjectKind.CNode, 4);
  const inner = make(ObjectKind.CNode, 4);
  const endpoint = make(ObjectKind.Endpoint, 0);
  must(copy(endpoint, 3 | (inner << 32)), 'copy into the inner table');
  must(copy(outer, 5 | (inner << 32)), 'the outer one into the inner one');
  must(move(inner, 5 | (outer << 32)), 'the inner one into the outer one');
  expect(remove(outer), KernelError.None, 'tables that hold each other: the last way in can be deleted');
  const self = make(ObjectKind.CNode, 4);
  must(copy(self, 7 | (self << 32)), 'a table into itself');
  expect(remove(self), KernelError.None, 'a table that holds itself can be deleted');
  const whole = make(ObjectKind.Untyped, 14);
  const last = makeFrom(whole, ObjectKind.Endpoint, 0);
  const part = makeFrom(whole, ObjectKind.Untyped, 12);
  const table = makeFrom(part, ObjectKind.CNode, 4);
  must(move(part, 3 | (table << 32)), 'an Untyped into a table made from it');
  expect(revoke(whole), KernelError.None, 'a table that holds what it was made from can be revoked');
  check(!isLive(last), 'and so is all that stood behind it');
  remove(whole);
  const large = make(ObjectKind.CNode, 12);
  for (let index: u64 = 0; index < 1000; index++) {
    must(copy(endpoint, (index * 4) | (large << 32)), 'fill');
  }
  expect(
    invoke(1, Invocation.CNodeDelete, large, 0, 0, 0),
    KernelError.Again,
    'a table of 4096 slots takes more than one call: Again',
  );
  expect(remove(large), KernelError.None, 'and then it is gone');
  expect(revoke(endpoint), KernelError.None, 'and nothing of it is left below the endpoint');
  remove(endpoint);
}
