/** Notifications: Signal, Wait and Poll, and a notification bound to a thread. */
import { KernelError } from '../../../lib/abi/error.js';
import { Invocation } from '../../../lib/abi/invocation.js';
import { ObjectKind } from '../../../lib/abi/object-kind.js';
import { Operation } from '../../../lib/abi/operation.js';
import { RIGHT_READ, RIGHT_WRITE, RIGHTS_ALL } from '../../../lib/abi/rights.js';
import { invoke, operate, resultBadge } from './arch/x86_64/kernel.js';
import { check, expect, expectOperation, family } from './report.js';
import { Role, stage } from './roles.js';
import { freshSlot, make, must, remove } from './setup.js';
import { clearTrace, prepare, restart, runLow, start, stateOf, traced, type Worker } from './threads.js';

const STATE_WAIT = 8;

const waiter: Worker = reserve();

export function testNotifications(): void {
  family('notification');
  const notification = make(ObjectKind.Notification, 0);
  stage.notification = notification;
  const one = freshSlot();
  const two = freshSlot();
  const readOnly = freshSlot();
  const writeOnly = freshSlot();
  must(invoke(1, Invocation.CNodeMint, notification, one, RIGHTS_ALL, 1), 'mint');
  must(invoke(1, Invocation.CNodeMint, notification, two, RIGHTS_ALL, 2), 'mint');
  must(invoke(1, Invocation.CNodeCopy, notification, readOnly, RIGHT_READ, 0), 'copy');
  must(invoke(1, Invocation.CNodeCopy, notification, writeOnly, RIGHT_WRITE, 0), 'copy');
  expect(operate(Operation.Poll, notification, 0, 0, 0), KernelError.WouldBlock, 'Poll without a signal: WouldBlock');
  expect(operate(Operation.Signal, one, 0, 0, 0), KernelError.None, 'Signal with nobody waiting succeeds');
  expect(operate(Operation.Signal, two, 0, 0, 0), KernelError.None, 'and so does another');
  expect(operate(Operation.Poll, notification, 0, 0, 0), KernelError.None, 'Poll takes them');
  expect(resultBadge(), 3, 'as one word of all badges');
  expect(operate(Operation.Poll, notification, 0, 0, 0), KernelError.WouldBlock, 'and they are gone');
  expect(operate(Operation.Signal, readOnly, 0, 0, 0), KernelError.NoRight, 'Signal needs Write: NoRight');
  expect(operate(Operation.Wait, writeOnly, 0, 0, 0), KernelError.NoRight, 'Wait needs Read: NoRight');
  expect(operate(Operation.Poll, writeOnly, 0, 0, 0), KernelError.NoRight, 'Poll needs Read: NoRight');
  must(operate(Operation.Signal, two, 0, 0, 0), 'signal');
  expect(
    operate(Operation.Wait, notification, 0, 0, 0),
    KernelError.None,
    'Wait returns at once when there is a signal',
  );

  prepare(waiter, Role.Wait, 100);
  clearTrace();
  start(waiter);
  runLow();
  expect(stateOf(waiter), STATE_WAIT, 'a thread waits for a signal');
  must(operate(Operation.Signal, two, 0, 0, 0), 'signal');
  runLow();
  check(traced(0) === KernelError.None && traced(1) === 2, 'and is woken with the badge');
  clearTrace();
  restart(waiter, Role.Wait);
  runLow();
  must(remove(one), 'delete');
  must(invoke(1, Invocation.CNodeRevoke, notification, 0, 0, 0), 'revoke');
  expect(stateOf(waiter), STATE_WAIT, 'deleting other capabilities does not end the wait');
  must(remove(notification), 'delete notification');
  runLow();
  expectOperation(Operation.Wait, traced(0), KernelError.Cancelled, 'deleting the last one does: Cancelled');
  testBound();
  remove(waiter.tcb);
}

function testBound(): void {
  family('bound notification');
  const notification = make(ObjectKind.Notification, 0);
  const badged = freshSlot();
  stage.endpoint = make(ObjectKind.Endpoint, 0);
  must(invoke(1, Invocation.CNodeMint, notification, badged, RIGHTS_ALL, 0x40), 'mint');
  expect(bind(freshSlot()), KernelError.EmptySlot, 'binding nothing: EmptySlot');
  expect(bind(stage.endpoint), KernelError.WrongKind, 'binding an endpoint: WrongKind');
  expect(bind(notification), KernelError.None, 'a notification can be bound to a thread');
  expect(bind(notification), KernelError.AlreadyBound, 'once: AlreadyBound');
  clearTrace();
  restart(waiter, Role.Receive);
  runLow();
  must(operate(Operation.Signal, badged, 0, 0, 0), 'signal');
  runLow();
  check(traced(0) === KernelError.None && traced(1) === 0x40, 'a signal ends its wait on an endpoint');
  clearTrace();
  must(operate(Operation.Signal, badged, 0, 0, 0), 'signal');
  restart(waiter, Role.Receive);
  runLow();
  check(traced(0) === KernelError.None && traced(1) === 0x40, 'and a signal before it keeps it from waiting');
  expect(bind(0), KernelError.None, 'it can be unbound');
  clearTrace();
  restart(waiter, Role.Receive);
  runLow();
  must(operate(Operation.Signal, badged, 0, 0, 0), 'signal');
  runLow();
  expect(stateOf(waiter), 4, 'then signals leave the thread waiting');
  expect(operate(Operation.Poll, notification, 0, 0, 0), KernelError.None, 'and stay in the notification');
  must(operate(Operation.Signal, badged, 0, 0, 0), 'signal');
  expect(bind(notification), KernelError.None, 'it can be bound again');
  runLow();
  check(traced(0) === KernelError.None && traced(1) === 0x40, 'and what it has been signalled ends the wait');
  expect(operate(Operation.Poll, notification, 0, 0, 0), KernelError.WouldBlock, 'and is taken by it');
  must(remove(badged), 'delete');
  must(remove(notification), 'delete notification');
  const next = make(ObjectKind.Notification, 0);
  expect(bind(next), KernelError.AlreadyBound, 'the thread itself keeps a notification alive: AlreadyBound');
  must(bind(0), 'unbind');
  remove(next);
  remove(stage.endpoint);
}

function bind(notification: u64): u64 {
  return invoke(waiter.tcb, Invocation.TcbBindNotification, notification, 0, 0, 0);
}
