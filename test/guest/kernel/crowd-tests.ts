/**
 * Many threads that wait in one place: whatever ends their wait does so in bounded steps, so that the kernel is left for
 * interrupts in between, and none of them is forgotten.
 */
import {
  CLOCK_SLOT,
  IRQ_CONTROL_SLOT,
  ROOT_CNODE_SLOT,
  ROOT_VSPACE_SLOT,
  SYSTEM_SLOT,
} from '../../../lib/abi/boot-information.js';
import { KernelError } from '../../../lib/abi/error.js';
import { Invocation } from '../../../lib/abi/invocation.js';
import { ObjectKind } from '../../../lib/abi/object-kind.js';
import { Operation } from '../../../lib/abi/operation.js';
import { RIGHTS_ALL } from '../../../lib/abi/rights.js';
import { invoke, operate, result0, result1, result3, resultMessage } from './arch/x86_64/kernel.js';
import { check, expect, expectOperation, family } from './report.js';
import { Role, stage } from './roles.js';
import { Code, codeAddress, freshSlot, make, mapOwn, must, remove } from './setup.js';
import { clearTrace, prepare, rewind, runLow, start, stop, traced, type Worker } from './threads.js';

const CROWD: u64 = 100;
const STACK_BYTES: u64 = 4096;
const STACKS_BITS: u64 = 19;
const CROWD_PRIORITY: u64 = 100;
const COM1_LINE: u64 = 4;
const LABEL_SHIFT: u64 = 12;

/** The crowd's threads lie in consecutive slots. */
let firstThread: u64 = 0;
const sender: Worker = reserve();
const receiver: Worker = reserve();

export function testCrowds(): void {
  firstThread = freshSlot();
  for (let index: u64 = 1; index < CROWD; index++) {
    freshSlot();
  }
  const home = make(ObjectKind.Untyped, 18);
  const region = make(ObjectKind.Region, STACKS_BITS);
  must(invoke(home, Invocation.UntypedRetype, ObjectKind.Tcb, 0, firstThread, CROWD), 'threads');
  const stacks = mapOwn(region, STACKS_BITS);
  const spaces = ROOT_CNODE_SLOT | (ROOT_VSPACE_SLOT << 32);
  for (let index: u64 = 0; index < CROWD; index++) {
    const thread = firstThread + index;
    must(invoke(thread, Invocation.TcbConfigure, spaces, 0, 0, 0), 'configure');
    must(invoke(thread, Invocation.TcbSetPriority, CROWD_PRIORITY, 255, 0, 0), 'priority');
  }
  testRefusedReceive(stacks);
  testRefusedMessage(stacks);
  testRefusedReplyReceive(stacks);
  testEndpointEnds(stacks);
  testHandlerEnds(stacks);
  testNotificationEnds(stacks);
  testDevices(stacks);
  must(revoke(home), 'revoke');
  remove(home);
  must(revoke(region), 'revoke');
  remove(region);
}

function revoke(slot: u64): u64 {
  let error = invoke(ROOT_CNODE_SLOT, Invocation.CNodeRevoke, slot, 0, 0, 0);
  while (error === KernelError.Again) {
    error = invoke(ROOT_CNODE_SLOT, Invocation.CNodeRevoke, slot, 0, 0, 0);
  }
  return error;
}

/** All of them start `role` and run until they wait. */
function gather(stacks: u64, role: Role): void {
  runLow(); // to the end of what they did before
  stage.refused = 0;
  stage.cancelled = 0;
  stage.answered = 0;
  for (let index: u64 = 0; index < CROWD; index++) {
    const thread = firstThread + index;
    const top = stacks + (index + 1) * STACK_BYTES;
    must(invoke(thread, Invocation.TcbWriteRegisters, codeAddress(Code.ThreadStart), top, role, thread), 'registers');
    must(invoke(thread, Invocation.TcbResume, 0, 0, 0, 0), 'resume');
  }
  runLow();
}

/** Operations of the kernel by the slow path so far; a step that is repeated counts again. */
function operations(): u64 {
  must(invoke(SYSTEM_SLOT, Invocation.SystemReadStatistics, 0, 0, 0, 0), 'statistics');
  return result3();
}

