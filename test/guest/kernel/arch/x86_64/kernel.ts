/** The kernel's operations for the tests: invocations, messages, and what came back. */
import { KEEP_SHIFT, MESSAGE_LABEL_SHIFT, Operation } from '../../../../../lib/abi/operation.js';

/** An invocation with four words; returns the error. */
export function invoke(capability: u64, label: u64, first: u64, second: u64, third: u64, fourth: u64): u64 {
  return kernelCall(capability, label, first, second, third, fourth);
}

/** An invocation whose message claims `words` words. */
export function invokeShort(capability: u64, label: u64, words: u64): u64 {
  return kernelOperation(Operation.Call, capability, (label << MESSAGE_LABEL_SHIFT) | words, 0, 0, 0, 0);
}

/** Any operation, with a message word and words 0 and 1. */
export function operate(operation: u64, capability: u64, message: u64, first: u64, second: u64): u64 {
  return kernelOperation(operation, capability, message, first, second, 0, 0);
}

export function resultBadge(): u64 {
  return kernelBadge();
}

export function resultMessage(): u64 {
  return kernelMessage();
}

export function result0(): u64 {
  return kernelWord0();
}

export function result1(): u64 {
  return kernelWord1();
}

export function result2(): u64 {
  return kernelWord2();
}

export function result3(): u64 {
  return kernelWord3();
}

/** Receive (or ReceiveNonBlocking) with `keep` for the caller. */
export function receiveFirst(operation: Operation, endpoint: u64, keep: u64): u64 {
  return kernelOperation(operation | (keep << KEEP_SHIFT), endpoint, 0, 0, 0, 0, 0);
}

/** Answers `answer` with nothing, and receives; the badge. */
export function answerAndReceive(endpoint: u64, answer: u64, keep: u64): u64 {
  return replyReceive(endpoint, answer, keep, 0);
}
