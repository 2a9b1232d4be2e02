/** Endpoints and Replies: every operation, its order, its rights and its errors. */

import { ROOT_UTCB_ADDRESS } from '../../../lib/abi/boot-information.js';
import { KernelError } from '../../../lib/abi/error.js';
import { Invocation } from '../../../lib/abi/invocation.js';
import { ObjectKind } from '../../../lib/abi/object-kind.js';
import { Operation } from '../../../lib/abi/operation.js';
import { RIGHT_READ, RIGHT_WRITE, RIGHTS_ALL } from '../../../lib/abi/rights.js';
import { invoke, operate, operateFull, result0, result1, resultBadge, resultMessage } from './arch/x86_64/kernel.js';
import { utcbAt } from './arch/x86_64/memory.js';
import { check, expect, expectOperation, family } from './report.js';
import { Role, stage } from './roles.js';
import { freshSlot, make, must, remove } from './setup.js';
import {
  clearTrace,
  prepare,
  restart,
  rewind,
  runLow,
  start,
  stateOf,
  stop,
  traced,
  traceLength,
  utcbOf,
  type Worker,
} from './threads.js';

const LABEL_SHIFT: u64 = 12;
const STATE_INACTIVE = 0;
const STATE_SEND = 2;
const STATE_CALL = 3;
const STATE_RECEIVE = 4;
const STATE_REPLY = 5;

const low: Worker = reserve();
const other: Worker = reserve();

function copyWith(slot: u64, rights: u64): u64 {
  const copy = freshSlot();
  must(invoke(1, Invocation.CNodeCopy, slot, copy, rights, 0), 'copy');
  return copy;
}

export function testIpc(): void {
  stage.endpoint = make(ObjectKind.Endpoint, 0);
  stage.reply = make(ObjectKind.Reply, 0);
  prepare(low, Role.Send, 100);
  prepare(other, Role.Send, 90);
  testRights();
  testSend();
  testCall();
  testLong();
  testCancel();
  testCancelReceive();
  testOrder();
  remove(low.tcb);
  remove(other.tcb);
  remove(stage.endpoint);
  remove(stage.reply);
}

function testRights(): void {
  family('ipc rights');
  const readOnly = copyWith(stage.endpoint, RIGHT_READ);
  const writeOnly = copyWith(stage.endpoint, RIGHT_WRITE);
  expect(operate(Operation.Send, readOnly, 0, 0, 0), KernelError.NoRight, 'Send needs Write: NoRight');
  expect(operate(Operation.SendNonBlocking, readOnly, 0, 0, 0), KernelError.NoRight, 'so does SendNonBlocking');
  expect(operate(Operation.Call, writeOnly, 0, 0, 0), KernelError.NoRight, 'Call needs GrantReply: NoRight');
  expect(operate(Operation.Receive, writeOnly, 0, 0, 0), KernelError.NoRight, 'Receive needs Read: NoRight');
  expect(operate(Operation.ReceiveNonBlocking, writeOnly, 0, 0, 0), KernelError.NoRight, 'so does the other');
  expect(operate(Operation.ReplyReceive, writeOnly, 0, 0, 0), KernelError.NoRight, 'and ReplyReceive');
  expect(operate(Operation.Send, stage.reply, 0, 0, 0), KernelError.WrongKind, 'Send to a Reply: WrongKind');
  expect(operate(Operation.Receive, stage.reply, 0, 0, 0), KernelError.WrongKind, 'Receive from one: WrongKind');
  expect(operate(Operation.Signal, stage.endpoint, 0, 0, 0), KernelError.WrongKind, 'Signal of an endpoint: WrongKind');
  expect(operate(Operation.Receive, freshSlot(), 0, 0, 0), KernelError.EmptySlot, 'Receive from nothing: EmptySlot');
  remove(readOnly);
  remove(writeOnly);
}

