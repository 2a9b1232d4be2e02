/**
 * The end of the kernel: says why, with registers, thread, CPU and the names of the functions it was in, on every
 * device the log has; then does what `panic=` asks. Portable but for what it calls in arch/x86_64.
 */
import type { Frame } from '../lib/abi/frame.js';
import { logBacktrace, logCodeAddress } from './arch/x86_64/backtrace.js';
import { currentCpu } from './arch/x86_64/cpu.js';
import { callerFrame, captureRegisters, controlRegister } from './arch/x86_64/machine-state.js';
import { endAfterPanic } from './arch/x86_64/power.js';
import { LogLevel, logBegin, logEnd, logHex, logHexWord, logLine, logNumber, logText, openLogForPanic } from './log.js';
import type { Tcb } from './object/tcb.js';

let panicking = false;
/** The processor's registers as they were when `panic` was called. */
const stateAtPanic: Frame = reserve();

const EXCEPTION_NAMES: readonly string[] = [
  'divide error',
  'debug exception',
  'non-maskable interrupt',
  'breakpoint',
  'overflow',
  'bound range exceeded',
  'invalid opcode',
  'device not available',
  'double fault',
  'coprocessor segment overrun',
  'invalid task state segment',
  'segment not present',
  'stack fault',
  'general protection fault',
  'page fault',
  'reserved exception',
  'x87 floating-point error',
  'alignment check',
  'machine check',
  'SIMD floating-point exception',
  'virtualization exception',
  'control protection exception',
];

/** Ends the kernel for a reason that it found itself. */
export function panic(why: string): never {
  captureRegisters(stateAtPanic);
  beginPanic();
  logText(why);
  logEnd();
  logThread();
  logCaller();
  logRegisters(stateAtPanic);
  logBacktrace(callerFrame());
  logLine(LogLevel.Error, '---[ end of panic ]---');
  endAfterPanic();
}

/** @entry kernel_exception: an exception in ring 0, or one that is nobody's (NMI, double fault, machine check). */
export function exceptionPanic(frame: Frame): void {
  beginPanic();
  logException(frame.vector, frame.original);
  logEnd();
  logThread();
  logRegisters(frame);
  logCodeAddress(frame.rip);
  logBacktrace(frame.rbp);
  logLine(LogLevel.Error, '---[ end of panic ]---');
  endAfterPanic();
}

/** Ends the kernel because a thread in ring 3 without which nothing works cannot go on; its frame is whole. */
export function threadPanic(why: string, thread: Tcb): never {
  beginPanic();
  logText(why);
  logText(': ');
  logException(thread.faultVector, thread.faultError);
  logText(' at address ');
  logHex(thread.faultAddress);
  logEnd();
  logThread();
  logRegisters(thread.registers);
  logLine(LogLevel.Error, '---[ end of panic ]---');
  endAfterPanic();
}

function logException(vector: u64, errorCode: u64): void {
  logText(vector < EXCEPTION_NAMES.length ? EXCEPTION_NAMES[vector] : 'unexpected exception');
  logText(' (vector ');
  logNumber(vector);
  logText(', error code ');
  logHex(errorCode);
  logText(')');
}

/** Starts the report. A panic in the report itself ends at once. */
function beginPanic(): void {
  if (panicking) {
    endAfterPanic();
  }
  panicking = true;
  openLogForPanic();
  logEnd();
  logBegin(LogLevel.Error);
  logText('Kernel panic: ');
}

function logThread(): void {
  const cpu = currentCpu();
  logBegin(LogLevel.Error);
  logText('CPU ');
  logNumber(cpu.index);
  logText(', thread ');
  logHexWord(addressOf(cpu.current));
  logText(', address space ');
  logHexWord(cpu.loadedRoot);
  logEnd();
}

/** Where the thread entered the kernel: both ways in keep these two registers. At boot there is no thread yet. */
function logCaller(): void {
  const thread = currentCpu().current;
  if (addressOf(thread) === 0 || addressOf(thread.registers) === 0) {
    return;
  }
  const frame = thread.registers;
  logBegin(LogLevel.Error);
  logText('in ring 3 at rip ');
  logHexWord(frame.rip);
  logText(', rsp ');
  logHexWord(frame.rsp);
  logEnd();
}

function logRegisters(frame: Frame): void {
  logFour('rax', frame.rax, 'rbx', frame.rbx, 'rcx', frame.rcx, 'rdx', frame.rdx);
  logFour('rsi', frame.rsi, 'rdi', frame.rdi, 'rbp', frame.rbp, 'rsp', frame.rsp);
  logFour('r8 ', frame.r8, 'r9 ', frame.r9, 'r10', frame.r10, 'r11', frame.r11);
  logFour('r12', frame.r12, 'r13', frame.r13, 'r14', frame.r14, 'r15', frame.r15);
  logFour('rip', frame.rip, 'cs ', frame.cs, 'flg', frame.rflags, 'ss ', frame.ss);
  logFour('cr0', controlRegister(0), 'cr2', controlRegister(2), 'cr3', controlRegister(3), 'cr4', controlRegister(4));
}

function logFour(
  name0: string,
  value0: u64,
  name1: string,
  value1: u64,
  name2: string,
  value2: u64,
  name3: string,
  value3: u64,
): void {
  logBegin(LogLevel.Error);
  logOne(name0, value0);
  logOne(name1, value1);
  logOne(name2, value2);
  logOne(name3, value3);
  logEnd();
}

function logOne(name: string, value: u64): void {
  logText(name);
  logText(' ');
  logHexWord(value);
  logText('  ');
}
