/**
 * Foreign threads: each `syscall` instruction is a call of the thread's handler. The message is the number and the
 * badge; the registers are in the UTCB page, where the handler has them already. Neither leg looks up a capability of
 * the thread's: handler, badge and Reply are cached in its TCB.
 */
import type { Frame } from '../../lib/abi/frame.js';
import { currentCpu } from '../arch/x86_64/cpu.js';
import { Resume } from '../arch/x86_64/frame.js';
import { leaveAtOnce } from '../arch/x86_64/leave.js';
import { EndpointState } from '../object/endpoint.js';
import { SYSTEM_CALL_VECTOR, type Tcb, ThreadState } from '../object/tcb.js';
import { scheduler, switchFrom } from '../sched/scheduler.js';
import { dequeueReceiver } from './fast-path.js';
import { sendKernelMessage } from './fault.js';
import { SYSTEM_CALL_MESSAGE } from './transfer.js';

/** @entry kernel_foreign_system_call */
export function foreignSystemCall(thread: Tcb, frame: Frame): void {
  thread.resume = Resume.Sysret;
  const endpoint = thread.handler;
  const reply = thread.foreignReply;
  if (endpoint.state === EndpointState.Receiving && reply !== null) {
    const receiver = endpoint.queue.first as Tcb;
    if (receiver.priority >= scheduler.bar) {
      reply.caller = thread;
      thread.state = ThreadState.BlockedForeign;
      dequeueReceiver(endpoint, receiver);
      const registers = receiver.frame;
      registers.rdi = thread.handlerBadge;
      registers.rsi = SYSTEM_CALL_MESSAGE;
      registers.rdx = frame.rax;
      receiver.state = ThreadState.Ready;
      switchFrom(currentCpu(), thread, receiver);
      leaveAtOnce();
      return;
    }
  }
  thread.faultVector = SYSTEM_CALL_VECTOR;
  sendKernelMessage(thread);
}