function testSend(): void {
  family('ipc send');
  clearTrace();
  expect(
    operate(Operation.SendNonBlocking, stage.endpoint, 0, 0, 0),
    KernelError.WouldBlock,
    'SendNonBlocking with nobody waiting: WouldBlock',
  );
  expect(
    operate(Operation.ReceiveNonBlocking, stage.endpoint, 0, 0, 0),
    KernelError.WouldBlock,
    'ReceiveNonBlocking with nobody waiting: WouldBlock',
  );
  start(low);
  runLow();
  expect(stateOf(low), STATE_SEND, 'a sender without a receiver waits');
  const badged = freshSlot();
  expect(operate(Operation.ReceiveNonBlocking, stage.endpoint, 0, 0, 0), KernelError.None, 'a receiver takes it');
  expect(resultMessage() >>> LABEL_SHIFT, 5, 'with its label');
  check(result0() === 11 && result1() === 12, 'and its words');
  expect(resultBadge(), 0, 'an unbadged capability gives badge 0');
  runLow();
  expectOperation(Operation.Send, traced(0), KernelError.None, 'and the sender goes on');
  must(invoke(1, Invocation.CNodeMint, stage.endpoint, badged, RIGHTS_ALL, 0xbad9e), 'mint');
  clearTrace();
  restart(low, Role.Receive);
  runLow();
  expect(stateOf(low), STATE_RECEIVE, 'a receiver without a sender waits');
  expect(operate(Operation.Send, badged, (3 << LABEL_SHIFT) | 1, 44, 0), KernelError.None, 'Send goes on at once');
  runLow();
  check(traced(0) === KernelError.None && traced(1) === 0xbad9e, 'the receiver gets the badge');
  check(traced(2) === 3 && traced(3) === 44, 'and the message');
  clearTrace();
  restart(low, Role.Receive);
  runLow();
  expect(operate(Operation.SendNonBlocking, badged, 1, 45, 0), KernelError.None, 'SendNonBlocking finds a receiver');
  runLow();
  expect(traced(3), 45, 'which gets the message');
  remove(badged);
}

function testCall(): void {
  family('ipc call');
  const writeOnly = copyWith(stage.endpoint, RIGHT_READ | RIGHT_WRITE);
  clearTrace();
  restart(low, Role.Call);
  runLow();
  expect(stateOf(low), STATE_CALL, 'a caller without a receiver waits');
  expect(
    operate(Operation.ReceiveNonBlocking | (stage.reply << 32), stage.endpoint, 0, 0, 0),
    KernelError.None,
    'a receiver takes the call',
  );
  check(resultMessage() >>> LABEL_SHIFT === 6 && result0() === 21, 'with its message');
  expect(stateOf(low), STATE_REPLY, 'the caller waits for its answer');
  expect(
    operate(Operation.ReceiveNonBlocking | (stage.reply << 32), stage.endpoint, 0, 0, 0),
    KernelError.NoReply,
    'a Reply that keeps somebody cannot keep another: NoReply',
  );
  expect(
    operate(Operation.Receive | (stage.reply << 32), stage.endpoint, 0, 0, 0),
    KernelError.NoReply,
    'nor with Receive',
  );
  expect(
    operate(Operation.ReplyReceive | (stage.reply << 32), stage.endpoint, 0, 0, 0),
    KernelError.NoReply,
    'nor with ReplyReceive, which does not answer it',
  );
  expect(
    operate(Operation.Reply | (stage.reply << 8), 0, (8 << LABEL_SHIFT) | 2, 61, 62),
    KernelError.None,
    'Reply answers',
  );
  expect(operate(Operation.Reply | (stage.reply << 8), 0, 0, 0, 0), KernelError.NobodyWaits, 'but once: NobodyWaits');
  runLow();
  check(traced(0) === KernelError.None && traced(1) === 8, 'the caller goes on with the answer');
  check(traced(2) === 61 && traced(3) === 62, 'and its words');
  expect(operate(Operation.Reply, 0, 0, 0, 0), KernelError.EmptySlot, 'Reply without a Reply: EmptySlot');
  expect(
    operate(Operation.Reply | (stage.endpoint << 8), 0, 0, 0, 0),
    KernelError.WrongKind,
    'to an endpoint: WrongKind',
  );
  expect(
    operate(Operation.ReplyReceive | (stage.reply << 8), stage.endpoint, 0, 0, 0),
    KernelError.NobodyWaits,
    'ReplyReceive with nobody to answer: NobodyWaits',
  );
  expect(
    operate(Operation.ReplyReceive | (stage.reply << 8), stage.reply, 0, 0, 0),
    KernelError.WrongKind,
    'ReplyReceive on a Reply: WrongKind',
  );
  expect(
    operate(Operation.ReceiveNonBlocking | (stage.endpoint << 32), stage.endpoint, 0, 0, 0),
    KernelError.WrongKind,
    'an endpoint as the Reply for callers: WrongKind',
  );
  clearTrace();
  restart(low, Role.Call);
  runLow();
  expect(
    operate(Operation.ReceiveNonBlocking, stage.endpoint, 0, 0, 0),
    KernelError.WouldBlock,
    'a receiver without a Reply passes a call over',
  );
  runLow();
  expectOperation(Operation.Call, traced(0), KernelError.NoReply, 'and the caller gets NoReply');
  clearTrace();
  restart(low, Role.Receive);
  runLow();
  expect(operate(Operation.Call, stage.endpoint, 0, 0, 0), KernelError.NoReply, 'calling one that waits: NoReply');
  restart(low, Role.Serve);
  runLow();
  clearTrace();
  expect(operate(Operation.Call, stage.endpoint, 4 << LABEL_SHIFT, 0, 0), KernelError.None, 'a served call returns');
  check(resultMessage() >>> LABEL_SHIFT === 9 && result0() === 99, 'with the answer');
  expect(operate(Operation.Call, stage.endpoint, 14 << LABEL_SHIFT, 0, 0), KernelError.None, 'and so does the next');
  check(traced(0) === 4 && traced(1) === 14, 'each was delivered once');
  expect(traceLength(), 2, 'and only once');
  stop(low);
  remove(writeOnly);
}

