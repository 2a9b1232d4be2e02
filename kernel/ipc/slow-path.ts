/**
 * Every native operation, in full: what the fast path does not take. Decodes and checks first; a refusal changes
 * nothing but the caller's rax.
 */
import { KernelError } from '../../lib/abi/error.js';
import { ObjectKind } from '../../lib/abi/object-kind.js';
import { ANSWER_MASK, ANSWER_SHIFT, KEEP_SHIFT, OPERATION_MASK, Operation } from '../../lib/abi/operation.js';
import { RIGHT_READ, RIGHT_WRITE } from '../../lib/abi/rights.js';
import { invoke } from '../api/invoke.js';
import { findCapability, findObject, lookupError } from '../api/lookup.js';
import type { Cpu } from '../arch/x86_64/cpu.js';
import { Resume } from '../arch/x86_64/frame.js';
import { logByteOut } from '../log.js';
import { type Endpoint, EndpointState } from '../object/endpoint.js';
import type { Notification } from '../object/notification.js';
import type { Reply } from '../object/reply.js';
import { type Tcb, ThreadState } from '../object/tcb.js';
import { giveWay, handOver, reschedule, wake, yieldCpu } from '../sched/scheduler.js';
import { signal, takeSignals } from './notify.js';
import { answerCaller, keepError, receiveMessage, setKeeping } from './receive.js';
import { sendMessage } from './send.js';

/** The `syscall` instruction: 0f 05. */
const SYSCALL_BYTES: u64 = 2;
const RFLAGS_INTERRUPTS = 0x202;

let operations: u64 = 0;

export function slowOperationCount(): u64 {
  return operations;
}

/** Carries out the operation whose registers are in `caller.frame` (rax the operation word). */
export function slowOperation(cpu: Cpu, caller: Tcb): void {
  const frame = caller.frame;
  const word = frame.rax;
  operations++;
  caller.resume = Resume.Light;
  frame.rax = KernelError.None;
  const error = operate(cpu, caller, word, frame.rdi);
  if (error !== KernelError.None) {
    frame.rax = error;
  }
}

function operate(cpu: Cpu, caller: Tcb, word: u64, pointer: u64): KernelError {
  const operation = word & OPERATION_MASK;
  switch (operation) {
    case Operation.Send:
    case Operation.SendNonBlocking:
    case Operation.Call:
      return send(cpu, caller, pointer, operation);
    case Operation.Receive:
    case Operation.ReceiveNonBlocking:
    case Operation.ReplyReceive:
      return receive(cpu, caller, word, pointer);
    case Operation.Reply:
      return reply(caller, (word >>> ANSWER_SHIFT) & ANSWER_MASK);
    case Operation.Signal:
      return signalOperation(caller, pointer);
    case Operation.Wait:
    case Operation.Poll:
      return wait(cpu, caller, pointer, operation === Operation.Wait);
    case Operation.Yield:
      yieldCpu(cpu);
      return KernelError.None;
    case Operation.DebugPut:
      logByteOut(pointer as u8);
      return KernelError.None;
    default:
      return KernelError.UnknownOperation;
  }
}

function send(cpu: Cpu, caller: Tcb, pointer: u64, operation: u64): KernelError {
  const capability = findCapability(caller, pointer);
  if (capability === null) {
    return lookupError;
  }
  if (capability.kind !== ObjectKind.Endpoint) {
    return operation === Operation.Call ? invoke(caller, capability) : KernelError.WrongKind;
  }
  return sendMessage(cpu, caller, capability, operation);
}

