/** What the judged paths cost, as comment lines: TSC ticks, which under QEMU's -icount are guest instructions. */
import { Invocation } from '../../../lib/abi/invocation.js';
import { ObjectKind } from '../../../lib/abi/object-kind.js';
import { Operation } from '../../../lib/abi/operation.js';
import { answerAndReceive, invoke, receivedLabel, receivedWord0, receiveFirst } from './arch/x86_64/kernel.js';
import { utcbAt } from './arch/x86_64/memory.js';
import { putLine, putNumber, putText } from './report.js';
import { type Child, Code, make, makeForeign, makeNative, must, UTCB_OFFSET } from './setup.js';

const REPEATS: u64 = 1000;

const native: Child = reserve();
const foreign: Child = reserve();

function report(what: string, ticks: u64): void {
  putText('# ');
  putText(what);
  putText(': ');
  putNumber(ticks / REPEATS);
  putText('.');
  putNumber((ticks % REPEATS) / 100);
  putLine(' ticks');
}

/** Call + ReplyReceive between two address spaces, four words claimed by neither side. */
export function measureCall(): void {
  makeNative(native, Code.Measure, 1, 100);
  must(invoke(native.tcb, Invocation.TcbSetForeign, 0, 0, 2, 0), 'trusted');
  const keep = make(ObjectKind.Reply, 0);
  must(invoke(native.tcb, Invocation.TcbResume, 0, 0, 0, 0), 'resume');
  must(receiveFirst(Operation.Receive, native.endpoint, keep), 'receive');
  while (receivedLabel() === 0) {
    answerAndReceive(native.endpoint, keep, keep);
  }
  report('call and reply between two address spaces', receivedWord0());
  must(invoke(native.tcb, Invocation.TcbSuspend, 0, 0, 0, 0), 'suspend');
}

/** A foreign system call and its answer. */
export function measureForeign(): void {
  makeForeign(foreign, Code.MeasureForeign, 0x5000, 100);
  const frame = utcbAt(foreign.window + UTCB_OFFSET).frame;
  must(invoke(foreign.tcb, Invocation.TcbResume, 0, 0, 0, 0), 'resume');
  must(receiveFirst(Operation.Receive, foreign.endpoint, 0), 'receive');
  while (receivedWord0() === 110) {
    frame.rax = 42;
    answerAndReceive(foreign.endpoint, foreign.reply, 0);
  }
  report('foreign system call and answer', frame.rdi);
  must(invoke(foreign.tcb, Invocation.TcbSuspend, 0, 0, 0, 0), 'suspend');
}
