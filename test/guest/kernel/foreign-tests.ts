/** Foreign threads: system calls and faults as messages, every register kept, answers in any order, hostile frames. */
import { KernelError } from '../../../lib/abi/error.js';
import type { Frame } from '../../../lib/abi/frame.js';
import { Invocation } from '../../../lib/abi/invocation.js';
import { ForeignAnswer, KernelMessage, Operation } from '../../../lib/abi/operation.js';
import {
  invoke,
  operate,
  result0,
  result1,
  result2,
  result3,
  resultBadge,
  resultMessage,
} from './arch/x86_64/kernel.js';
import { utcbAt } from './arch/x86_64/memory.js';
import { check, expect, family } from './report.js';
import { type Child, CODE_ADDRESS, Code, makeForeign, must, remove, UTCB_OFFSET } from './setup.js';

const LABEL_SHIFT: u64 = 12;
const BADGE: u64 = 0xfeed_0000_1234;
const FOREIGN_STATE = 7;
const VECTOR_INVALID_OPCODE = 6;
const VECTOR_GENERAL_PROTECTION = 13;
const VECTOR_PAGE_FAULT = 14;

const one: Child = reserve();
const two: Child = reserve();
const faulty: Child = reserve();

function frameOf(child: Child): Frame {
  return utcbAt(child.window + UTCB_OFFSET).frame;
}

function receive(child: Child): u64 {
  return operate(Operation.Receive, child.endpoint, 0, 0, 0);
}

/** Answers and receives the next message of the same thread. */
function answer(child: Child, label: u64): u64 {
  return operate(Operation.ReplyReceive | (child.reply << 8), child.endpoint, label << LABEL_SHIFT, 0, 0);
}

export function testForeign(): void {
  testSystemCalls();
  testFaults();
  testHostile();
}

function testSystemCalls(): void {
  family('foreign');
  makeForeign(one, Code.Foreign, BADGE, 100);
  must(invoke(one.tcb, Invocation.TcbResume, 0, 0, 0, 0), 'resume');
  expect(receive(one), KernelError.None, 'a system call arrives as a message');
  expect(resultBadge(), BADGE, 'with the badge of its thread');
  expect(resultMessage() >>> LABEL_SHIFT, KernelMessage.SystemCall, 'labelled SystemCall');
  expect(result0(), 110, 'and its number');
  const frame = frameOf(one);
  let wrong = 0;
  if (frame.rbx !== 0x1111 || frame.rbp !== 0x2222 || frame.r12 !== 0x3333 || frame.r13 !== 0x4444) {
    wrong++;
  }
  if (frame.r14 !== 0x5555 || frame.r15 !== 0x6666 || frame.r8 !== 0x7777 || frame.r9 !== 0x8888) {
    wrong++;
  }
  if (frame.r10 !== 0x9999 || frame.rdx !== 0xaaaa || frame.rsi !== 0xbbbb || frame.rdi !== 0xcccc) {
    wrong++;
  }
  expect(wrong, 0, 'all registers are in the frame');
  must(invoke(one.tcb, Invocation.TcbReadRegisters, 0, 0, 0, 0), 'read registers');
  expect(result2(), FOREIGN_STATE, 'the thread waits for its answer');
  frame.rax = 5;
  expect(answer(one, ForeignAnswer.Resume), KernelError.None, 'an answer lets it go on to the next');
  check(frame.rbx === 0x1111 && frame.rdi === 0xcccc, 'with its registers kept');
  frame.rbx = 0x1234;
  frame.rcx = 0x5678;
  expect(answer(one, ForeignAnswer.ResumeFull), KernelError.None, 'registers can be changed');
  expect(frame.rbx, 0x1234, 'and it has them');
  makeForeign(two, Code.Foreign, BADGE + 1, 100);
  must(invoke(two.tcb, Invocation.TcbResume, 0, 0, 0, 0), 'resume');
  expect(receive(two), KernelError.None, 'a second thread calls while the first waits');
  expect(operate(Operation.Reply | (two.reply << 8), 0, 0, 0, 0), KernelError.None, 'and is answered before the first');
  expect(operate(Operation.Reply | (one.reply << 8), 0, 0, 0, 0), KernelError.None, 'then the first');
  expect(receive(one), KernelError.None, 'which goes on');
  must(invoke(one.tcb, Invocation.TcbSuspend, 0, 0, 0, 0), 'suspend');
  expect(
    operate(Operation.Reply | (one.reply << 8), 0, 0, 0, 0),
    KernelError.NobodyWaits,
    'a suspended thread cannot be answered: NobodyWaits',
  );
  frame.rip = CODE_ADDRESS;
  frame.rbx = 0;
  must(invoke(one.tcb, Invocation.TcbResume, 0, 0, 0, 0), 'resume');
  must(receive(one), 'receive');
  expect(frame.rbx, 0x1111, 'resumed, it starts where its frame says');
  must(remove(one.tcb), 'delete');
  expect(
    operate(Operation.Reply | (one.reply << 8), 0, 0, 0, 0),
    KernelError.NobodyWaits,
    'a deleted thread cannot be answered: NobodyWaits',
  );
  remove(two.tcb);
}

