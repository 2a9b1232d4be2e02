/** The kernel's operations for the tests: invocations, messages, and what came back. */
import { KEEP_SHIFT, MESSAGE_LABEL_SHIFT, OPERATION_MASK, Operation } from '../../../../../lib/abi/operation.js';
import { gaveInvocation, gaveOperation } from '../../outcomes.js';

/** What the last operation of a test brought; the report's own output does not touch it. */
class Results {
  badge!: u64;
  message!: u64;
  words!: Fixed<u64, 4>;
}

const results: Results = reserve();

function keep(): void {
  results.badge = kernelBadge();
  results.message = kernelMessage();
  results.words[0] = kernelWord0();
  results.words[1] = kernelWord1();
  results.words[2] = kernelWord2();
  results.words[3] = kernelWord3();
}

function keepInvocation(label: u64, error: u64): u64 {
  keep();
  gaveInvocation(label, error);
  return error;
}

function keepOperation(operation: u64, error: u64): u64 {
  keep();
  gaveOperation(operation & OPERATION_MASK, error);
  return error;
}

/** An invocation with four words; returns the error. */
export function invoke(capability: u64, label: u64, first: u64, second: u64, third: u64, fourth: u64): u64 {
  return keepInvocation(label, kernelCall(capability, label, first, second, third, fourth));
}

/** An invocation of the report's own. */
export function invokeQuietly(capability: u64, label: u64, first: u64, second: u64, third: u64): u64 {
  return kernelCall(capability, label, first, second, third, 0);
}

/** The same; word 0 of its answer. */
export function readQuietly(capability: u64, label: u64, first: u64, second: u64): u64 {
  kernelCall(capability, label, first, second, 0, 0);
  return kernelWord0();
}

/** An invocation whose message claims `words` words. */
export function invokeShort(capability: u64, label: u64, words: u64): u64 {
  const message = (label << MESSAGE_LABEL_SHIFT) | words;
  return keepInvocation(label, kernelOperation(Operation.Call, capability, message, 0, 0, 0, 0));
}

/** Any operation word, with a message word and words 0 and 1. */
export function operate(operation: u64, capability: u64, message: u64, first: u64, second: u64): u64 {
  return keepOperation(operation, kernelOperation(operation, capability, message, first, second, 0, 0));
}

export function resultBadge(): u64 {
  return results.badge;
}

export function resultMessage(): u64 {
  return results.message;
}

export function result0(): u64 {
  return results.words[0];
}

export function result1(): u64 {
  return results.words[1];
}

export function result2(): u64 {
  return results.words[2];
}

export function result3(): u64 {
  return results.words[3];
}

/** Receive (or ReceiveNonBlocking) with `keeper` for the caller. */
export function receiveFirst(operation: Operation, endpoint: u64, keeper: u64): u64 {
  const word = operation | (keeper << KEEP_SHIFT);
  return keepOperation(operation, kernelOperation(word, endpoint, 0, 0, 0, 0, 0));
}

/** Answers `answer` with nothing, and receives. For measuring: label and word 0 are then read as they are. */
export function answerAndReceive(endpoint: u64, answer: u64, keeper: u64): void {
  replyReceive(endpoint, answer, keeper, 0);
}

/** What came with the last answerAndReceive. */
export function receivedLabel(): u64 {
  return kernelMessage() >>> MESSAGE_LABEL_SHIFT;
}

export function receivedWord0(): u64 {
  return kernelWord0();
}

/** Any operation with all four words. */
export function operateFull(
  operation: u64,
  capability: u64,
  message: u64,
  first: u64,
  second: u64,
  third: u64,
  fourth: u64,
): u64 {
  return keepOperation(operation, kernelOperation(operation, capability, message, first, second, third, fourth));
}

/** Any operation, all registers, without keeping the results. */
export function operateAny(
  operation: u64,
  capability: u64,
  message: u64,
  first: u64,
  second: u64,
  third: u64,
  fourth: u64,
): u64 {
  return kernelOperation(operation, capability, message, first, second, third, fourth);
}

/** For measuring: without keeping the results. */
export function kernelInvoke(capability: u64, label: u64, first: u64, second: u64, third: u64, fourth: u64): u64 {
  return kernelCall(capability, label, first, second, third, fourth);
}

export function operateQuietly(operation: u64, capability: u64): u64 {
  return kernelOperation(operation, capability, 0, 0, 0, 0, 0);
}
