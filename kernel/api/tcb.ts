/** Tcb invocations: running, and what may be seen and set of a thread. Setting it up is in tcb-configure.ts. */
import { KernelError } from '../../lib/abi/error.js';
import { FRAME_WORDS } from '../../lib/abi/frame.js';
import { Invocation } from '../../lib/abi/invocation.js';
import { ObjectKind } from '../../lib/abi/object-kind.js';
import { REGISTER_WORDS } from '../../lib/abi/operation.js';
import { RIGHT_READ, RIGHT_WRITE, USER_END } from '../../lib/abi/rights.js';
import { currentCpu } from '../arch/x86_64/cpu.js';
import { discardFpu, resetFpu } from '../arch/x86_64/fpu.js';
import { Resume } from '../arch/x86_64/frame.js';
import { copyFpu, readFpu, writeFpu } from '../object/arch/x86_64/fpu-copy.js';
import { frameWord } from '../object/arch/x86_64/frame-words.js';
import type { Capability } from '../object/capability.js';
import { type Tcb, ThreadState } from '../object/tcb.js';
import { resume, suspend } from '../object/thread.js';
import { changePriority } from '../sched/scheduler.js';
import { hasWords, setResult0, setResults, word0, word1, word2, word3 } from './arguments.js';
import { findObject, lookupError } from './lookup.js';
import { bindThreadNotification, configure, setForeign, setThreadNamespace } from './tcb-configure.js';

const RFLAGS_INTERRUPTS = 0x202;
const MAX_PRIORITY: u64 = 255;

export function invokeTcb(caller: Tcb, capability: Capability, label: u64): KernelError {
  const thread = capability.object as Tcb;
  if (label < Invocation.TcbConfigure || label > Invocation.TcbSetNamespace) {
    return KernelError.UnknownInvocation;
  }
  if (!capability.hasRights(isReading(label) ? RIGHT_READ : RIGHT_WRITE)) {
    return KernelError.NoRight;
  }
  switch (label) {
    case Invocation.TcbConfigure:
      return configure(caller, thread);
    case Invocation.TcbSetForeign:
      return setForeign(caller, thread);
    case Invocation.TcbWriteRegisters:
      return writeRegisters(caller, thread);
    case Invocation.TcbSetPriority:
      return setPriority(caller, thread);
    case Invocation.TcbSetAffinity:
      return setAffinity(caller, thread);
    case Invocation.TcbResume:
      return resumeThread(thread);
    case Invocation.TcbSuspend:
      suspend(thread);
      return KernelError.None;
    case Invocation.TcbBindNotification:
      return bindThreadNotification(caller, thread);
    case Invocation.TcbSetNamespace:
      return setThreadNamespace(caller, thread);
    case Invocation.TcbReadRegisters:
      return readRegisters(caller, thread);
    case Invocation.TcbReadAccounting:
      setResults(caller, thread.timeUsed, thread.switches, thread.preemptions, thread.slicesUsed);
      return KernelError.None;
    case Invocation.TcbCopyFpu:
      return copyFpuState(caller, thread);
    case Invocation.TcbReadFpu:
    case Invocation.TcbWriteFpu:
      return transferFpu(caller, thread, label);
    default: // TcbResetFpu
      discardFpu(thread);
      resetFpu(thread.fpu);
      return KernelError.None;
  }
}

function isReading(label: u64): boolean {
  return (
    label === Invocation.TcbReadRegisters || label === Invocation.TcbReadAccounting || label === Invocation.TcbReadFpu
  );
}

function readRegisters(caller: Tcb, thread: Tcb): KernelError {
  const utcb = caller.utcb;
  if (utcb === null) {
    return KernelError.NoMessagePage;
  }
  for (let word = 0; word < FRAME_WORDS; word++) {
    utcb.words[REGISTER_WORDS + word] = frameWord(thread.registers, word);
  }
  setResults(caller, thread.registers.rip, thread.registers.rsp, thread.state, thread.priority);
  return KernelError.None;
}

function writeRegisters(caller: Tcb, thread: Tcb): KernelError {
  if (!hasWords(caller, 4)) {
    return KernelError.WrongLength;
  }
  if (thread.foreign || !thread.isStopped) {
    return KernelError.InvalidState;
  }
  if (word0(caller) >= USER_END) {
    return KernelError.OutOfRange;
  }
  const frame = thread.frame;
  frame.rip = word0(caller);
  frame.rsp = word1(caller);
  frame.rdi = word2(caller);
  frame.rsi = word3(caller);
  frame.rflags = RFLAGS_INTERRUPTS;
  thread.resume = Resume.Full;
  return KernelError.None;
}

function setPriority(caller: Tcb, thread: Tcb): KernelError {
  if (!hasWords(caller, 2)) {
    return KernelError.WrongLength;
  }
  const priority = word0(caller);
  const maximum = word1(caller);
  if (priority > MAX_PRIORITY || priority > caller.maximumPriority || maximum > caller.maximumPriority) {
    return KernelError.OutOfRange;
  }
  thread.maximumPriority = maximum;
  changePriority(currentCpu(), thread, priority);
  return KernelError.None;
}

/** Only the CPU that booted takes threads. */
function setAffinity(caller: Tcb, thread: Tcb): KernelError {
  if (!hasWords(caller, 1)) {
    return KernelError.WrongLength;
  }
  if (word0(caller) !== currentCpu().index) {
    return KernelError.OutOfRange;
  }
  thread.cpu = word0(caller);
  return KernelError.None;
}

function resumeThread(thread: Tcb): KernelError {
  if (thread.rootTable === 0 || (thread.foreign && thread.utcb === null)) {
    return KernelError.NotConfigured;
  }
  if (thread.state === ThreadState.Ready) {
    return KernelError.None;
  }
  if (!thread.isStopped) {
    return KernelError.InvalidState;
  }
  if (thread.foreign) {
    thread.resume = Resume.Full;
  }
  resume(thread);
  return KernelError.None;
}

function copyFpuState(caller: Tcb, thread: Tcb): KernelError {
  if (!hasWords(caller, 1)) {
    return KernelError.WrongLength;
  }
  const source = findObject(caller, word0(caller), ObjectKind.Tcb, RIGHT_READ);
  if (source === null) {
    return lookupError;
  }
  copyFpu(thread, source.object as Tcb);
  return KernelError.None;
}

function transferFpu(caller: Tcb, thread: Tcb, label: u64): KernelError {
  const utcb = caller.utcb;
  if (utcb === null) {
    return KernelError.NoMessagePage;
  }
  if (label === Invocation.TcbReadFpu) {
    setResult0(caller, readFpu(thread, utcb));
  } else {
    writeFpu(thread, utcb);
  }
  return KernelError.None;
}
