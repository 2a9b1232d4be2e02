/**
 * The fast paths: Call to a receiver that waits, and ReplyReceive that answers a caller and then waits. Each is a flat
 * list of checks that leave everything to the slow path, followed by a commit that cannot fail. What they do is, to
 * the last field, what send.ts and receive.ts would do.
 *
 * A thread that blocks here is not in a run queue (the current thread never is), and the one that runs next takes its
 * place; so no queue is touched but the endpoint's.
 */
import { ObjectKind } from '../../lib/abi/object-kind.js';
import {
  ANSWER_MASK,
  ANSWER_SHIFT,
  ForeignAnswer,
  KEEP_SHIFT,
  MESSAGE_LABEL_SHIFT,
  OPERATION_MASK,
  Operation,
  REGISTER_WORDS,
} from '../../lib/abi/operation.js';
import { RIGHT_GRANT_REPLY, RIGHT_READ, RIGHT_WRITE } from '../../lib/abi/rights.js';
import { type Cpu, currentCpu } from '../arch/x86_64/cpu.js';
import { Resume } from '../arch/x86_64/frame.js';
import { leaveAtOnce } from '../arch/x86_64/leave.js';
import { type Endpoint, EndpointState } from '../object/endpoint.js';
import type { Reply } from '../object/reply.js';
import { type Tcb, ThreadState } from '../object/tcb.js';
import { scheduler, switchFrom } from '../sched/scheduler.js';
import { slowOperation } from './slow-path.js';

/** Capabilities and length of a message word: at most REGISTER_WORDS if the message is all in registers. */
const SHAPE_MASK = 0xfff;
const CALL_RIGHTS = RIGHT_WRITE | RIGHT_GRANT_REPLY;

/** @entry kernel_native_operation */
export function nativeOperation(
  pointer: u64,
  message: u64,
  word0: u64,
  word1: u64,
  word2: u64,
  word3: u64,
  operation: u64,
): void {
  const cpu = currentCpu();
  const caller = cpu.current;
  const code = operation & OPERATION_MASK;
  if (code === Operation.ReplyReceive) {
    if (fastReplyReceive(cpu, caller, pointer, message, word0, word1, word2, word3, operation)) {
      return;
    }
  } else if (code === Operation.Call) {
    if (fastCall(cpu, caller, pointer, message, word0, word1, word2, word3)) {
      return;
    }
  }
  fullOperation(cpu, caller, pointer, message, word0, word1, word2, word3, operation);
}

/**
 * Leaves the registers in the caller's frame, for slow-path.ts.
 * @cold
 */
function fullOperation(
  cpu: Cpu,
  caller: Tcb,
  pointer: u64,
  message: u64,
  word0: u64,
  word1: u64,
  word2: u64,
  word3: u64,
  operation: u64,
): void {
  const frame = caller.frame;
  frame.rax = operation;
  frame.rdi = pointer;
  frame.rsi = message;
  frame.rdx = word0;
  frame.r10 = word1;
  frame.r8 = word2;
  frame.r9 = word3;
  slowOperation(cpu, caller);
}

/** @inline */
function fastCall(
  cpu: Cpu,
  caller: Tcb,
  pointer: u64,
  message: u64,
  word0: u64,
  word1: u64,
  word2: u64,
  word3: u64,
): boolean {
  if (pointer >= caller.cspaceLimit) {
    return false;
  }
  const slot = caller.cspace.slots[pointer];
  if (slot.kind !== ObjectKind.Endpoint || (slot.rights & CALL_RIGHTS) !== CALL_RIGHTS) {
    return false;
  }
  const endpoint = slot.object as Endpoint;
  if (endpoint.state !== EndpointState.Receiving || (message & SHAPE_MASK) > REGISTER_WORDS) {
    return false;
  }
  const receiver = endpoint.queue.first as Tcb;
  const reply = receiver.keeps;
  if (reply === null || receiver.priority < scheduler.bar) {
    return false;
  }

  receiver.keeps = null;
  reply.keeper = null;
  reply.caller = caller;
  caller.keptBy = reply;
  caller.state = ThreadState.BlockedReply;
  caller.resume = Resume.Light;
  caller.frame.rax = 0;
  dequeueReceiver(endpoint, receiver);
  receiver.frame.rdi = slot.word;
  giveWords(receiver, message, word0, word1, word2, word3);
  receiver.state = ThreadState.Ready;
  switchFrom(cpu, caller, receiver);
  leaveAtOnce();
  return true;
}

