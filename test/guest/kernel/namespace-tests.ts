/** Name spaces and rfork: sharing, copying, emptying, and rights that only narrow. */
import { ROOT_CNODE_SLOT, ROOT_VSPACE_SLOT } from '../../../lib/abi/boot-information.js';
import { KernelError } from '../../../lib/abi/error.js';
import { Invocation, RFORK_COPY_CSPACE, RFORK_EMPTY_CSPACE, RFORK_NEW_VSPACE } from '../../../lib/abi/invocation.js';
import { ObjectKind } from '../../../lib/abi/object-kind.js';
import { Operation } from '../../../lib/abi/operation.js';
import { RIGHT_READ, RIGHT_WRITE, RIGHTS_ALL } from '../../../lib/abi/rights.js';
import { invoke, operate, result0 } from './arch/x86_64/kernel.js';
import { check, expect, family } from './report.js';
import { freshSlot, make, must, remove } from './setup.js';

const ALL_RIGHTS: u64 = RIGHTS_ALL << 8;

let parent: u64 = 0;

function fork(child: u64, flags: u64, cnode: u64, vspace: u64): u64 {
  return invoke(parent, Invocation.NamespaceRfork, child, flags, cnode, vspace);
}

/** A capability of `table`, copied out so that the tests can use it. */
function take(table: u64, index: u64): u64 {
  const slot = freshSlot();
  must(invoke(table, Invocation.CNodeCopy, index, slot, RIGHTS_ALL, 0), 'take');
  return slot;
}

export function testNamespace(): void {
  family('namespace');
  parent = make(ObjectKind.Namespace, 0);
  const table = make(ObjectKind.CNode, 4);
  const vspace = make(ObjectKind.VSpace, 0);
  const notification = make(ObjectKind.Notification, 0);
  const thread = make(ObjectKind.Tcb, 0);
  const none = freshSlot();
  const bare = make(ObjectKind.Namespace, 0);
  must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeCopy, notification, 2 | (table << 32), RIGHTS_ALL, 0), 'fill');
  must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeCopy, table, 3 | (table << 32), RIGHTS_ALL, 0), 'fill');
  expect(fork(bare, ALL_RIGHTS, 0, 0), KernelError.NotConfigured, 'rfork of an empty one: NotConfigured');
  expect(setCSpace(vspace), KernelError.WrongKind, 'a CSpace that is none: WrongKind');
  expect(setVSpace(table), KernelError.WrongKind, 'a VSpace that is none: WrongKind');
  expect(setCSpace(table), KernelError.None, 'it takes a CSpace');
  expect(setVSpace(ROOT_VSPACE_SLOT), KernelError.None, 'and a VSpace');
  expect(
    invoke(thread, Invocation.TcbSetNamespace, bare, 0, 0, 0),
    KernelError.NotConfigured,
    'a bare one for a thread',
  );
  expect(invoke(thread, Invocation.TcbSetNamespace, parent, 0, 0, 0), KernelError.None, 'a thread can live in it');
  expect(invoke(thread, Invocation.TcbSetNamespace, table, 0, 0, 0), KernelError.WrongKind, 'but not in a CNode');

  family('rfork');
  const shared = make(ObjectKind.Namespace, 0);
  expect(fork(none, ALL_RIGHTS, 0, 0), KernelError.EmptySlot, 'no child: EmptySlot');
  expect(fork(table, ALL_RIGHTS, 0, 0), KernelError.WrongKind, 'a child that is none: WrongKind');
  expect(fork(shared, ALL_RIGHTS | 8, 0, 0), KernelError.OutOfRange, 'unknown flags: OutOfRange');
  expect(fork(shared, ALL_RIGHTS | 3, 0, 0), KernelError.OutOfRange, 'copied and empty at once: OutOfRange');
  expect(fork(shared, RIGHT_READ << 8, 0, 0), KernelError.OutOfRange, 'fewer rights in a shared CSpace: OutOfRange');
  expect(fork(shared, ALL_RIGHTS | 0x1000, 0, 0), KernelError.OutOfRange, 'rights that do not exist: OutOfRange');
  expect(fork(shared, ALL_RIGHTS, 0, 0), KernelError.None, 'both spaces can be shared');
  expect(fork(shared, ALL_RIGHTS, 0, 0), KernelError.AlreadyBound, 'into an empty child only: AlreadyBound');

  const copied = make(ObjectKind.Namespace, 0);
  const small = make(ObjectKind.CNode, 3);
  const fresh = make(ObjectKind.CNode, 4);
  const copyFlags: u64 = RFORK_COPY_CSPACE | RFORK_NEW_VSPACE | ((RIGHT_READ | RIGHT_WRITE) << 8);
  expect(fork(copied, copyFlags, table, vspace), KernelError.InvalidState, 'a table that is not empty: InvalidState');
  expect(fork(copied, copyFlags, small, vspace), KernelError.InvalidState, 'one that is too small: InvalidState');
  expect(fork(copied, copyFlags, vspace, vspace), KernelError.WrongKind, 'one that is none: WrongKind');
  expect(fork(copied, copyFlags, fresh, table), KernelError.WrongKind, 'an address space that is none: WrongKind');
  expect(fork(copied, copyFlags, fresh, vspace), KernelError.None, 'capabilities can be copied');
  expect(result0(), 1, 'but, with rights withheld, none that leads to others');
  const had = take(fresh, 2);
  expect(operate(Operation.Signal, had, 0, 0, 0), KernelError.None, 'to the same slots');
  testNarrowing(copied);
  const emptied = make(ObjectKind.Namespace, 0);
  const blank = make(ObjectKind.CNode, 4);
  expect(fork(emptied, RFORK_EMPTY_CSPACE | ALL_RIGHTS, blank, 0), KernelError.None, 'or left behind');
  expect(invoke(blank, Invocation.CNodeCopy, 2, freshSlot(), 15, 0), KernelError.EmptySlot, 'then there are none');
  must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeRevoke, notification, 0, 0, 0), 'revoke');
  expect(operate(Operation.Signal, had, 0, 0, 0), KernelError.EmptySlot, 'what the parent loses, the copy loses');
  check(remove(parent) === KernelError.None && remove(shared) === KernelError.None, 'name spaces can be deleted');
  remove(thread);
}

