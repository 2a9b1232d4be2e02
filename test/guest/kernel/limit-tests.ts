/**
 * Limits of the derivation tree and of one step: every invocation that derives a capability refuses to at the deepest
 * level, and a thread whose old capability space takes long to delete says so.
 */
import {
  CLOCK_SLOT,
  IRQ_CONTROL_SLOT,
  PORT_RANGE_SLOT,
  ROOT_CNODE_SLOT,
  ROOT_VSPACE_SLOT,
} from '../../../lib/abi/boot-information.js';
import { KernelError } from '../../../lib/abi/error.js';
import { Invocation, RFORK_EMPTY_CSPACE, RFORK_NEW_VSPACE } from '../../../lib/abi/invocation.js';
import { ObjectKind } from '../../../lib/abi/object-kind.js';
import { RIGHTS_ALL } from '../../../lib/abi/rights.js';
import { invoke } from './arch/x86_64/kernel.js';
import { check, expect, family } from './report.js';
import { freshSlot, make, must, remove } from './setup.js';

const COM1: u64 = 0x3f8;
const COM1_LINE: u64 = 4;
const ALL_RIGHTS: u64 = RIGHTS_ALL << 8;
const CHAIN_RADIX: u64 = 10;

/** The table that holds the chain of derivations under test: its first link at index 0. */
let chain: u64 = 0;
/** Root slots of the chain's last capability, and of the one before it, from which one can still be derived. */
let deep: u64 = 0;
let above: u64 = 0;

/** A thread and a name space with nothing in them. */
let bare: u64 = 0;
let namespace: u64 = 0;

export function testDepth(): void {
  chain = make(ObjectKind.CNode, CHAIN_RADIX);
  deep = freshSlot();
  above = freshSlot();
  bare = make(ObjectKind.Tcb, 0);
  namespace = make(ObjectKind.Namespace, 0);
  family('too deep');
  testDeepUntyped();
  testDeepMessages();
  testDeepNotification();
  testDeepCNode();
  testDeepVSpace();
  testDeepRegion();
  testDeepDevices();
  testReplacing();
  remove(namespace);
  remove(bare);
  remove(chain);
}

/** Copies `source`, and each copy again, until the kernel derives no further. */
function descend(source: u64): void {
  must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeCopy, source, chain << 32, RIGHTS_ALL, 0), 'the first link');
  let length: u64 = 1;
  let error: u64 = KernelError.None;
  while (error === KernelError.None) {
    error = invoke(chain, Invocation.CNodeCopy, length - 1, length | (chain << 32), RIGHTS_ALL, 0);
    if (error === KernelError.None) {
      length++;
    }
  }
  check(error === KernelError.TooDeep && length > 1000, 'a chain of copies of this kind ends');
  must(invoke(chain, Invocation.CNodeMove, length - 1, deep, 0, 0), 'take the deepest');
  must(invoke(chain, Invocation.CNodeMove, length - 2, above, 0, 0), 'take the one above it');
}

/** Takes the chain away, with all that was derived from it. */
function ascend(): void {
  let error: u64 = KernelError.Again;
  while (error === KernelError.Again) {
    error = invoke(chain, Invocation.CNodeRevoke, 0, 0, 0, 0);
  }
  must(error, 'revoke the chain');
  must(invoke(chain, Invocation.CNodeDelete, 0, 0, 0, 0), 'delete the first link');
}

function expectTooDeep(capability: u64, label: Invocation, word0: u64, word1: u64, name: string): void {
  expect(invoke(capability, label, word0, word1, 0, 0), KernelError.TooDeep, name);
}

function mint(source: u64, badge: u64): u64 {
  return invoke(ROOT_CNODE_SLOT, Invocation.CNodeMint, source, freshSlot(), RIGHTS_ALL, badge);
}