function receive(cpu: Cpu, caller: Tcb, word: u64, pointer: u64): KernelError {
  const operation = word & OPERATION_MASK;
  const endpoint = findObject(caller, pointer, ObjectKind.Endpoint, RIGHT_READ);
  if (endpoint === null) {
    return lookupError;
  }
  let answered: Reply | null = null;
  const answerPointer = (word >>> ANSWER_SHIFT) & ANSWER_MASK;
  if (operation === Operation.ReplyReceive && answerPointer !== 0) {
    const slot = findObject(caller, answerPointer, ObjectKind.Reply, 0);
    if (slot === null) {
      return lookupError;
    }
    answered = slot.object as Reply;
    if (answered.caller === null) {
      return KernelError.NobodyWaits;
    }
  }
  let keeping: Reply | null = null;
  const keepPointer = word >>> KEEP_SHIFT;
  if (keepPointer !== 0) {
    const slot = findObject(caller, keepPointer, ObjectKind.Reply, 0);
    if (slot === null) {
      return lookupError;
    }
    keeping = slot.object as Reply;
  }
  const refusal = keepError(caller, keeping, answered);
  if (refusal !== KernelError.None) {
    return refusal;
  }
  const client = answered !== null ? answered.caller : null;
  if (answered !== null && client !== null) {
    answerCaller(caller, answered, client);
  }
  const keptBefore = caller.keeps;
  setKeeping(caller, keeping);
  if (client === null) {
    const blocking = operation !== Operation.ReceiveNonBlocking;
    const error = receiveMessage(cpu, caller, endpoint.object as Endpoint, blocking);
    if (error === KernelError.WouldBlock || error === KernelError.Again) {
      setKeeping(caller, keptBefore);
    }
    giveWay(cpu);
    return error === KernelError.Again ? repeat(caller, word) : error;
  }
  return receiveAfterAnswer(cpu, caller, endpoint.object as Endpoint, client, keepPointer);
}

/**
 * A preemption point: the thread executes its `syscall` instruction once more, with `word` in rax and its other
 * registers as they were, once pending interrupts and everybody above it have had their turn.
 */
function repeat(caller: Tcb, word: u64): KernelError {
  const frame = caller.frame;
  frame.rip -= SYSCALL_BYTES;
  frame.rflags = RFLAGS_INTERRUPTS;
  frame.rax = word;
  caller.resume = Resume.Full;
  return KernelError.None;
}

/**
 * The receiving half of ReplyReceive: if the receiver would wait, the answered client takes the CPU over, unless
 * somebody ready has a higher claim.
 */
function receiveAfterAnswer(cpu: Cpu, caller: Tcb, endpoint: Endpoint, client: Tcb, keepPointer: u64): KernelError {
  const error = receiveMessage(cpu, caller, endpoint, false);
  if (error !== KernelError.WouldBlock) {
    wake(client);
    giveWay(cpu);
    // The answer has been given: what is left to be done is a Receive.
    return error === KernelError.Again ? repeat(caller, Operation.Receive | (keepPointer << KEEP_SHIFT)) : error;
  }
  caller.state = ThreadState.BlockedReceive;
  caller.waitingOn = endpoint;
  endpoint.queue.append(caller);
  endpoint.state = EndpointState.Receiving;
  handOver(cpu, client);
  return KernelError.None;
}

function reply(caller: Tcb, pointer: u64): KernelError {
  const slot = findObject(caller, pointer, ObjectKind.Reply, 0);
  if (slot === null) {
    return lookupError;
  }
  const answered = slot.object as Reply;
  const client = answered.caller;
  if (client === null) {
    return KernelError.NobodyWaits;
  }
  answerCaller(caller, answered, client);
  wake(client);
  return KernelError.None;
}

function signalOperation(caller: Tcb, pointer: u64): KernelError {
  const slot = findObject(caller, pointer, ObjectKind.Notification, RIGHT_WRITE);
  if (slot === null) {
    return lookupError;
  }
  signal(slot.object as Notification, slot.word);
  return KernelError.None;
}

function wait(cpu: Cpu, caller: Tcb, pointer: u64, blocking: boolean): KernelError {
  const slot = findObject(caller, pointer, ObjectKind.Notification, RIGHT_READ);
  if (slot === null) {
    return lookupError;
  }
  const notification = slot.object as Notification;
  if (notification.word !== 0) {
    takeSignals(notification, caller);
    return KernelError.None;
  }
  if (!blocking) {
    return KernelError.WouldBlock;
  }
  caller.state = ThreadState.BlockedWait;
  caller.waitingOn = notification;
  notification.queue.append(caller);
  reschedule(cpu);
  return KernelError.None;
}
