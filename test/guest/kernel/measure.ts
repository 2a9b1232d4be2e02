/**
 * What operations cost, as comment lines `# name: N ticks`: TSC ticks, which under QEMU's -icount are guest
 * instructions. The whole is counted, with the calling loop's part.
 */
import { CLOCK_SLOT, ROOT_CNODE_SLOT, ROOT_VSPACE_SLOT } from '../../../lib/abi/boot-information.js';
import { KernelError } from '../../../lib/abi/error.js';
import { Invocation } from '../../../lib/abi/invocation.js';
import { ObjectKind } from '../../../lib/abi/object-kind.js';
import { Operation } from '../../../lib/abi/operation.js';
import { MapRights, RIGHTS_ALL } from '../../../lib/abi/rights.js';
import {
  answerAndReceive,
  invoke,
  kernelInvoke,
  operateQuietly,
  receivedLabel,
  receivedWord0,
  receiveFirst,
  result0,
} from './arch/x86_64/kernel.js';
import { utcbAt } from './arch/x86_64/memory.js';
import { putLine, putNumber, putText } from './report.js';
import {
  type Child,
  Code,
  freshSlot,
  freshWindow,
  make,
  makeForeign,
  makeNative,
  must,
  remove,
  UTCB_OFFSET,
} from './setup.js';

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

const ROUNDS: u64 = 100;

/** The time now, by an invocation whose own cost is taken off. */
function now(): u64 {
  must(invoke(CLOCK_SLOT, Invocation.ClockRead, 0, 0, 0, 0), 'clock');
  return result0();
}

function reportRounds(what: string, since: u64, overhead: u64): void {
  const elapsed = now() - since;
  report(what, elapsed > overhead ? ((elapsed - overhead) * REPEATS) / ROUNDS : 0);
}

/** Each row is a loop of ROUNDS operations. */
export function measureOperations(): void {
  const first = now();
  const overhead = now() - first;
  measureSimple(overhead);
  measureCapabilities(overhead);
  measureMemory(overhead);
  measureObjects(overhead);
}

function measureSimple(overhead: u64): void {
  const notification = make(ObjectKind.Notification, 0);
  const signal = freshSlot();
  must(invoke(1, Invocation.CNodeMint, notification, signal, RIGHTS_ALL, 1), 'mint');
  let since = now();
  for (let round: u64 = 0; round < ROUNDS; round++) {
    operateQuietly(0, 0);
  }
  reportRounds('null system call', since, overhead);
  since = now();
  for (let round: u64 = 0; round < ROUNDS; round++) {
    operateQuietly(Operation.Yield, 0);
  }
  reportRounds('yield alone', since, overhead);
  since = now();
  for (let round: u64 = 0; round < ROUNDS; round++) {
    operateQuietly(Operation.Signal, signal);
  }
  reportRounds('signal, nobody waiting', since, overhead);
  since = now();
  for (let round: u64 = 0; round < ROUNDS; round++) {
    operateQuietly(Operation.Signal, signal);
    operateQuietly(Operation.Wait, notification);
  }
  reportRounds('signal and wait in one thread', since, overhead);
  must(remove(signal), 'delete');
  must(remove(notification), 'delete');
}

function measureCapabilities(overhead: u64): void {
  const endpoint = make(ObjectKind.Endpoint, 0);
  const first = freshSlot();
  for (let more: u64 = 1; more < ROUNDS; more++) {
    freshSlot();
  }
  let since = now();
  for (let round: u64 = 0; round < ROUNDS; round++) {
    kernelInvoke(1, Invocation.CNodeCopy, endpoint, first + round, RIGHTS_ALL, 0);
  }
  reportRounds('copy a capability', since, overhead);
  since = now();
  for (let round: u64 = 0; round < ROUNDS; round++) {
    kernelInvoke(1, Invocation.CNodeDelete, first + round, 0, 0, 0);
  }
  reportRounds('delete a capability', since, overhead);
  since = now();
  for (let round: u64 = 0; round < ROUNDS; round++) {
    kernelInvoke(1, Invocation.CNodeMint, endpoint, first + round, RIGHTS_ALL, round);
  }
  reportRounds('mint a capability', since, overhead);
  since = now();
  let error: u64 = kernelInvoke(1, Invocation.CNodeRevoke, endpoint, 0, 0, 0);
  while (error === KernelError.Again) {
    error = kernelInvoke(1, Invocation.CNodeRevoke, endpoint, 0, 0, 0);
  }
  report('revoke an endpoint with 100 children', (now() - since - overhead) * REPEATS);
  since = now();
  for (let round: u64 = 0; round < ROUNDS; round += 2) {
    kernelInvoke(1, Invocation.CNodeMove, endpoint, first, 0, 0);
    kernelInvoke(1, Invocation.CNodeMove, first, endpoint, 0, 0);
  }
  reportRounds('move a capability', since, overhead);
  must(remove(endpoint), 'delete');
}

