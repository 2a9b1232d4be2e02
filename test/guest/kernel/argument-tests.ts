/**
 * Arguments that name capabilities: a pointer, or a slot to be filled, that leads nowhere, to the wrong thing or to a
 * place that cannot be used. Every operation and invocation with such an argument gives each of its errors here.
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
import { ANSWER_SHIFT, KEEP_SHIFT, Operation } from '../../../lib/abi/operation.js';
import { MapRights, RIGHT_READ, RIGHTS_ALL } from '../../../lib/abi/rights.js';
import { invoke, operate } from './arch/x86_64/kernel.js';
import { expect, family } from './report.js';
import { freshSlot, freshWindow, make, mapOwn, must, remove } from './setup.js';

/** Beyond the root CNode, whose radix is 14 at most. */
const NO_SLOT: u64 = 0x10_0000;
const COM1: u64 = 0x3f8;
const COM1_LINE: u64 = 4;
const ALL_RIGHTS: u64 = RIGHTS_ALL << 8;

/** An invocation whose arguments are right, but for the one that a case puts in. */
class Question {
  capability!: u64;
  label!: Invocation;
  words!: Fixed<u64, 4>;
}

const question: Question = reserve();
/** A slot that stays empty, and a Reply: the wrong kind for everything asked here. */
let empty: u64 = 0;
let reply: u64 = 0;

export function testArguments(): void {
  empty = freshSlot();
  reply = make(ObjectKind.Reply, 0);
  testOperations();
  testThreadPointers();
  testSpacePointers();
  testNotificationPointers();
  testSlots();
  remove(reply);
}

function prepare(capability: u64, label: Invocation, word0: u64, word1: u64, word2: u64, word3: u64): void {
  question.capability = capability;
  question.label = label;
  question.words[0] = word0;
  question.words[1] = word1;
  question.words[2] = word2;
  question.words[3] = word3;
}

/** Asks with `value` added to word `index`. */
function ask(index: u64, value: u64): u64 {
  const words = question.words;
  return invoke(
    question.capability,
    question.label,
    words[0] + (index === 0 ? value : 0),
    words[1] + (index === 1 ? value : 0),
    words[2] + (index === 2 ? value : 0),
    words[3] + (index === 3 ? value : 0),
  );
}

/** A capability pointer in word `index`, from bit `shift` up, which the prepared question leaves 0. */
function pointerAt(index: u64, shift: u64): void {
  expect(ask(index, NO_SLOT << shift), KernelError.NoSlot, 'beyond the CSpace: NoSlot');
  expect(ask(index, empty << shift), KernelError.EmptySlot, 'to an empty slot: EmptySlot');
  expect(ask(index, reply << shift), KernelError.WrongKind, 'to a Reply: WrongKind');
}

function testOperations(): void {
  family('pointers of operations');
  for (let operation: u64 = Operation.Send; operation <= Operation.Poll; operation++) {
    // Reply has its pointer elsewhere, and a Call of something else is an invocation.
    const shift: u64 = operation === Operation.Reply ? ANSWER_SHIFT : 64;
    expect(point(operation, NO_SLOT, shift), KernelError.NoSlot, 'beyond the CSpace: NoSlot');
    expect(point(operation, empty, shift), KernelError.EmptySlot, 'to an empty slot: EmptySlot');
    if (operation !== Operation.Call) {
      expect(point(operation, ROOT_CNODE_SLOT, shift), KernelError.WrongKind, 'to a CNode: WrongKind');
    }
  }
  const endpoint = make(ObjectKind.Endpoint, 0);
  const answer: u64 = Operation.ReplyReceive;
  expect(operate(answer | (NO_SLOT << ANSWER_SHIFT), endpoint, 0, 0, 0), KernelError.NoSlot, 'no Reply to answer');
  expect(operate(answer | (NO_SLOT << KEEP_SHIFT), endpoint, 0, 0, 0), KernelError.NoSlot, 'no Reply for callers');
  expect(operate(answer | (empty << KEEP_SHIFT), endpoint, 0, 0, 0), KernelError.EmptySlot, 'nothing for callers');
  remove(endpoint);
}