/** @inline */
function fastReplyReceive(
  cpu: Cpu,
  caller: Tcb,
  pointer: u64,
  message: u64,
  word0: u64,
  word1: u64,
  word2: u64,
  word3: u64,
  operation: u64,
): boolean {
  const answerPointer = (operation >>> ANSWER_SHIFT) & ANSWER_MASK;
  const keepPointer = operation >>> KEEP_SHIFT;
  // The limit is a power of two: one comparison for all three.
  if ((pointer | answerPointer | keepPointer) >= caller.cspaceLimit) {
    return false;
  }
  const table = caller.cspace;
  const slot = table.slots[pointer];
  const answer = table.slots[answerPointer];
  const keep = table.slots[keepPointer];
  if (
    slot.kind !== ObjectKind.Endpoint ||
    (slot.rights & RIGHT_READ) === 0 ||
    answer.kind !== ObjectKind.Reply ||
    caller.signalled !== 0
  ) {
    return false;
  }
  const endpoint = slot.object as Endpoint;
  const reply = answer.object as Reply;
  const client = reply.caller;
  if (client === null || endpoint.state !== EndpointState.Idle || client.priority < scheduler.bar) {
    return false;
  }
  if (client.state === ThreadState.BlockedForeign) {
    // A system call did not use up the Reply for callers: it must be the one kept already, or none.
    if (keep.object !== caller.keeps || (caller.keeps === null && keepPointer !== 0)) {
      return false;
    }
    if (message >>> MESSAGE_LABEL_SHIFT !== ForeignAnswer.Resume) {
      client.resume = Resume.Full;
    }
  } else {
    // A native caller used it up: it becomes free with this very answer.
    if (
      keep.object !== reply ||
      caller.keeps !== null ||
      reply.owner !== null ||
      (message & SHAPE_MASK) > REGISTER_WORDS
    ) {
      return false;
    }
    caller.keeps = reply;
    reply.keeper = caller;
    client.frame.rdi = 0;
    giveWords(client, message, word0, word1, word2, word3);
  }

  reply.caller = null;
  caller.state = ThreadState.BlockedReceive;
  caller.resume = Resume.Light;
  caller.frame.rax = 0;
  caller.waitingOn = endpoint;
  endpoint.state = EndpointState.Receiving;
  endpoint.queue.first = caller;
  endpoint.queue.last = caller;
  client.state = ThreadState.Ready;
  switchFrom(cpu, caller, client);
  leaveAtOnce();
  return true;
}

/**
 * Takes the receiver that is first out of an endpoint's queue.
 * @inline
 */
export function dequeueReceiver(endpoint: Endpoint, receiver: Tcb): void {
  const next = receiver.queueNext;
  endpoint.queue.first = next;
  if (next === null) {
    endpoint.state = EndpointState.Idle;
  } else {
    next.queuePrevious = null;
    receiver.queueNext = null;
  }
}

/**
 * A message that is all in registers; rax has been 0 since the receiver blocked.
 * @inline
 */
function giveWords(receiver: Tcb, message: u64, word0: u64, word1: u64, word2: u64, word3: u64): void {
  const frame = receiver.frame;
  frame.rsi = message;
  frame.rdx = word0;
  frame.r10 = word1;
  frame.r8 = word2;
  frame.r9 = word3;
}