/** Untyped is not copied: each link is made of all the memory of the one before it, and then laid into the table. */
function testDeepUntyped(): void {
  let source = make(ObjectKind.Untyped, 12);
  let next = freshSlot();
  let length: u64 = 0;
  let error: u64 = invoke(source, Invocation.UntypedRetype, ObjectKind.Untyped, 12, next, 1);
  while (error === KernelError.None) {
    if (length === 0) {
      above = source;
      source = next;
      next = freshSlot();
    } else {
      must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeMove, source, (length - 1) | (chain << 32), 0, 0), 'lay aside');
      const emptied = source;
      source = next;
      next = emptied;
    }
    length++;
    error = invoke(source, Invocation.UntypedRetype, ObjectKind.Untyped, 12, next, 1);
  }
  expect(error, KernelError.TooDeep, 'UntypedRetype of the deepest Untyped');
  check(length > 1000, 'a thousand levels down');
  expect(
    invoke(source, Invocation.UntypedRetype, ObjectKind.Endpoint, 0, next, 1),
    KernelError.TooDeep,
    'whatever the kind',
  );
  error = KernelError.Again;
  while (error === KernelError.Again) {
    error = invoke(ROOT_CNODE_SLOT, Invocation.CNodeRevoke, above, 0, 0, 0);
  }
  must(error, 'revoke the chain');
  remove(above);
  above = next;
}

function testDeepMessages(): void {
  const endpoint = make(ObjectKind.Endpoint, 0);
  const reply = make(ObjectKind.Reply, 0);
  descend(endpoint);
  expect(mint(deep, 1), KernelError.TooDeep, 'CNodeMint of an Endpoint');
  expectTooDeep(bare, Invocation.TcbConfigure, 0, deep, 'TcbConfigure: the handler');
  expectTooDeep(bare, Invocation.TcbSetForeign, deep | (reply << 32), 1, 'TcbSetForeign: the handler');
  ascend();
  descend(reply);
  expectTooDeep(bare, Invocation.TcbSetForeign, endpoint | (deep << 32), 1, 'TcbSetForeign: the Reply');
  ascend();
  remove(endpoint);
  remove(reply);
}

function testDeepNotification(): void {
  const notification = make(ObjectKind.Notification, 0);
  const handler = freshSlot();
  must(invoke(IRQ_CONTROL_SLOT, Invocation.IrqControlGet, COM1_LINE, handler, 0, 0), 'handler');
  descend(notification);
  expect(mint(deep, 1), KernelError.TooDeep, 'CNodeMint of a Notification');
  expectTooDeep(bare, Invocation.TcbBindNotification, deep, 0, 'TcbBindNotification');
  expectTooDeep(handler, Invocation.IrqHandlerSetNotification, deep, 1, 'IrqHandlerSetNotification');
  expectTooDeep(CLOCK_SLOT, Invocation.ClockSetNotification, deep, 1, 'ClockSetNotification');
  expect(
    invoke(bare, Invocation.TcbBindNotification, above, 0, 0, 0),
    KernelError.None,
    'one level higher it can be bound',
  );
  ascend();
  remove(handler);
  remove(notification);
}

function testDeepCNode(): void {
  const table = make(ObjectKind.CNode, 4);
  const child = make(ObjectKind.Namespace, 0);
  descend(table);
  expect(mint(deep, 0), KernelError.TooDeep, 'CNodeMint of a CNode');
  expectTooDeep(bare, Invocation.TcbConfigure, deep, 0, 'TcbConfigure: the CSpace');
  expectTooDeep(namespace, Invocation.NamespaceSetCSpace, deep, 0, 'NamespaceSetCSpace');
  setSpaces(ROOT_CNODE_SLOT, ROOT_VSPACE_SLOT);
  expect(
    invoke(namespace, Invocation.NamespaceRfork, child, RFORK_EMPTY_CSPACE | ALL_RIGHTS, deep, 0),
    KernelError.TooDeep,
    'NamespaceRfork: the new CNode',
  );
  setSpaces(above, ROOT_VSPACE_SLOT);
  expectTooDeep(namespace, Invocation.NamespaceRfork, child, ALL_RIGHTS, 'NamespaceRfork: a shared CSpace');
  expectTooDeep(bare, Invocation.TcbSetNamespace, namespace, 0, 'TcbSetNamespace: the CSpace');
  ascend();
  remove(child);
  remove(table);
}