/** An operation with a pointer in rdi (a shift of 64) or in the operation word. */
function point(operation: u64, pointer: u64, shift: u64): u64 {
  return shift === 64
    ? operate(operation, pointer, 0, 0, 0)
    : operate(operation | (pointer << shift), ROOT_CNODE_SLOT, 0, 0, 0);
}

function testThreadPointers(): void {
  const thread = make(ObjectKind.Tcb, 0);
  const endpoint = make(ObjectKind.Endpoint, 0);
  family('Configure: a pointer');
  prepare(thread, Invocation.TcbConfigure, 0, 0, 0, 0);
  pointerAt(0, 0);
  pointerAt(0, 32);
  pointerAt(1, 0);
  pointerAt(1, 32);
  family('SetForeign: a pointer');
  prepare(thread, Invocation.TcbSetForeign, 0, 1, 0, 0);
  pointerAt(0, 0);
  expect(ask(0, endpoint << 32), KernelError.WrongKind, 'an endpoint as Reply: WrongKind');
  expect(ask(0, NO_SLOT << 32), KernelError.NoSlot, 'no Reply: NoSlot');
  expect(ask(0, empty << 32), KernelError.EmptySlot, 'nothing: EmptySlot');
  family('CopyFpu: a pointer');
  prepare(thread, Invocation.TcbCopyFpu, 0, 0, 0, 0);
  pointerAt(0, 0);
  family('BindNotification: a pointer');
  prepare(thread, Invocation.TcbBindNotification, 0, 0, 0, 0);
  pointerAt(0, 0);
  family('SetNamespace: a pointer');
  prepare(thread, Invocation.TcbSetNamespace, 0, 0, 0, 0);
  pointerAt(0, 0);
  remove(thread);
  remove(endpoint);
}

function testSpacePointers(): void {
  const parent = make(ObjectKind.Namespace, 0);
  const child = make(ObjectKind.Namespace, 0);
  const region = make(ObjectKind.Region, 12);
  const frame = make(ObjectKind.Frame, 12);
  family('SetCSpace: a pointer');
  prepare(parent, Invocation.NamespaceSetCSpace, 0, 0, 0, 0);
  pointerAt(0, 0);
  family('SetVSpace: a pointer');
  prepare(parent, Invocation.NamespaceSetVSpace, 0, 0, 0, 0);
  pointerAt(0, 0);
  must(invoke(parent, Invocation.NamespaceSetCSpace, ROOT_CNODE_SLOT, 0, 0, 0), 'set CSpace');
  must(invoke(parent, Invocation.NamespaceSetVSpace, ROOT_VSPACE_SLOT, 0, 0, 0), 'set VSpace');
  family('Rfork: a pointer');
  prepare(parent, Invocation.NamespaceRfork, 0, ALL_RIGHTS, 0, 0);
  pointerAt(0, 0);
  prepare(parent, Invocation.NamespaceRfork, child, ALL_RIGHTS | RFORK_EMPTY_CSPACE, 0, 0);
  pointerAt(2, 0);
  prepare(parent, Invocation.NamespaceRfork, child, ALL_RIGHTS | RFORK_NEW_VSPACE, 0, 0);
  pointerAt(3, 0);
  family('Attach: a pointer');
  prepare(region, Invocation.RegionAttach, 0, empty, 0, 0);
  pointerAt(0, 0);
  family('FrameMap: a pointer');
  prepare(frame, Invocation.FrameMap, 0, freshWindow(4096), MapRights.Read, 0);
  pointerAt(0, 0);
  family('Supply: a pointer');
  prepare(ROOT_VSPACE_SLOT, Invocation.VSpaceSupply, 0, 0, 0, 0);
  pointerAt(0, 0);
  family('CloneRange: a pointer');
  prepare(ROOT_VSPACE_SLOT, Invocation.VSpaceCloneRange, 0, mapOwn(region, 12), 1, 0);
  pointerAt(0, 0);
  must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeRevoke, region, 0, 0, 0), 'revoke');
  remove(parent);
  remove(child);
  remove(region);
  remove(frame);
}

