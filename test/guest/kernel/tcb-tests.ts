/** Threads: configuring, registers, running, priorities, accounting; each error once. */
import { CLOCK_SLOT, ROOT_CNODE_SLOT, ROOT_UTCB_ADDRESS, ROOT_VSPACE_SLOT } from '../../../lib/abi/boot-information.js';
import { KernelError } from '../../../lib/abi/error.js';
import { Invocation } from '../../../lib/abi/invocation.js';
import { ObjectKind } from '../../../lib/abi/object-kind.js';
import { Operation } from '../../../lib/abi/operation.js';
import { RIGHT_READ, RIGHT_WRITE } from '../../../lib/abi/rights.js';
import { invoke, invokeShort, operate, result0, result1, result3 } from './arch/x86_64/kernel.js';
import { utcbAt } from './arch/x86_64/memory.js';
import { check, expect, expectInvocation, family } from './report.js';
import { Role, stage } from './roles.js';
import { Code, codeAddress, freshSlot, make, must, remove } from './setup.js';
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

const first: Worker = reserve();
const second: Worker = reserve();

function tcb(label: Invocation, word0: u64, word1: u64, word2: u64, word3: u64): u64 {
  return invoke(first.tcb, label, word0, word1, word2, word3);
}

export function testTcb(): void {
  prepare(first, Role.Note, 100);
  prepare(second, Role.Note, 100);
  testConfigure();
  testRegisters();
  testPriorities();
  testSlices();
  testFpu();
  testModes();
  testNoPage();
  remove(first.tcb);
  remove(second.tcb);
}

function testConfigure(): void {
  family('tcb configure');
  const endpoint = make(ObjectKind.Endpoint, 0);
  const fresh = make(ObjectKind.Tcb, 0);
  const mute = freshSlot();
  must(invoke(1, Invocation.CNodeCopy, endpoint, mute, RIGHT_READ, 0), 'copy');
  expect(invoke(fresh, Invocation.TcbResume, 0, 0, 0, 0), KernelError.NotConfigured, 'a bare thread: NotConfigured');
  expect(tcb(Invocation.TcbConfigure, endpoint, 0, 0, 0), KernelError.WrongKind, 'a CSpace that is none: WrongKind');
  expect(tcb(Invocation.TcbConfigure, endpoint << 32, 0, 0, 0), KernelError.WrongKind, 'nor a VSpace: WrongKind');
  expect(tcb(Invocation.TcbConfigure, 0, 1, 0, 0), KernelError.WrongKind, 'nor a handler: WrongKind');
  expect(tcb(Invocation.TcbConfigure, 0, mute, 0, 0), KernelError.NoRight, 'a handler that takes no calls: NoRight');
  expect(tcb(Invocation.TcbConfigure, 0, 1 << 32, 0, 0), KernelError.WrongKind, 'nor an attachment: WrongKind');
  const pages = first.attachment << 32;
  expect(tcb(Invocation.TcbConfigure, 0, pages, 100, 0), KernelError.Misaligned, 'an odd offset: Misaligned');
  expect(tcb(Invocation.TcbConfigure, 0, pages, 0x4000, 0), KernelError.OutOfRange, 'beyond the Region: OutOfRange');
  expect(tcb(Invocation.TcbConfigure, 0, pages, 0, 1 << 47), KernelError.OutOfRange, 'a kernel address: OutOfRange');
  expect(tcb(Invocation.TcbConfigure, 0, endpoint, 0, 0), KernelError.None, 'a handler alone can be set');
  expect(invoke(3, Invocation.TcbConfigure, 1, 0, 0, 0), KernelError.InvalidState, 'a running thread: InvalidState');
  expect(invokeShort(first.tcb, Invocation.TcbConfigure, 3), KernelError.WrongLength, 'three words: WrongLength');
  expect(tcb(Invocation.TcbSetNamespace + 1, 0, 0, 0, 0), KernelError.UnknownInvocation, 'another label');
  const readOnly = freshSlot();
  const writeOnly = freshSlot();
  must(invoke(1, Invocation.CNodeCopy, first.tcb, readOnly, RIGHT_READ, 0), 'copy');
  must(invoke(1, Invocation.CNodeCopy, first.tcb, writeOnly, RIGHT_WRITE, 0), 'copy');
  expect(invoke(readOnly, Invocation.TcbResume, 0, 0, 0, 0), KernelError.NoRight, 'changing needs Write: NoRight');
  expect(
    invoke(writeOnly, Invocation.TcbReadAccounting, 0, 0, 0, 0),
    KernelError.NoRight,
    'reading needs Read: NoRight',
  );
  remove(readOnly);
  remove(writeOnly);
  remove(fresh);
  remove(mute);
  remove(endpoint);
}