function testDeepVSpace(): void {
  const space = make(ObjectKind.VSpace, 0);
  const child = make(ObjectKind.Namespace, 0);
  descend(space);
  expectTooDeep(bare, Invocation.TcbConfigure, deep << 32, 0, 'TcbConfigure: the VSpace');
  expectTooDeep(namespace, Invocation.NamespaceSetVSpace, deep, 0, 'NamespaceSetVSpace');
  setSpaces(ROOT_CNODE_SLOT, ROOT_VSPACE_SLOT);
  expect(
    invoke(namespace, Invocation.NamespaceRfork, child, RFORK_NEW_VSPACE | ALL_RIGHTS, 0, deep),
    KernelError.TooDeep,
    'NamespaceRfork: the new VSpace',
  );
  setSpaces(ROOT_CNODE_SLOT, above);
  expectTooDeep(namespace, Invocation.NamespaceRfork, child, ALL_RIGHTS, 'NamespaceRfork: a shared VSpace');
  expectTooDeep(bare, Invocation.TcbSetNamespace, namespace, 0, 'TcbSetNamespace: the VSpace');
  ascend();
  remove(child);
  remove(space);
}

function setSpaces(cspace: u64, vspace: u64): void {
  must(invoke(namespace, Invocation.NamespaceSetCSpace, cspace, 0, 0, 0), 'set CSpace');
  must(invoke(namespace, Invocation.NamespaceSetVSpace, vspace, 0, 0, 0), 'set VSpace');
}

function testDeepRegion(): void {
  const region = make(ObjectKind.Region, 12);
  const space = make(ObjectKind.VSpace, 0);
  const attachment = freshSlot();
  descend(region);
  expectTooDeep(deep, Invocation.RegionAttach, space, attachment, 'RegionAttach');
  expect(invoke(above, Invocation.RegionAttach, space, attachment, 0, 0), KernelError.None, 'but one level higher');
  expectTooDeep(bare, Invocation.TcbConfigure, 0, attachment << 32, 'TcbConfigure: the attachment of the UTCB');
  ascend();
  remove(space);
  remove(region);
}

function testDeepDevices(): void {
  descend(IRQ_CONTROL_SLOT);
  expectTooDeep(deep, Invocation.IrqControlGet, COM1_LINE, freshSlot(), 'IrqControlGet');
  ascend();
  descend(PORT_RANGE_SLOT);
  expect(invoke(deep, Invocation.PortRestrict, COM1, COM1, freshSlot(), 0), KernelError.TooDeep, 'PortRestrict');
  ascend();
}

/** The thread holds the last capability to a table of 4096 slots, so another CSpace must wait until that is emptied. */
function testReplacing(): void {
  family('tcb configure');
  const endpoint = make(ObjectKind.Endpoint, 0);
  const large = make(ObjectKind.CNode, 12);
  for (let index: u64 = 0; index < 1000; index++) {
    must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeCopy, endpoint, (index * 4) | (large << 32), RIGHTS_ALL, 0), 'fill');
  }
  must(invoke(bare, Invocation.TcbConfigure, large, 0, 0, 0), 'configure');
  must(remove(large), 'delete the other capability');
  let error: u64 = invoke(bare, Invocation.TcbConfigure, ROOT_CNODE_SLOT, 0, 0, 0);
  expect(error, KernelError.Again, 'while its old CSpace is being deleted: Again');
  while (error === KernelError.Again) {
    error = invoke(bare, Invocation.TcbConfigure, ROOT_CNODE_SLOT, 0, 0, 0);
  }
  expect(error, KernelError.None, 'and then it has the new one');
  must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeRevoke, endpoint, 0, 0, 0), 'nothing is left to revoke');
  remove(endpoint);
}
