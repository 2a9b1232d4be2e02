/**
 * Receiving and answering: slow path. The next message is a signal of the bound notification, or what the first
 * waiting sender sent; otherwise the thread waits.
 */
import { KernelError } from '../../lib/abi/error.js';
import { ForeignAnswer, MESSAGE_LABEL_SHIFT } from '../../lib/abi/operation.js';
import type { Cpu } from '../arch/x86_64/cpu.js';
import { Resume } from '../arch/x86_64/frame.js';
import { type Endpoint, EndpointState } from '../object/endpoint.js';
import type { Reply } from '../object/reply.js';
import { type Tcb, ThreadState } from '../object/tcb.js';
import { enqueue, wake } from '../sched/scheduler.js';
import { WAITERS_PER_STEP } from './cancel.js';
import { takeSignals } from './notify.js';
import { blockOn, keepCaller, removeFirstThread, takeKeeping } from './send.js';
import { transferKernelMessage, transferMessage } from './transfer.js';

/** Whether `receiver` may keep its next caller in `reply` (null: in none), once `answered` has been answered. */
export function keepError(receiver: Tcb, reply: Reply | null, answered: Reply | null): KernelError {
  if (reply === null || reply === receiver.keeps) {
    return KernelError.None;
  }
  if (reply.owner !== null || reply.keeper !== null || (reply.caller !== null && reply !== answered)) {
    return KernelError.NoReply;
  }
  return KernelError.None;
}

/** Notes the Reply for the next caller; keepError has been asked. */
export function setKeeping(receiver: Tcb, reply: Reply | null): void {
  const previous = receiver.keeps;
  if (previous === reply) {
    return;
  }
  if (previous !== null) {
    previous.keeper = null;
  }
  receiver.keeps = reply;
  if (reply !== null) {
    reply.keeper = receiver;
  }
}

/**
 * Receives for the current thread; with `blocking` false an endpoint without a sender is `WouldBlock`. Callers that
 * could not be kept may have become ready on the way: unless the receiver blocks, the caller of this function must see
 * to it that it gives way to them. `Again` means that so many were refused that the receiver must go on later.
 */
export function receiveMessage(cpu: Cpu, receiver: Tcb, endpoint: Endpoint, blocking: boolean): KernelError {
  const bound = receiver.bound;
  if (bound !== null && bound.word !== 0) {
    takeSignals(bound, receiver);
    return KernelError.None;
  }
  let left = WAITERS_PER_STEP;
  while (endpoint.state === EndpointState.Sending) {
    const sender = endpoint.queue.first;
    if (left === 0) {
      return KernelError.Again;
    }
    left--;
    if (sender !== null) {
      removeFirstThread(endpoint, sender);
      if (receiveFrom(receiver, sender)) {
        return KernelError.None;
      }
    }
  }
  if (!blocking) {
    return KernelError.WouldBlock;
  }
  receiver.state = ThreadState.BlockedReceive;
  receiver.frame.rax = KernelError.None;
  blockOn(cpu, endpoint, receiver, EndpointState.Receiving);
  return KernelError.None;
}

/** Takes the message of a sender that has left the queue. A caller that cannot be kept is refused: false. */
function receiveFrom(receiver: Tcb, sender: Tcb): boolean {
  if (sender.state === ThreadState.BlockedKernelMessage) {
    const reply = sender.foreignReply !== null ? sender.foreignReply : takeKeeping(receiver);
    if (reply === null) {
      // Nobody could ever answer: the thread stays where it is, suspended.
      sender.state = ThreadState.Inactive;
      return false;
    }
    transferKernelMessage(sender, receiver);
    keepCaller(reply, sender, ThreadState.BlockedForeign);
    return true;
  }
  if (sender.state === ThreadState.BlockedCall) {
    const reply = takeKeeping(receiver);
    if (reply === null) {
      // The receiver is not done yet, so the sender only becomes ready: who runs is decided afterwards.
      sender.frame.rax = KernelError.NoReply;
      sender.state = ThreadState.Ready;
      enqueue(sender);
      return false;
    }
    transferMessage(sender, receiver, sender.sendBadge, sender.mayGrant);
    keepCaller(reply, sender, ThreadState.BlockedReply);
    return true;
  }
  transferMessage(sender, receiver, sender.sendBadge, sender.mayGrant);
  sender.frame.rax = KernelError.None;
  wake(sender);
  return true;
}

/** Gives the caller that `reply` keeps its answer from `answerer`'s registers. The caller is not made ready yet. */
export function answerCaller(answerer: Tcb, reply: Reply, caller: Tcb): void {
  reply.caller = null;
  if (caller.state === ThreadState.BlockedForeign) {
    if (answerer.frame.rsi >>> MESSAGE_LABEL_SHIFT !== ForeignAnswer.Resume) {
      caller.resume = Resume.Full;
    }
    return;
  }
  transferMessage(answerer, caller, 0, true);
}