function testRefusedReceive(stacks: u64): void {
  family('crowd of callers');
  stage.endpoint = make(ObjectKind.Endpoint, 0);
  gather(stacks, Role.CallInCrowd);
  const before = operations();
  const error = operate(Operation.ReceiveNonBlocking, stage.endpoint, 0, 0, 0);
  // Of these one is the receiver's, if it refuses them all in one step, and one is that of operations() itself.
  const steps = operations() - before - 1;
  expectOperation(
    Operation.ReceiveNonBlocking,
    error,
    KernelError.WouldBlock,
    'a receiver without a Reply finds no message',
  );
  check(steps > 1 && steps < CROWD, 'refusing them all takes it several steps');
  runLow();
  expect(stage.refused, CROWD, 'and every caller gets NoReply');
  remove(stage.endpoint);
}

/** Behind the callers somebody sends. */
function testRefusedMessage(stacks: u64): void {
  stage.endpoint = make(ObjectKind.Endpoint, 0);
  gather(stacks, Role.CallInCrowd);
  clearTrace();
  prepare(sender, Role.Send, 90);
  start(sender);
  runLow();
  expect(operate(Operation.Receive, stage.endpoint, 0, 0, 0), KernelError.None, 'a message behind them is received');
  check(resultMessage() >>> LABEL_SHIFT === 5 && result0() === 11 && result1() === 12, 'as it was sent');
  runLow();
  check(stage.refused === CROWD && traced(0) === KernelError.None, 'and all go on');
  // The same by a thread whose FPU registers are kept: it goes back another way.
  gather(stacks, Role.CallInCrowd);
  stop(sender);
  rewind(sender, Role.Send);
  start(sender);
  runLow();
  clearTrace();
  prepare(receiver, Role.Receive, 150);
  start(receiver);
  runLow();
  expectOperation(Operation.Receive, traced(0), KernelError.None, 'another thread receives behind them');
  check(traced(2) === 5 && traced(3) === 11, 'the message as it was sent');
  expect(stage.refused, CROWD, 'and every caller gets NoReply');
  remove(receiver.tcb);
  remove(stage.endpoint);
}

/** A server answers one caller, and then receives without a Reply: the answer is given once. */
function testRefusedReplyReceive(stacks: u64): void {
  stage.endpoint = make(ObjectKind.Endpoint, 0);
  const reply = make(ObjectKind.Reply, 0);
  gather(stacks, Role.CallInCrowd);
  must(operate(Operation.ReceiveNonBlocking | (reply << 32), stage.endpoint, 0, 0, 0), 'receive a call');
  stop(sender);
  clearTrace();
  remove(sender.tcb);
  prepare(sender, Role.Send, 90);
  start(sender);
  runLow();
  expect(
    operate(Operation.ReplyReceive | (reply << 8), stage.endpoint, 0, 0, 0),
    KernelError.None,
    'ReplyReceive answers one of them',
  );
  expect(resultMessage() >>> LABEL_SHIFT, 5, 'and receives what was sent behind the others');
  runLow();
  check(stage.answered === 1 && stage.refused === CROWD - 1, 'one got its answer, the others NoReply');
  remove(reply);
  remove(sender.tcb);
  remove(stage.endpoint);
}

function testEndpointEnds(stacks: u64): void {
  stage.endpoint = make(ObjectKind.Endpoint, 0);
  gather(stacks, Role.CallInCrowd);
  expect(
    invoke(ROOT_CNODE_SLOT, Invocation.CNodeDelete, stage.endpoint, 0, 0, 0),
    KernelError.Again,
    'deleting their endpoint takes more than one call: Again',
  );
  expect(operate(Operation.Send, stage.endpoint, 0, 0, 0), KernelError.NoRight, 'meanwhile nobody joins them: NoRight');
  expect(
    invoke(ROOT_CNODE_SLOT, Invocation.CNodeCopy, stage.endpoint, freshSlot(), RIGHTS_ALL, 0),
    KernelError.NotCopyable,
    'nor is it copied: NotCopyable',
  );
  expect(
    invoke(ROOT_CNODE_SLOT, Invocation.CNodeMove, stage.endpoint, freshSlot(), 0, 0),
    KernelError.InvalidState,
    'nor moved: InvalidState',
  );
  expect(remove(stage.endpoint), KernelError.None, 'then it is gone');
  runLow();
  expect(stage.cancelled, CROWD, 'and every caller gets Cancelled');
}