/** Words beyond the registers, and capabilities. */
function testLong(): void {
  family('ipc long');
  const table = make(ObjectKind.CNode, 4);
  const sent = make(ObjectKind.Notification, 0);
  const theirs = utcbAt(utcbOf(low));
  const mine = utcbAt(ROOT_UTCB_ADDRESS);
  for (let word: u64 = 4; word < 10; word++) {
    theirs.words[word] = 1000 + word;
  }
  theirs.sendCapabilities[0] = sent as u32;
  theirs.sendCapabilities[1] = freshSlot() as u32;
  mine.receiveCNode = table as u32;
  mine.receiveIndex = 2;
  clearTrace();
  rewind(low, Role.CallLong);
  start(low);
  runLow();
  must(operate(Operation.ReceiveNonBlocking | (stage.reply << 32), stage.endpoint, 0, 0, 0), 'receive');
  expect(resultMessage() & 0xff, 10, 'ten words arrive');
  let wrong = 0;
  for (let word: u64 = 4; word < 10; word++) {
    if (mine.words[word] !== 1000 + word) {
      wrong++;
    }
  }
  expect(wrong, 0, 'with their content');
  expect((resultMessage() >>> 8) & 15, 1, 'of two capabilities the one that exists arrives');
  const moved = freshSlot();
  expect(invoke(table, Invocation.CNodeMove, 2, moved, 0, 0), KernelError.None, 'in the slot that was named');
  expect(operate(Operation.Signal, moved, 0, 0, 0), KernelError.None, 'and works');
  mine.receiveIndex = 15;
  expect(
    operateFull(Operation.Reply | (stage.reply << 8), 0, 2, 1, 2, 0, 0),
    KernelError.None,
    'the answer needs no capability of the caller',
  );
  runLow();
  check(traced(0) === 0 && traced(2) === 1, 'and arrives');
  const noGrant = copyWith(stage.endpoint, RIGHT_WRITE | 8);
  const whole = stage.endpoint;
  stage.endpoint = noGrant;
  clearTrace();
  restart(low, Role.CallLong);
  runLow();
  stage.endpoint = whole;
  mine.receiveIndex = 3;
  must(operate(Operation.ReceiveNonBlocking | (stage.reply << 32), stage.endpoint, 0, 0, 0), 'receive');
  expect((resultMessage() >>> 8) & 15, 0, 'without the Grant right no capability arrives');
  must(operate(Operation.Reply | (stage.reply << 8), 0, 0, 0, 0), 'reply');
  runLow();
  remove(noGrant);
  remove(moved);
  remove(sent);
  remove(table);
}

