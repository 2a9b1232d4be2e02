/**
 * What worker threads do. A role notes results and then suspends itself, so that a test sees where it got to. Slots of
 * the objects it uses are in `stage`.
 */

import { PORT_RANGE_SLOT, SYSTEM_SLOT } from '../../../lib/abi/boot-information.js';
import { KernelError } from '../../../lib/abi/error.js';
import { Invocation } from '../../../lib/abi/invocation.js';
import { Operation } from '../../../lib/abi/operation.js';
import { invoke, operate, operateFull, result0, result1, resultBadge, resultMessage } from './arch/x86_64/kernel.js';
import { fuzzForEver } from './fuzz.js';
import { note } from './threads.js';

export enum Role {
  /** Sends label 5 with words 11, 12 and notes the error. */
  Send = 1,
  /** Calls with label 6 and words 21, 22; notes error, answer label, words 0 and 1. */
  Call = 2,
  /** Receives once without a Reply; notes error, badge, label, word 0. */
  Receive = 3,
  /** Receives with stage.reply, and answers with label 9, word 99, for ever. */
  Serve = 4,
  /** Waits for stage.notification; notes error and badge. */
  Wait = 5,
  /** Notes 1, yields, notes 2, yields, notes 3. */
  Yield = 6,
  /** Notes its own number (stage.number at start). */
  Note = 7,
  /** Runs for ever without a system call. */
  Spin = 8,
  /** Calls with ten words and two capabilities. */
  CallLong = 9,
  /** Random operations for ever (fuzz.ts). */
  Fuzz = 10,
  /** Without a UTCB: notes the error of each invocation that needs one. */
  NoPage = 11,
  /** Gives the thread at the capability pointer stage.thread the CSpace at stage.number. */
  Configure = 12,
  /** Receives with stage.reply, answers with label 9 and receives again; notes the error of that. */
  AnswerOnce = 13,
  /** Calls stage.endpoint, and counts in stage whether it was refused, cancelled or answered. */
  CallInCrowd = 14,
  /** Waits for stage.notification, and counts the same. */
  WaitInCrowd = 15,
}

class Stage {
  endpoint!: u64;
  reply!: u64;
  notification!: u64;
  thread!: u64;
  number!: u64;
  spins!: u64;
  refused!: u64;
  cancelled!: u64;
  answered!: u64;
}

export const stage: Stage = reserve();

const LABEL_SHIFT: u64 = 12;

export function play(role: u64): void {
  switch (role) {
    case Role.Send:
      note(operate(Operation.Send, stage.endpoint, (5 << LABEL_SHIFT) | 2, 11, 12));
      break;
    case Role.Call:
      note(operate(Operation.Call, stage.endpoint, (6 << LABEL_SHIFT) | 2, 21, 22));
      noteAnswer();
      break;
    case Role.Receive:
      note(operate(Operation.Receive, stage.endpoint, 0, 0, 0));
      note(resultBadge());
      note(resultMessage() >>> LABEL_SHIFT);
      note(result0());
      break;
    case Role.Serve:
      serve();
      break;
    case Role.Wait:
      note(operate(Operation.Wait, stage.notification, 0, 0, 0));
      note(resultBadge());
      break;
    case Role.Yield:
      note(1);
      operate(Operation.Yield, 0, 0, 0, 0);
      note(2);
      operate(Operation.Yield, 0, 0, 0, 0);
      note(3);
      break;
    case Role.Note:
      note(stage.number);
      break;
    case Role.CallLong:
      note(operate(Operation.Call, stage.endpoint, (7 << LABEL_SHIFT) | (2 << 8) | 10, 31, 32));
      noteAnswer();
      break;
    case Role.NoPage:
      note(invoke(stage.thread, Invocation.TcbReadRegisters, 0, 0, 0, 0));
      note(invoke(stage.thread, Invocation.TcbReadFpu, 0, 0, 0, 0));
      note(invoke(stage.thread, Invocation.TcbWriteFpu, 0, 0, 0, 0));
      note(invoke(PORT_RANGE_SLOT, Invocation.PortReadString, 0x3ff, 1, 1, 0));
      note(invoke(PORT_RANGE_SLOT, Invocation.PortWriteString, 0x3ff, 1, 1, 0));
      note(invoke(SYSTEM_SLOT, Invocation.SystemReadLog, 0, 0, 0, 0));
      break;
    case Role.AnswerOnce:
      note(answerOnce());
      break;
    case Role.CallInCrowd:
      count(operate(Operation.Call, stage.endpoint, 0, 0, 0));
      break;
    case Role.WaitInCrowd:
      count(operate(Operation.Wait, stage.notification, 0, 0, 0));
      break;
    case Role.Configure:
      note(invoke(stage.thread, Invocation.TcbConfigure, stage.number, 0, 0, 0));
      break;
    case Role.Fuzz:
      fuzzForEver();
      break;
    default:
      for (;;) {
        stage.spins++;
      }
  }
}

function noteAnswer(): void {
  note(resultMessage() >>> LABEL_SHIFT);
  note(result0());
  note(result1());
}

function serve(): void {
  const keep = stage.reply << 32;
  operateFull(Operation.Receive | keep, stage.endpoint, 0, 0, 0, 0, 0);
  for (;;) {
    note(resultMessage() >>> LABEL_SHIFT);
    operateFull(
      Operation.ReplyReceive | (stage.reply << 8) | keep,
      stage.endpoint,
      (9 << LABEL_SHIFT) | 1,
      99,
      0,
      0,
      0,
    );
  }
}

function count(error: u64): void {
  if (error === KernelError.NoReply) {
    stage.refused++;
  } else if (error === KernelError.Cancelled) {
    stage.cancelled++;
  } else {
    stage.answered++;
  }
}

function answerOnce(): u64 {
  const keep = stage.reply << 32;
  operateFull(Operation.Receive | keep, stage.endpoint, 0, 0, 0, 0, 0);
  const word = Operation.ReplyReceive | (stage.reply << 8) | keep;
  return operateFull(word, stage.endpoint, 9 << LABEL_SHIFT, 0, 0, 0, 0);
}

/** The end of every role: the worker suspends itself, and is never resumed where it is. */
export function rest(self: u64): void {
  for (;;) {
    invoke(self, Invocation.TcbSuspend, 0, 0, 0, 0);
  }
}
