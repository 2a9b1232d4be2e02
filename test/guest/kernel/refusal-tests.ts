/**
 * Refusals that the other families leave out: capabilities without the right an invocation needs, address spaces without
 * page tables, messages too short, labels of other kinds. Each invocation that documents such an error gives it here.
 */
import {
  CLOCK_SLOT,
  IRQ_CONTROL_SLOT,
  PORT_RANGE_SLOT,
  ROOT_CNODE_SLOT,
  ROOT_TCB_SLOT,
  ROOT_VSPACE_SLOT,
  SYSTEM_SLOT,
} from '../../../lib/abi/boot-information.js';
import { KernelError } from '../../../lib/abi/error.js';
import { Invocation, RFORK_EMPTY_CSPACE, RFORK_NEW_VSPACE } from '../../../lib/abi/invocation.js';
import { ObjectKind } from '../../../lib/abi/object-kind.js';
import { MapRights, RIGHT_READ, RIGHT_WRITE, RIGHTS_ALL } from '../../../lib/abi/rights.js';
import { invoke, invokeShort, result0 } from './arch/x86_64/kernel.js';
import { expect, family } from './report.js';
import { freshSlot, freshWindow, make, mapOwn, must, remove } from './setup.js';

const COM1: u64 = 0x3f8;
const COM1_LINE: u64 = 4;
const ALL_RIGHTS: u64 = RIGHTS_ALL << 8;

/** A thread and a name space with nothing in them. */
let bare: u64 = 0;
let namespace: u64 = 0;

export function testRefusals(): void {
  bare = make(ObjectKind.Tcb, 0);
  namespace = make(ObjectKind.Namespace, 0);
  testWeakCNode();
  testWeakThread();
  testWeakNamespace();
  testWeakDevices();
  testNoTables();
  testShort();
  testUnknown();
  remove(namespace);
  remove(bare);
}

/** A copy with these rights only. */
function weaken(source: u64, rights: u64): u64 {
  const slot = freshSlot();
  must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeCopy, source, slot, rights, 0), 'copy');
  return slot;
}

function setSpaces(cspace: u64, vspace: u64): void {
  must(invoke(namespace, Invocation.NamespaceSetCSpace, cspace, 0, 0, 0), 'set CSpace');
  must(invoke(namespace, Invocation.NamespaceSetVSpace, vspace, 0, 0, 0), 'set VSpace');
}

function mint(source: u64, badge: u64): u64 {
  return invoke(ROOT_CNODE_SLOT, Invocation.CNodeMint, source, freshSlot(), RIGHTS_ALL, badge);
}

function expectNoRight(capability: u64, label: Invocation, word0: u64, word1: u64, name: string): void {
  expect(invoke(capability, label, word0, word1, 1, 0), KernelError.NoRight, name);
}

function testWeakCNode(): void {
  family('cnode rights');
  const endpoint = make(ObjectKind.Endpoint, 0);
  const untyped = make(ObjectKind.Untyped, 12);
  const weak = weaken(ROOT_CNODE_SLOT, RIGHT_READ);
  const slot = freshSlot();
  expectNoRight(weak, Invocation.CNodeMint, endpoint, slot, 'Mint needs Write: NoRight');
  expectNoRight(weak, Invocation.CNodeMove, endpoint, slot, 'so does Move');
  expectNoRight(weak, Invocation.CNodeDelete, endpoint, 0, 'and Delete');
  expectNoRight(weak, Invocation.CNodeRevoke, endpoint, 0, 'and Revoke');
  const there = slot | (weak << 32);
  expectNoRight(ROOT_CNODE_SLOT, Invocation.CNodeCopy, endpoint, there, 'and the destination of Copy');
  expectNoRight(ROOT_CNODE_SLOT, Invocation.CNodeMint, endpoint, there, 'of Mint');
  expectNoRight(ROOT_CNODE_SLOT, Invocation.CNodeMove, endpoint, there, 'and of Move');
  expect(mint(untyped, 1), KernelError.NotCopyable, 'Untyped is not minted: NotCopyable');
  remove(weak);
  remove(untyped);
  remove(endpoint);
}