function testRegisters(): void {
  family('tcb registers');
  stage.number = 7;
  clearTrace();
  expect(
    tcb(Invocation.TcbWriteRegisters, 1 << 47, 0, 0, 0),
    KernelError.OutOfRange,
    'rip beyond the user: OutOfRange',
  );
  expect(tcb(Invocation.TcbWriteRegisters, 0x1000, 0x2000, 3, 4), KernelError.None, 'they can be written');
  expect(tcb(Invocation.TcbReadRegisters, 0, 0, 0, 0), KernelError.None, 'and read');
  check(result0() === 0x1000 && result1() === 0x2000, 'rip and rsp are there');
  rewind(first, Role.Note);
  must(tcb(Invocation.TcbReadRegisters, 0, 0, 0, 0), 'read');
  expect(result3(), 100, 'with the priority');
  expect(utcbAt(ROOT_UTCB_ADDRESS).words[4 + 17], result0(), 'the whole frame is in the UTCB');
  expect(tcb(Invocation.TcbResume, 0, 0, 0, 0), KernelError.None, 'a thread can be resumed');
  expect(tcb(Invocation.TcbResume, 0, 0, 0, 0), KernelError.None, 'again, which changes nothing');
  expect(
    tcb(Invocation.TcbWriteRegisters, 0, 0, 0, 0),
    KernelError.InvalidState,
    'then its registers cannot be written: InvalidState',
  );
  runLow();
  check(traceLength() === 1 && traced(0) === 7, 'it runs, with its argument');
  expect(stateOf(first), 0, 'and stopped itself');
  expect(tcb(Invocation.TcbSuspend, 0, 0, 0, 0), KernelError.None, 'suspending a stopped thread changes nothing');
  stage.endpoint = make(ObjectKind.Endpoint, 0);
  restart(first, Role.Send);
  runLow();
  expect(tcb(Invocation.TcbResume, 0, 0, 0, 0), KernelError.InvalidState, 'a thread that waits: InvalidState');
  remove(stage.endpoint);
  stop(first);
  expect(tcb(Invocation.TcbReadAccounting, 0, 0, 0, 0), KernelError.None, 'accounting can be read');
  check(result0() > 0 && result1() > 1, 'it ran for some time, more than once');
}