function testFaults(): void {
  family('fault');
  makeForeign(faulty, Code.Fault, BADGE, 100);
  const frame = frameOf(faulty);
  must(invoke(faulty.tcb, Invocation.TcbResume, 0, 0, 0, 0), 'resume');
  expect(receive(faulty), KernelError.None, 'a page fault arrives as a message');
  expect(resultMessage() >>> LABEL_SHIFT, KernelMessage.Fault, 'labelled Fault');
  expect(result0(), VECTOR_PAGE_FAULT, 'with its vector');
  expect(result1(), 0x1234_5000, 'its address');
  expect(result2(), 4, 'its error code: a read by ring 3 of nothing');
  expect(result3(), CODE_ADDRESS, 'and where it was');
  expect(utcbAt(faulty.window + UTCB_OFFSET).faultAddress, 0x1234_5000, 'the address is in the UTCB too');
  frame.rip += 8;
  frame.rax = 0x4242;
  expect(answer(faulty, ForeignAnswer.ResumeFull), KernelError.None, 'it can be made to go on after it');
  check(result0() === 1 && frame.rdi === 0x4242, 'and does');
  expect(answer(faulty, ForeignAnswer.Resume), KernelError.None, 'an invalid opcode arrives');
  expect(result0(), VECTOR_INVALID_OPCODE, 'with its vector');
}

/** Frames that would forge privilege or fault in the kernel. */
function testHostile(): void {
  family('hostile frame');
  const frame = frameOf(faulty);
  frame.rip = 0x8000_0000_0000;
  expect(answer(faulty, ForeignAnswer.ResumeFull), KernelError.None, 'a rip beyond the user');
  expect(result0(), VECTOR_GENERAL_PROTECTION, 'is a protection fault of the thread');
  frame.rip = 0xffff_8000_0000_0000;
  expect(answer(faulty, ForeignAnswer.ResumeFull), KernelError.None, 'a rip in the kernel');
  expect(result0(), VECTOR_GENERAL_PROTECTION, 'is one too');
  frame.rip = CODE_ADDRESS + 8;
  frame.rax = 0x77;
  frame.cs = 0x08;
  frame.ss = 0x10;
  frame.rflags = 0x3_7202;
  expect(answer(faulty, ForeignAnswer.ResumeFull), KernelError.None, 'kernel segments, IOPL 3 and traps in the frame');
  check(result0() === 1 && frame.rdi === 0x77, 'are ignored: it runs in ring 3');
  expect(frame.rflags & 0x3000, 0, 'without I/O privilege');
  frame.rip = CODE_ADDRESS;
  frame.rsp = 0xffff_8000_0000_1000;
  expect(answer(faulty, ForeignAnswer.ResumeFull), KernelError.None, 'a stack pointer into the kernel');
  expect(result0(), VECTOR_PAGE_FAULT, 'harms nobody: the next fault is its own');
  must(remove(faulty.attachment), 'take the memory away');
  must(invoke(faulty.tcb, Invocation.TcbReadRegisters, 0, 0, 0, 0), 'read registers');
  expect(result2(), FOREIGN_STATE, 'an attachment deleted alone leaves the thread waiting');
  must(invoke(1, Invocation.CNodeRevoke, faulty.region, 0, 0, 0), 'revoke the region');
  must(invoke(faulty.tcb, Invocation.TcbReadRegisters, 0, 0, 0, 0), 'read registers');
  expect(result2(), 0, 'its memory revoked, it is stopped');
  expect(invoke(faulty.tcb, Invocation.TcbResume, 0, 0, 0, 0), KernelError.None, 'it is a native thread again');
  must(remove(faulty.tcb), 'delete');
}