function testWeakThread(): void {
  family('tcb rights');
  const notification = make(ObjectKind.Notification, 0);
  const region = make(ObjectKind.Region, 12);
  const space = make(ObjectKind.VSpace, 0);
  const attachment = freshSlot();
  const weakSpace = weaken(space, RIGHT_READ);
  const weakRegion = weaken(region, RIGHT_READ);
  const weakThread = weaken(bare, RIGHT_READ);
  const weakNotification = weaken(notification, RIGHT_WRITE);
  const weakNamespace = weaken(namespace, RIGHT_WRITE);
  must(invoke(weakRegion, Invocation.RegionAttach, space, attachment, 0, 0), 'attach');
  expectNoRight(bare, Invocation.TcbConfigure, weakSpace << 32, 0, 'an address space that may not be written: NoRight');
  expectNoRight(bare, Invocation.TcbConfigure, 0, attachment << 32, 'a UTCB in memory that may not be written');
  expectNoRight(bare, Invocation.TcbBindNotification, weakNotification, 0, 'a notification that may not be waited on');
  expectNoRight(bare, Invocation.TcbSetNamespace, weakNamespace, 0, 'a name space that may not be read');
  expectNoRight(bare, Invocation.TcbCopyFpu, freshThread(RIGHT_WRITE), 0, 'FPU state that may not be read');
  expectNoRight(freshThread(RIGHT_WRITE), Invocation.TcbReadRegisters, 0, 0, 'ReadRegisters needs Read: NoRight');
  expectNoRight(weakThread, Invocation.TcbConfigure, 0, 0, 'Configure needs Write: NoRight');
  expectNoRight(weakThread, Invocation.TcbSetForeign, 0, 0, 'so does SetForeign');
  expectNoRight(weakThread, Invocation.TcbBindNotification, notification, 0, 'and BindNotification');
  expectNoRight(weakThread, Invocation.TcbWriteRegisters, 0, 0, 'and WriteRegisters');
  expectNoRight(weakThread, Invocation.TcbSetPriority, 1, 1, 'and SetPriority');
  expectNoRight(weakThread, Invocation.TcbSetAffinity, 0, 0, 'and SetAffinity');
  expectNoRight(weakThread, Invocation.TcbSuspend, 0, 0, 'and Suspend');
  expectNoRight(weakThread, Invocation.TcbCopyFpu, bare, 0, 'and CopyFpu');
  expectNoRight(weakThread, Invocation.TcbWriteFpu, 0, 0, 'and WriteFpu');
  expectNoRight(weakThread, Invocation.TcbResetFpu, 0, 0, 'and ResetFpu');
  expectNoRight(weakThread, Invocation.TcbSetNamespace, namespace, 0, 'and SetNamespace');
  expectNoRight(freshThread(RIGHT_WRITE), Invocation.TcbReadFpu, 0, 0, 'ReadFpu needs Read: NoRight');
  expect(invoke(weakThread, Invocation.TcbReadFpu, 0, 0, 0, 0), KernelError.None, 'and no other right');
  setSpaces(ROOT_CNODE_SLOT, ROOT_VSPACE_SLOT);
  expect(
    invoke(ROOT_TCB_SLOT, Invocation.TcbSetNamespace, namespace, 0, 0, 0),
    KernelError.InvalidState,
    'a running thread keeps its name space: InvalidState',
  );
  remove(weakNamespace);
  remove(weakNotification);
  remove(weakThread);
  remove(weakRegion);
  remove(weakSpace);
  remove(region);
  remove(space);
  remove(notification);
}

function freshThread(rights: u64): u64 {
  const thread = make(ObjectKind.Tcb, 0);
  const weak = weaken(thread, rights);
  remove(thread);
  return weak;
}

function testWeakNamespace(): void {
  family('namespace rights');
  const child = make(ObjectKind.Namespace, 0);
  const table = make(ObjectKind.CNode, 4);
  const space = make(ObjectKind.VSpace, 0);
  const weak = weaken(namespace, RIGHT_READ);
  const weakSpace = weaken(space, RIGHT_READ);
  setSpaces(ROOT_CNODE_SLOT, ROOT_VSPACE_SLOT);
  expectNoRight(weak, Invocation.NamespaceSetCSpace, table, 0, 'SetCSpace needs Write: NoRight');
  expectNoRight(weak, Invocation.NamespaceSetVSpace, space, 0, 'so does SetVSpace');
  expectNoRight(weak, Invocation.NamespaceRfork, child, ALL_RIGHTS, 'and Rfork');
  expectNoRight(namespace, Invocation.NamespaceSetVSpace, weakSpace, 0, 'an address space must be writable');
  expectNoRight(namespace, Invocation.NamespaceRfork, weaken(child, RIGHT_READ), ALL_RIGHTS, 'and the child of Rfork');
  expect(fork(child, RFORK_EMPTY_CSPACE, weaken(table, RIGHT_READ), 0), KernelError.NoRight, 'its new CNode');
  expect(fork(child, RFORK_NEW_VSPACE, 0, weakSpace), KernelError.NoRight, 'and its new VSpace');
  expect(
    fork(child, RFORK_EMPTY_CSPACE | RFORK_NEW_VSPACE, table, space),
    KernelError.None,
    'which nothing else hinders',
  );
  must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeRevoke, child, 0, 0, 0), 'revoke');
  remove(child);
  remove(weak);
}

