/**
 * Sending: to a receiver that waits, or into the endpoint's queue. Slow path; what it does for a plain call between
 * two waiting threads, fast-path.ts does in a few instructions.
 */
import { KernelError } from '../../lib/abi/error.js';
import { Operation } from '../../lib/abi/operation.js';
import { RIGHT_GRANT, RIGHT_GRANT_REPLY, RIGHT_WRITE } from '../../lib/abi/rights.js';
import type { Cpu } from '../arch/x86_64/cpu.js';
import type { Capability } from '../object/capability.js';
import { type Endpoint, EndpointState } from '../object/endpoint.js';
import type { Reply } from '../object/reply.js';
import { type Tcb, ThreadState } from '../object/tcb.js';
import { handOver, reschedule, wake } from '../sched/scheduler.js';
import { transferMessage } from './transfer.js';

/** Puts the current thread, already in a blocked state, at the end of the endpoint's queue. */
export function blockOn(cpu: Cpu, endpoint: Endpoint, thread: Tcb, state: EndpointState): void {
  endpoint.queue.append(thread);
  endpoint.state = state;
  thread.waitingOn = endpoint;
  if (cpu.current === thread) {
    reschedule(cpu);
  }
}

export function removeFirstThread(endpoint: Endpoint, first: Tcb): void {
  endpoint.queue.removeFirst(first);
  if (endpoint.queue.isEmpty) {
    endpoint.state = EndpointState.Idle;
  }
  first.waitingOn = null;
}

/** `caller` waits for the answer that will come through `reply`. */
export function keepCaller(reply: Reply, caller: Tcb, state: ThreadState): void {
  reply.caller = caller;
  caller.keptBy = reply;
  caller.state = state;
}

/** Uses up the Reply that `receiver` has for its next caller. */
export function takeKeeping(receiver: Tcb): Reply | null {
  const reply = receiver.keeps;
  if (reply !== null) {
    receiver.keeps = null;
    reply.keeper = null;
  }
  return reply;
}

/** Send, SendNonBlocking and Call of an endpoint by the current thread, whose message is in its frame. */
export function sendMessage(cpu: Cpu, caller: Tcb, capability: Capability, operation: u64): KernelError {
  const isCall = operation === Operation.Call;
  if (!capability.hasRights(isCall ? RIGHT_WRITE | RIGHT_GRANT_REPLY : RIGHT_WRITE)) {
    return KernelError.NoRight;
  }
  const endpoint = capability.object as Endpoint;
  const badge = capability.word;
  const mayGrant = capability.hasRights(RIGHT_GRANT);
  const receiver = endpoint.state === EndpointState.Receiving ? endpoint.queue.first : null;
  if (receiver === null) {
    if (operation === Operation.SendNonBlocking) {
      return KernelError.WouldBlock;
    }
    caller.sendBadge = badge;
    caller.mayGrant = mayGrant;
    caller.state = isCall ? ThreadState.BlockedCall : ThreadState.BlockedSend;
    blockOn(cpu, endpoint, caller, EndpointState.Sending);
    return KernelError.None;
  }
  if (!isCall) {
    removeFirstThread(endpoint, receiver);
    transferMessage(caller, receiver, badge, mayGrant);
    wake(receiver);
    return KernelError.None;
  }
  if (receiver.keeps === null) {
    return KernelError.NoReply;
  }
  removeFirstThread(endpoint, receiver);
  transferMessage(caller, receiver, badge, mayGrant);
  const reply = takeKeeping(receiver);
  if (reply !== null) {
    keepCaller(reply, caller, ThreadState.BlockedReply);
  }
  handOver(cpu, receiver);
  return KernelError.None;
}