/** The endpoint's last capability is a thread's handler, which is replaced. */
function testHandlerEnds(stacks: u64): void {
  family('tcb configure');
  const thread = make(ObjectKind.Tcb, 0);
  const other = make(ObjectKind.Endpoint, 0);
  makeHandler(thread);
  gather(stacks, Role.CallInCrowd);
  remove(stage.endpoint);
  expect(
    invoke(thread, Invocation.TcbConfigure, 0, other, 0, 0),
    KernelError.Again,
    'a handler on which a crowd waits: Again',
  );
  expect(invoke(thread, Invocation.TcbConfigure, 0, other, 0, 0), KernelError.None, 'and then it is replaced');
  runLow();
  expect(stage.cancelled, CROWD, 'and every caller gets Cancelled');
  makeHandler(thread);
  gather(stacks, Role.CallInCrowd);
  remove(stage.endpoint);
  expect(invoke(thread, Invocation.TcbSetForeign, other, 1, 0, 0), KernelError.Again, 'SetForeign: Again');
  expect(invoke(thread, Invocation.TcbSetForeign, other, 1, 0, 0), KernelError.None, 'and then it is replaced');
  remove(thread);
  remove(other);
}

function makeHandler(thread: u64): void {
  stage.endpoint = make(ObjectKind.Endpoint, 0);
  must(invoke(thread, Invocation.TcbConfigure, 0, stage.endpoint, 0, 0), 'handler');
}

function testNotificationEnds(stacks: u64): void {
  family('crowd of waiters');
  stage.notification = make(ObjectKind.Notification, 0);
  gather(stacks, Role.WaitInCrowd);
  expect(
    invoke(ROOT_CNODE_SLOT, Invocation.CNodeDelete, stage.notification, 0, 0, 0),
    KernelError.Again,
    'deleting their notification takes more than one call: Again',
  );
  expect(
    operate(Operation.Signal, stage.notification, 0, 0, 0),
    KernelError.NoRight,
    'meanwhile it is not signalled: NoRight',
  );
  expect(remove(stage.notification), KernelError.None, 'then it is gone');
  runLow();
  expect(stage.cancelled, CROWD, 'and every waiter gets Cancelled');
  const thread = make(ObjectKind.Tcb, 0);
  stage.notification = make(ObjectKind.Notification, 0);
  must(invoke(thread, Invocation.TcbBindNotification, stage.notification, 0, 0, 0), 'bind');
  gather(stacks, Role.WaitInCrowd);
  remove(stage.notification);
  expect(invoke(thread, Invocation.TcbBindNotification, 0, 0, 0, 0), KernelError.Again, 'unbinding the last: Again');
  expect(invoke(thread, Invocation.TcbBindNotification, 0, 0, 0, 0), KernelError.None, 'and then it is unbound');
  remove(thread);
}

/** The last capability to a notification is with the clock, or with an interrupt line. */
function testDevices(stacks: u64): void {
  const handler = freshSlot();
  must(invoke(IRQ_CONTROL_SLOT, Invocation.IrqControlGet, COM1_LINE, handler, 0, 0), 'handler');
  leaveLast(stacks, CLOCK_SLOT, Invocation.ClockSetNotification);
  expect(setNone(CLOCK_SLOT, Invocation.ClockSetNotification), KernelError.Again, 'the clock lets go of it: Again');
  expect(setNone(CLOCK_SLOT, Invocation.ClockSetNotification), KernelError.None, 'and then it has none');
  leaveLast(stacks, handler, Invocation.IrqHandlerSetNotification);
  expect(setNone(handler, Invocation.IrqHandlerSetNotification), KernelError.Again, 'a handler does: Again');
  expect(setNone(handler, Invocation.IrqHandlerSetNotification), KernelError.None, 'and then it has none');
  leaveLast(stacks, handler, Invocation.IrqHandlerSetNotification);
  expect(
    invoke(ROOT_CNODE_SLOT, Invocation.CNodeDelete, handler, 0, 0, 0),
    KernelError.Again,
    'a handler that ends with it: Again',
  );
  expect(remove(handler), KernelError.None, 'then it is gone');
  runLow();
  expect(stage.cancelled, CROWD, 'and every waiter gets Cancelled');
}

function leaveLast(stacks: u64, device: u64, label: Invocation): void {
  stage.notification = make(ObjectKind.Notification, 0);
  must(invoke(device, label, stage.notification, 1, 0, 0), 'set notification');
  gather(stacks, Role.WaitInCrowd);
  must(remove(stage.notification), 'leave the device the last capability');
}

function setNone(device: u64, label: Invocation): u64 {
  return invoke(device, label, 0, 0, 0, 0);
}