function testNotificationPointers(): void {
  const handler = freshSlot();
  must(invoke(IRQ_CONTROL_SLOT, Invocation.IrqControlGet, COM1_LINE, handler, 0, 0), 'handler');
  family('IrqHandlerSetNotification: a pointer');
  prepare(handler, Invocation.IrqHandlerSetNotification, 0, 1, 0, 0);
  pointerAt(0, 0);
  family('ClockSetNotification: a pointer');
  prepare(CLOCK_SLOT, Invocation.ClockSetNotification, 0, 1, 0, 0);
  pointerAt(0, 0);
  remove(handler);
}

/** A slot argument in word `index`, which the prepared question leaves 0. */
function slotAt(index: u64): void {
  const weak = freshSlot();
  must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeCopy, ROOT_CNODE_SLOT, weak, RIGHT_READ, 0), 'copy');
  expect(ask(index, empty | (NO_SLOT << 32)), KernelError.NoSlot, 'in a CNode beyond the CSpace: NoSlot');
  expect(ask(index, empty | (empty << 32)), KernelError.EmptySlot, 'in none: EmptySlot');
  expect(ask(index, empty | (reply << 32)), KernelError.WrongKind, 'in a Reply: WrongKind');
  expect(ask(index, empty | (weak << 32)), KernelError.NoRight, 'in a CNode that may not be written: NoRight');
  expect(ask(index, NO_SLOT), KernelError.OutOfRange, 'beyond the root CNode: OutOfRange');
  expect(ask(index, 0xffff_ffff), KernelError.OutOfRange, 'far beyond it: OutOfRange');
  expect(ask(index, reply), KernelError.SlotOccupied, 'with a capability in it: SlotOccupied');
  remove(weak);
}

function testSlots(): void {
  const untyped = make(ObjectKind.Untyped, 12);
  const endpoint = make(ObjectKind.Endpoint, 0);
  const region = make(ObjectKind.Region, 12);
  const space = make(ObjectKind.VSpace, 0);
  family('Retype: a slot');
  prepare(untyped, Invocation.UntypedRetype, ObjectKind.Endpoint, 0, 0, 1);
  slotAt(2);
  family('Copy: a slot');
  prepare(ROOT_CNODE_SLOT, Invocation.CNodeCopy, endpoint, 0, RIGHTS_ALL, 0);
  slotAt(1);
  family('Mint: a slot');
  prepare(ROOT_CNODE_SLOT, Invocation.CNodeMint, endpoint, 0, RIGHTS_ALL, 7);
  slotAt(1);
  family('Mint of a CNode: a slot');
  prepare(ROOT_CNODE_SLOT, Invocation.CNodeMint, ROOT_CNODE_SLOT, 0, RIGHTS_ALL, 0);
  slotAt(1);
  family('Move: a slot');
  prepare(ROOT_CNODE_SLOT, Invocation.CNodeMove, endpoint, 0, 0, 0);
  slotAt(1);
  family('Attach: a slot');
  prepare(region, Invocation.RegionAttach, space, 0, 0, 0);
  slotAt(1);
  family('IrqControlGet: a slot');
  prepare(IRQ_CONTROL_SLOT, Invocation.IrqControlGet, COM1_LINE, 0, 0, 0);
  slotAt(1);
  family('PortRestrict: a slot');
  prepare(PORT_RANGE_SLOT, Invocation.PortRestrict, COM1, COM1, 0, 0);
  slotAt(2);
  remove(untyped);
  remove(endpoint);
  remove(region);
  remove(space);
}