function testCancel(): void {
  family('ipc cancel');
  const endpoint = stage.endpoint;
  stage.endpoint = make(ObjectKind.Endpoint, 0);
  clearTrace();
  restart(low, Role.Send);
  runLow();
  must(remove(stage.endpoint), 'delete endpoint');
  runLow();
  expectOperation(Operation.Send, traced(0), KernelError.Cancelled, 'an endpoint that goes: its sender gets Cancelled');
  stage.endpoint = endpoint;
  const reply = stage.reply;
  stage.reply = make(ObjectKind.Reply, 0);
  clearTrace();
  restart(low, Role.Call);
  runLow();
  must(operate(Operation.ReceiveNonBlocking | (stage.reply << 32), stage.endpoint, 0, 0, 0), 'receive');
  must(remove(stage.reply), 'delete reply');
  runLow();
  expectOperation(Operation.Call, traced(0), KernelError.Cancelled, 'a Reply that goes: its caller gets Cancelled');
  stage.reply = reply;
  clearTrace();
  restart(low, Role.Call);
  runLow();
  must(operate(Operation.ReceiveNonBlocking | (stage.reply << 32), stage.endpoint, 0, 0, 0), 'receive');
  stop(low);
  expect(stateOf(low), STATE_INACTIVE, 'a suspended caller is inactive');
  expect(
    operate(Operation.Reply | (stage.reply << 8), 0, 0, 0, 0),
    KernelError.NobodyWaits,
    'and its answer finds nobody: NobodyWaits',
  );
  start(low);
  runLow();
  expectOperation(Operation.Call, traced(0), KernelError.Cancelled, 'resumed, it goes on with Cancelled');
}

/** A suspended receiver goes on with Cancelled, whichever operation it waited in. */
function testCancelReceive(): void {
  clearTrace();
  restart(low, Role.Receive);
  runLow();
  stop(low);
  start(low);
  runLow();
  expectOperation(Operation.Receive, traced(0), KernelError.Cancelled, 'a receiver, suspended and resumed: Cancelled');
  clearTrace();
  restart(low, Role.AnswerOnce);
  runLow();
  must(operate(Operation.Call, stage.endpoint, 0, 0, 0), 'call');
  expect(stateOf(low), STATE_RECEIVE, 'a server waits for its next caller');
  stop(low);
  start(low);
  runLow();
  expectOperation(Operation.ReplyReceive, traced(0), KernelError.Cancelled, 'and gets Cancelled as well');
}

/** Senders are received in the order in which they came, whatever their priority. */
function testOrder(): void {
  family('ipc order');
  rewind(other, Role.Call);
  clearTrace();
  restart(low, Role.Send);
  runLow();
  start(other);
  runLow();
  must(operate(Operation.ReceiveNonBlocking | (stage.reply << 32), stage.endpoint, 0, 0, 0), 'receive');
  expect(resultMessage() >>> LABEL_SHIFT, 5, 'who came first is received first');
  must(operate(Operation.ReceiveNonBlocking | (stage.reply << 32), stage.endpoint, 0, 0, 0), 'receive');
  expect(resultMessage() >>> LABEL_SHIFT, 6, 'and who came second is second');
  stop(other);
  stop(low);
  family('other operations');
  expect(operate(Operation.Yield, 0, 0, 0, 0), KernelError.None, 'Yield succeeds without equals');
  expect(operate(Operation.DebugPut, 10, 0, 0, 0), KernelError.None, 'and so does DebugPut');
}
