/**
 * What a fault of a client becomes: a page, or a signal with the address (signal(7); Intel SDM 3A 6.15 for vectors).
 */

import { floatingPointErrors } from '../arch/x86_64/floating-point';
import { USER_TOP } from '../memory/address-space';
import { resolveFault } from '../memory/fault';
import { killForMemory } from '../memory/out-of-memory';
import type { Thread } from '../process/thread';
import { forceSignal } from '../signal/deliver';
import {
  BUS_ADRALN,
  BUS_ADRERR,
  FPE_FLTDIV,
  FPE_FLTINV,
  FPE_FLTOVF,
  FPE_FLTRES,
  FPE_FLTUND,
  FPE_INTDIV,
  ILL_ILLOPN,
  SEGV_ACCERR,
  SEGV_MAPERR,
  SI_KERNEL,
  SIGBUS,
  SIGFPE,
  SIGILL,
  SIGSEGV,
  SIGTRAP,
  TRAP_TRACE,
} from '../signal/numbers';
import { describe } from '../signal/send';
import { AGAIN } from '../wait/outcome';
import { EACCES, EIO, ENOMEM } from './errno';

const DIVIDE: u64 = 0;
const DEBUG: u64 = 1;
const BREAKPOINT: u64 = 3;
const INVALID_OPCODE: u64 = 6;
const NO_SEGMENT: u64 = 11;
const STACK_SEGMENT: u64 = 12;
const PAGE_FAULT: u64 = 14;
const FLOATING_POINT: u64 = 16;
const ALIGNMENT: u64 = 17;
const SIMD: u64 = 19;

/** Floating point exceptions (Intel SDM 1, 8.1.3.3). */
const INVALID: u64 = 1;
const DENORMAL: u64 = 2;
const ZERO_DIVIDE: u64 = 4;
const OVERFLOW: u64 = 8;
const UNDERFLOW: u64 = 16;
const INEXACT: u64 = 32;

/** Bits of a page fault's error code: the page is there, and the access was the program's own (Intel SDM 3A 4.7). */
const PRESENT: u64 = 1;
const BY_USER: u64 = 4;

function force(thread: Thread, signal: u32, code: i32, address: u64): void {
  const information = describe(signal, code);
  information.value = address;
  forceSignal(thread, information);
}

/** Answers a fault: afterwards the thread goes on, or `attention` says otherwise. AGAIN: memory is being freed. */
export function handleFault(thread: Thread, vector: u64, address: u64, errorCode: u64): i64 {
  const rip = thread.frame.rip;
  if (vector === PAGE_FAULT) {
    // Whether the system has a page there is nobody's business: every address of its half looks present.
    if (address >= USER_TOP) thread.frame.original |= PRESENT;
    if ((errorCode & (PRESENT | BY_USER)) === PRESENT) {
      // An instruction of the program's whose accesses count as the system's: no mapping will ever satisfy it.
      force(thread, SIGSEGV, SEGV_ACCERR, address);
      return 0;
    }
    const outcome = resolveFault(thread, address, errorCode);
    if (outcome === 0 || outcome === AGAIN) return outcome;
    if (outcome === -ENOMEM) return killForMemory(thread);
    if (outcome === -EIO) force(thread, SIGBUS, BUS_ADRERR, address);
    else force(thread, SIGSEGV, outcome === -EACCES ? SEGV_ACCERR : SEGV_MAPERR, address);
    return 0;
  }
  if (vector === DIVIDE) force(thread, SIGFPE, FPE_INTDIV, rip);
  else if (vector === FLOATING_POINT || vector === SIMD) forceFloatingPoint(thread, vector === SIMD);
  else if (vector === DEBUG) force(thread, SIGTRAP, TRAP_TRACE, rip);
  // Linux names no reason for int3, and no address (arch/x86/kernel/traps.c, do_int3_user).
  else if (vector === BREAKPOINT) force(thread, SIGTRAP, SI_KERNEL, 0);
  else if (vector === INVALID_OPCODE) force(thread, SIGILL, ILL_ILLOPN, rip);
  else if (vector === ALIGNMENT) force(thread, SIGBUS, BUS_ADRALN, 0);
  else if (vector === NO_SEGMENT || vector === STACK_SEGMENT) force(thread, SIGBUS, SI_KERNEL, 0);
  else force(thread, SIGSEGV, SI_KERNEL, 0);
  return 0;
}

/** Which of several errors is named: the order of Linux's fpu__exception_code. */
function forceFloatingPoint(thread: Thread, isSimd: boolean): void {
  const errors = floatingPointErrors(thread, isSimd);
  let code: i32 = FPE_FLTRES;
  if ((errors & INVALID) !== 0) code = FPE_FLTINV;
  else if ((errors & ZERO_DIVIDE) !== 0) code = FPE_FLTDIV;
  else if ((errors & OVERFLOW) !== 0) code = FPE_FLTOVF;
  else if ((errors & (DENORMAL | UNDERFLOW)) !== 0) code = FPE_FLTUND;
  // Nothing is wrong any more: a spurious trap (Intel SDM 3A 6.15, interrupt 16).
  else if ((errors & INEXACT) === 0) return;
  force(thread, SIGFPE, code, thread.frame.rip);
}