/** A child of a child has no right that its parent lost, whatever it asks for. */
function testNarrowing(middle: u64): void {
  const grandchild = make(ObjectKind.Namespace, 0);
  const table = make(ObjectKind.CNode, 4);
  expect(
    invoke(middle, Invocation.NamespaceRfork, grandchild, RFORK_COPY_CSPACE | ALL_RIGHTS, table, 0),
    KernelError.None,
    'a restricted one can be forked again',
  );
  const left = take(table, 2);
  expect(operate(Operation.Poll, left, 0, 0, 0), KernelError.WouldBlock, 'what it had it passes on');
  const weak = make(ObjectKind.Namespace, 0);
  const weakTable = make(ObjectKind.CNode, 4);
  const flags: u64 = RFORK_COPY_CSPACE | (RIGHT_READ << 8);
  must(invoke(grandchild, Invocation.NamespaceRfork, weak, flags, weakTable, 0), 'rfork');
  const last = make(ObjectKind.Namespace, 0);
  const lastTable = make(ObjectKind.CNode, 4);
  must(invoke(weak, Invocation.NamespaceRfork, last, RFORK_COPY_CSPACE | ALL_RIGHTS, lastTable, 0), 'rfork');
  expect(
    operate(Operation.Signal, take(lastTable, 2), 0, 0, 0),
    KernelError.NoRight,
    'a right once withheld does not come back: NoRight',
  );
}

function setCSpace(slot: u64): u64 {
  return invoke(parent, Invocation.NamespaceSetCSpace, slot, 0, 0, 0);
}

function setVSpace(slot: u64): u64 {
  return invoke(parent, Invocation.NamespaceSetVSpace, slot, 0, 0, 0);
}
