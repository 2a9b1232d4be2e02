/** Messages to the server as functions: the event loop's operations of lib/abi/arch/x86_64. */
import { ANSWER_SHIFT, MESSAGE_LABEL_SHIFT, Operation } from '../../../lib/abi/operation';
import { nativeReply, serverEndpoint } from '../../kernel/endpoint';
import type { Thread } from '../../process/thread';

/** Answers `reply` (0: nobody) with `label`, then waits for the next message; gives its badge. */
export function answerAndReceive(reply: u64, label: u64): u64 {
  return replyReceive(serverEndpoint as u64, reply, nativeReply as u64, label);
}

/** Answers `reply` with `label` and goes on. */
export function answer(reply: u64, label: u64): void {
  kernelOperation(Operation.Reply | (reply << ANSWER_SHIFT), 0, label << MESSAGE_LABEL_SHIFT, 0, 0, 0, 0);
}

/** Takes a message if there is one; gives its badge, or 0. */
export function receiveIfAny(): u64 {
  const error = kernelOperation(
    Operation.ReceiveNonBlocking | ((nativeReply as u64) << 32),
    serverEndpoint as u64,
    0,
    0,
    0,
    0,
    0,
  );
  return error === 0 ? kernelBadge() : 0;
}

/** Of the message just received: its label, and its words. */
export function messageLabel(): u64 {
  return kernelMessage() >> MESSAGE_LABEL_SHIFT;
}

export function messageWord0(): u64 {
  return kernelWord0();
}

export function messageWord1(): u64 {
  return kernelWord1();
}

export function messageWord2(): u64 {
  return kernelWord2();
}

/** The thread that a message's badge names: the kernel gives back the address that TcbSetForeign was given. */
export function threadOf(badge: u64): Thread {
  return reference<Thread>(badge);
}