function fork(child: u64, flags: u64, cnode: u64, vspace: u64): u64 {
  return invoke(namespace, Invocation.NamespaceRfork, child, flags | ALL_RIGHTS, cnode, vspace);
}

function testWeakDevices(): void {
  family('device rights');
  const notification = make(ObjectKind.Notification, 0);
  const weakNotification = weaken(notification, RIGHT_READ);
  const weakControl = weaken(IRQ_CONTROL_SLOT, RIGHT_READ);
  const weakClock = weaken(CLOCK_SLOT, RIGHT_READ);
  const weakSystem = weaken(SYSTEM_SLOT, RIGHT_WRITE);
  const readPorts = weaken(PORT_RANGE_SLOT, RIGHT_READ);
  const writePorts = weaken(PORT_RANGE_SLOT, RIGHT_WRITE);
  expectNoRight(weakControl, Invocation.IrqControlGet, COM1_LINE, freshSlot(), 'IrqControlGet needs Write: NoRight');
  expectNoRight(weakClock, Invocation.ClockSetNotification, notification, 1, 'so does ClockSetNotification');
  expectNoRight(CLOCK_SLOT, Invocation.ClockSetNotification, weakNotification, 1, 'and what it signals');
  expectNoRight(weakSystem, Invocation.SystemReadLog, 0, 0, 'SystemReadLog needs Read: NoRight');
  expectNoRight(weakSystem, Invocation.SystemReadStatistics, 0, 0, 'so does SystemReadStatistics');
  expectNoRight(writePorts, Invocation.PortRead, COM1 + 7, 1, 'PortRead needs Read: NoRight');
  expectNoRight(writePorts, Invocation.PortReadString, COM1 + 7, 1, 'so does PortReadString');
  expectNoRight(readPorts, Invocation.PortWriteString, COM1 + 7, 1, 'PortWriteString needs Write: NoRight');
  expect(invoke(PORT_RANGE_SLOT, Invocation.PortWrite, 0x1_0000, 1, 0, 0), KernelError.OutOfRange, 'no port to write');
  expect(invoke(PORT_RANGE_SLOT, Invocation.PortWriteString, COM1 + 7, 1, 3073, 0), KernelError.OutOfRange, 'too long');
  remove(weakControl);
  remove(weakClock);
  remove(weakSystem);
  remove(readPorts);
  remove(writePorts);
  remove(weakNotification);
  remove(notification);
}

/** Mapping into an address space that was given no page tables, and splitting a large page without one. */
function testNoTables(): void {
  family('no tables');
  const space = make(ObjectKind.VSpace, 0);
  const frame = make(ObjectKind.Frame, 12);
  const region = make(ObjectKind.Region, 12);
  const window = mapOwn(region, 12);
  const readable: u64 = MapRights.Read | ((MapRights.Read | MapRights.Write) << 8);
  expect(invoke(frame, Invocation.FrameMap, space, freshWindow(4096), 1, 0), KernelError.NoTables, 'FrameMap');
  must(invoke(region, Invocation.RegionAttach, space, freshSlot(), 0, 0), 'attach');
  expect(
    invoke(ROOT_VSPACE_SLOT, Invocation.VSpaceCloneRange, space, window, 1, readable),
    KernelError.NoTables,
    'VSpaceCloneRange',
  );
  expect(result0(), 0, 'and no page is done');
  testNoTableToSplit();
  remove(space);
  remove(frame);
  must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeRevoke, region, 0, 0, 0), 'revoke');
  remove(region);
}

function testNoTableToSplit(): void {
  const space = make(ObjectKind.VSpace, 0);
  const tables = make(ObjectKind.Tables, 13);
  const region = make(ObjectKind.Region, 21);
  const attachment = freshSlot();
  const base: u64 = 0x4000_0000;
  must(invoke(space, Invocation.VSpaceSupply, tables, 0, 0, 0), 'supply');
  must(invoke(region, Invocation.RegionAttach, space, attachment, 0, 0), 'attach');
  must(invoke(attachment, Invocation.AttachmentMap, 0, base, 512, MapRights.Read), 'map');
  expect(
    invoke(space, Invocation.VSpaceUnmap, base, 1, 0, 0),
    KernelError.NoTables,
    'VSpaceUnmap of a part of a 2M page',
  );
  expect(result0(), 0, 'unmaps nothing');
  expect(invoke(space, Invocation.VSpaceProtect, base, 1, 0, 0), KernelError.NoTables, 'VSpaceProtect of a part');
  expect(result0(), 0, 'changes nothing');
  expect(invoke(space, Invocation.VSpaceLookup, base, 0, 0, 0), KernelError.None, 'the page is still there');
  remove(space);
  remove(tables);
  remove(region);
}