function testPriorities(): void {
  family('scheduling');
  clearTrace();
  expect(tcb(Invocation.TcbSetPriority, 99, 100, 0, 0), KernelError.None, 'a priority can be set');
  expect(tcb(Invocation.TcbSetPriority, 256, 255, 0, 0), KernelError.OutOfRange, 'priority 256: OutOfRange');
  expect(tcb(Invocation.TcbSetPriority, 1, 256, 0, 0), KernelError.OutOfRange, 'a maximum of 256: OutOfRange');
  expect(tcb(Invocation.TcbSetAffinity, 1, 0, 0, 0), KernelError.OutOfRange, 'a CPU that is not there: OutOfRange');
  expect(tcb(Invocation.TcbSetAffinity, 0, 0, 0, 0), KernelError.None, 'the CPU that is there');
  let wrong: u64 = 0;
  for (let priority: u64 = 0; priority < 256; priority++) {
    if (priority === 200) {
      continue;
    }
    clearTrace();
    stage.number = priority;
    must(tcb(Invocation.TcbSetPriority, priority, 255, 0, 0), 'priority');
    restart(first, Role.Note);
    const ranAtOnce = traceLength() === 1;
    if (ranAtOnce !== priority > 200) {
      wrong++;
    }
    if (priority < 200) {
      must(invoke(3, Invocation.TcbSetPriority, 0, 255, 0, 0), 'lower');
      must(invoke(3, Invocation.TcbSetPriority, 200, 255, 0, 0), 'raise');
    }
  }
  expect(wrong, 0, 'of all 256 priorities those above run at once and the others later');
  clearTrace();
  stage.number = 1;
  must(tcb(Invocation.TcbSetPriority, 100, 255, 0, 0), 'priority');
  restart(first, Role.Note);
  must(tcb(Invocation.TcbSetPriority, 210, 255, 0, 0), 'priority');
  expect(traceLength(), 1, 'raising a ready thread above the caller runs it at once');
  must(tcb(Invocation.TcbSetPriority, 100, 255, 0, 0), 'priority');
  must(invoke(second.tcb, Invocation.TcbSetPriority, 100, 255, 0, 0), 'priority');
  clearTrace();
  restart(first, Role.Yield);
  rewind(second, Role.Yield);
  start(second);
  runLow();
  check(traced(0) === 1 && traced(1) === 1 && traced(2) === 2, 'Yield lets an equal run first');
  stop(first);
  stop(second);
}

/** Two threads that never call: both get their share. */
function testSlices(): void {
  family('slices');
  stage.spins = 0;
  restart(first, Role.Spin);
  rewind(second, Role.Spin);
  start(second);
  const clock = make(ObjectKind.Notification, 0);
  must(invoke(CLOCK_SLOT, Invocation.ClockSetNotification, clock, 1, 0, 0), 'clock notification');
  const before = slicesOf(first);
  let rounds = 0;
  while (rounds < 100 && (slicesOf(first) < before + 2 || slicesOf(second) < 2)) {
    must(invoke(CLOCK_SLOT, Invocation.ClockRead, 0, 0, 0, 0), 'clock');
    must(invoke(CLOCK_SLOT, Invocation.ClockSetDeadline, result0() + 20 * result1(), 0, 0, 0), 'deadline');
    must(operate(Operation.Wait, clock, 0, 0, 0), 'wait');
    rounds++;
  }
  check(slicesOf(first) >= before + 2, 'the first uses up slices');
  check(slicesOf(second) >= 2, 'and so does the second');
  stop(first);
  stop(second);
  remove(clock);
}

function slicesOf(worker: Worker): u64 {
  must(invoke(worker.tcb, Invocation.TcbReadAccounting, 0, 0, 0, 0), 'accounting');
  return result3();
}

function testFpu(): void {
  family('fpu');
  const mine = utcbAt(ROOT_UTCB_ADDRESS);
  expect(tcb(Invocation.TcbResetFpu, 0, 0, 0, 0), KernelError.None, 'the state can be reset');
  expect(tcb(Invocation.TcbReadFpu, 0, 0, 0, 0), KernelError.None, 'and read');
  expect(result0(), 832, 'its size is that of XSAVE with AVX');
  expect(mine.data[0], 0x7f, 'the control word is as at power-on');
  mine.data[160] = 0x5a;
  mine.data[24 + 3] = 0xff;
  expect(tcb(Invocation.TcbWriteFpu, 0, 0, 0, 0), KernelError.None, 'and written');
  must(tcb(Invocation.TcbReadFpu, 0, 0, 0, 0), 'read');
  check(mine.data[160] === 0x5a && mine.data[24 + 3] === 0, 'but not with bits that would fault');
  expect(
    invoke(second.tcb, Invocation.TcbCopyFpu, first.tcb, 0, 0, 0),
    KernelError.None,
    'it can be copied to another thread',
  );
  must(invoke(second.tcb, Invocation.TcbReadFpu, 0, 0, 0, 0), 'read');
  expect(mine.data[160], 0x5a, 'which then has it');
  expect(tcb(Invocation.TcbCopyFpu, 1, 0, 0, 0), KernelError.WrongKind, 'from something else: WrongKind');
  expect(invokeShort(first.tcb, Invocation.TcbCopyFpu, 0), KernelError.WrongLength, 'without a word: WrongLength');
}