function measureMemory(overhead: u64): void {
  const region = make(ObjectKind.Region, 19);
  const attachment = freshSlot();
  const window = freshWindow(0x20_0000);
  const rights = MapRights.Read | MapRights.Write;
  must(invoke(region, Invocation.RegionAttach, ROOT_VSPACE_SLOT, attachment, 0, 0), 'attach');
  must(invoke(attachment, Invocation.AttachmentMap, 0, window, 1, rights), 'map');
  let since = now();
  for (let round: u64 = 1; round <= ROUNDS; round++) {
    kernelInvoke(attachment, Invocation.AttachmentMap, round << 12, window + (round << 12), 1, rights);
  }
  reportRounds('map a 4K page', since, overhead);
  since = now();
  for (let round: u64 = 1; round <= ROUNDS; round++) {
    kernelInvoke(ROOT_VSPACE_SLOT, Invocation.VSpaceUnmap, window + (round << 12), 1, 0, 0);
  }
  reportRounds('unmap a 4K page', since, overhead);
  since = now();
  must(invoke(attachment, Invocation.AttachmentMap, 0x1000, window + 0x1000, ROUNDS, rights), 'map');
  reportRounds('map a 4K page of 100 in one call', since, overhead);
  must(remove(attachment), 'delete');
  must(remove(region), 'delete');
}

function measureObjects(overhead: u64): void {
  const untyped = make(ObjectKind.Untyped, 20);
  const first = freshSlot();
  for (let more: u64 = 0; more < ROUNDS; more++) {
    freshSlot();
  }
  let since = now();
  for (let round: u64 = 0; round < ROUNDS; round++) {
    kernelInvoke(untyped, Invocation.UntypedRetype, ObjectKind.Frame, 12, first + round, 1);
  }
  reportRounds('retype one 4K frame', since, overhead);
  since = now();
  for (let round: u64 = 0; round < ROUNDS; round++) {
    kernelInvoke(1, Invocation.CNodeDelete, first + round, 0, 0, 0);
  }
  reportRounds('delete a frame', since, overhead);
  must(retypeOnce(untyped, ObjectKind.Endpoint, first), 'clear');
  since = now();
  for (let round: u64 = 1; round <= ROUNDS; round++) {
    kernelInvoke(untyped, Invocation.UntypedRetype, ObjectKind.Endpoint, 0, first + round, 1);
  }
  reportRounds('retype one endpoint', since, overhead);
  since = now();
  for (let round: u64 = 1; round <= ROUNDS; round++) {
    kernelInvoke(1, Invocation.CNodeDelete, first + round, 0, 0, 0);
  }
  reportRounds('delete an endpoint', since, overhead);
  since = now();
  for (let round: u64 = 1; round <= ROUNDS; round++) {
    kernelInvoke(untyped, Invocation.UntypedRetype, ObjectKind.Tcb, 0, first + round, 1);
  }
  reportRounds('retype one thread', since, overhead);
  since = now();
  for (let round: u64 = 1; round <= ROUNDS; round++) {
    kernelInvoke(first + round, Invocation.TcbConfigure, ROOT_CNODE_SLOT | (ROOT_VSPACE_SLOT << 32), 0, 0, 0);
    kernelInvoke(first + round, Invocation.TcbSetPriority, 100, 100, 0, 0);
    kernelInvoke(first + round, Invocation.TcbWriteRegisters, 0x1000, 0, 0, 0);
    kernelInvoke(first + round, Invocation.TcbResume, 0, 0, 0, 0);
  }
  reportRounds('configure, prioritize, point and resume a thread', since, overhead);
  since = now();
  for (let round: u64 = 1; round <= ROUNDS; round++) {
    kernelInvoke(1, Invocation.CNodeDelete, first + round, 0, 0, 0);
  }
  reportRounds('delete a thread', since, overhead);
  must(remove(first), 'delete');
  must(remove(untyped), 'delete');
}

function retypeOnce(untyped: u64, kind: ObjectKind, slot: u64): u64 {
  let error = kernelInvoke(untyped, Invocation.UntypedRetype, kind, 0, slot, 1);
  while (error === KernelError.Again) {
    error = kernelInvoke(untyped, Invocation.UntypedRetype, kind, 0, slot, 1);
  }
  return error;
}