function expectShort(capability: u64, label: Invocation, words: u64, name: string): void {
  expect(invokeShort(capability, label, words), KernelError.WrongLength, name);
}

/** One word fewer than each takes. */
function testShort(): void {
  family('too few words');
  const frame = make(ObjectKind.Frame, 12);
  const handler = freshSlot();
  must(invoke(IRQ_CONTROL_SLOT, Invocation.IrqControlGet, COM1_LINE, handler, 0, 0), 'handler');
  expectShort(ROOT_CNODE_SLOT, Invocation.CNodeMint, 3, 'CNodeMint');
  expectShort(ROOT_CNODE_SLOT, Invocation.CNodeMove, 1, 'CNodeMove');
  expectShort(ROOT_CNODE_SLOT, Invocation.CNodeDelete, 0, 'CNodeDelete');
  expectShort(ROOT_CNODE_SLOT, Invocation.CNodeRevoke, 0, 'CNodeRevoke');
  expectShort(bare, Invocation.TcbSetForeign, 2, 'TcbSetForeign');
  expectShort(bare, Invocation.TcbWriteRegisters, 3, 'TcbWriteRegisters');
  expectShort(bare, Invocation.TcbSetPriority, 1, 'TcbSetPriority');
  expectShort(bare, Invocation.TcbSetAffinity, 0, 'TcbSetAffinity');
  expectShort(bare, Invocation.TcbBindNotification, 0, 'TcbBindNotification');
  expectShort(bare, Invocation.TcbSetNamespace, 0, 'TcbSetNamespace');
  expectShort(frame, Invocation.FrameMap, 2, 'FrameMap');
  expectShort(ROOT_VSPACE_SLOT, Invocation.VSpaceSupply, 0, 'VSpaceSupply');
  expectShort(namespace, Invocation.NamespaceSetCSpace, 0, 'NamespaceSetCSpace');
  expectShort(namespace, Invocation.NamespaceSetVSpace, 0, 'NamespaceSetVSpace');
  expectShort(namespace, Invocation.NamespaceRfork, 3, 'NamespaceRfork');
  expectShort(IRQ_CONTROL_SLOT, Invocation.IrqControlGet, 1, 'IrqControlGet');
  expectShort(handler, Invocation.IrqHandlerSetNotification, 1, 'IrqHandlerSetNotification');
  expectShort(PORT_RANGE_SLOT, Invocation.PortWrite, 2, 'PortWrite');
  expectShort(PORT_RANGE_SLOT, Invocation.PortReadString, 2, 'PortReadString');
  expectShort(PORT_RANGE_SLOT, Invocation.PortWriteString, 2, 'PortWriteString');
  expectShort(PORT_RANGE_SLOT, Invocation.PortRestrict, 2, 'PortRestrict');
  expectShort(CLOCK_SLOT, Invocation.ClockSetDeadline, 0, 'ClockSetDeadline');
  expectShort(CLOCK_SLOT, Invocation.ClockSetNotification, 1, 'ClockSetNotification');
  remove(handler);
  remove(frame);
}

/** A label that belongs to another kind. */
function testUnknown(): void {
  family('another label');
  const frame = make(ObjectKind.Frame, 12);
  const handler = freshSlot();
  must(invoke(IRQ_CONTROL_SLOT, Invocation.IrqControlGet, COM1_LINE, handler, 0, 0), 'handler');
  expect(invoke(frame, Invocation.ClockRead, 0, 0, 0, 0), KernelError.UnknownInvocation, 'of a Frame');
  expect(invoke(namespace, Invocation.ClockRead, 0, 0, 0, 0), KernelError.UnknownInvocation, 'of a Namespace');
  expect(invoke(IRQ_CONTROL_SLOT, Invocation.ClockRead, 0, 0, 0, 0), KernelError.UnknownInvocation, 'of IrqControl');
  expect(invoke(handler, Invocation.ClockRead, 0, 0, 0, 0), KernelError.UnknownInvocation, 'of an IrqHandler');
  expect(invoke(CLOCK_SLOT, Invocation.PortRead, 0, 0, 0, 0), KernelError.UnknownInvocation, 'of the Clock');
  remove(handler);
  remove(frame);
}