function testModes(): void {
  family('tcb foreign');
  const endpoint = make(ObjectKind.Endpoint, 0);
  const reply = make(ObjectKind.Reply, 0);
  const both = endpoint | (reply << 32);
  const bare = make(ObjectKind.Tcb, 0);
  const mute = freshSlot();
  must(invoke(1, Invocation.CNodeCopy, endpoint, mute, RIGHT_WRITE, 0), 'copy');
  expect(tcb(Invocation.TcbSetForeign, both, 1, 3, 0), KernelError.OutOfRange, 'mode 3: OutOfRange');
  expect(tcb(Invocation.TcbSetForeign, reply, 1, 1, 0), KernelError.WrongKind, 'a handler that is none: WrongKind');
  expect(tcb(Invocation.TcbSetForeign, endpoint | (endpoint << 32), 1, 1, 0), KernelError.WrongKind, 'nor a Reply');
  expect(tcb(Invocation.TcbSetForeign, mute | (reply << 32), 1, 1, 0), KernelError.NoRight, 'no calls: NoRight');
  expect(invoke(bare, Invocation.TcbSetForeign, both, 1, 1, 0), KernelError.NotConfigured, 'no UTCB: NotConfigured');
  expect(invoke(3, Invocation.TcbSetForeign, both, 1, 1, 0), KernelError.InvalidState, 'a running one: InvalidState');
  expect(tcb(Invocation.TcbSetForeign, both, 1, 1, 0), KernelError.None, 'a thread can be made foreign');
  expect(tcb(Invocation.TcbWriteRegisters, 0, 0, 0, 0), KernelError.InvalidState, 'its registers are in its UTCB');
  expect(
    invoke(second.tcb, Invocation.TcbSetForeign, both, 1, 1, 0),
    KernelError.AlreadyBound,
    'its Reply serves no other: AlreadyBound',
  );
  expect(tcb(Invocation.TcbSetForeign, both, 2, 1, 0), KernelError.None, 'but can be given again');
  expect(tcb(Invocation.TcbSetForeign, 0, 0, 0, 0), KernelError.None, 'and native again');
  remove(bare);
  remove(mute);
  remove(endpoint);
  remove(reply);
}

/** A thread without a UTCB, made of the stack of `first`. */
function testNoPage(): void {
  family('no message page');
  const bare = make(ObjectKind.Tcb, 0);
  must(invoke(bare, Invocation.TcbConfigure, ROOT_CNODE_SLOT | (ROOT_VSPACE_SLOT << 32), 0, 0, 0), 'configure');
  must(invoke(bare, Invocation.TcbSetPriority, 210, 255, 0, 0), 'priority');
  const stack = utcbOf(first);
  must(
    invoke(bare, Invocation.TcbWriteRegisters, codeAddress(Code.ThreadStart), stack, Role.NoPage, bare),
    'registers',
  );
  stage.thread = bare;
  clearTrace();
  must(invoke(bare, Invocation.TcbResume, 0, 0, 0, 0), 'resume');
  expectInvocation(
    Invocation.TcbReadRegisters,
    traced(0),
    KernelError.NoMessagePage,
    'ReadRegisters without a UTCB: NoMessagePage',
  );
  expectInvocation(Invocation.TcbReadFpu, traced(1), KernelError.NoMessagePage, 'ReadFpu: NoMessagePage');
  expectInvocation(Invocation.TcbWriteFpu, traced(2), KernelError.NoMessagePage, 'WriteFpu: NoMessagePage');
  expectInvocation(Invocation.PortReadString, traced(3), KernelError.NoMessagePage, 'PortReadString: NoMessagePage');
  expectInvocation(Invocation.PortWriteString, traced(4), KernelError.NoMessagePage, 'PortWriteString: NoMessagePage');
  expectInvocation(Invocation.SystemReadLog, traced(5), KernelError.NoMessagePage, 'SystemReadLog: NoMessagePage');
  remove(bare);
}
