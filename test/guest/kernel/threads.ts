/**
 * Threads in the root task's own spaces: each runs a role of main.ts's `thread`, and notes what it saw in `trace`, which
 * the tests compare. One CPU and different priorities make the order certain.
 */
import { ROOT_CNODE_SLOT, ROOT_PRIORITY, ROOT_TCB_SLOT, ROOT_VSPACE_SLOT } from '../../../lib/abi/boot-information.js';
import { Invocation } from '../../../lib/abi/invocation.js';
import { ObjectKind } from '../../../lib/abi/object-kind.js';
import { MapRights } from '../../../lib/abi/rights.js';
import { invoke, result2 } from './arch/x86_64/kernel.js';
import { Code, codeAddress, freshSlot, freshWindow, make, must } from './setup.js';

const MEMORY_BITS: u64 = 14;
const UTCB_OFFSET: u64 = 0x3000;

/** A thread's slots, and where the tests see its UTCB. */
export class Worker {
  tcb!: u64;
  region!: u64;
  attachment!: u64;
  window!: u64;
}

/** What threads did, in order. */
class Trace {
  length!: u64;
  events!: Fixed<u64, 64>;
}

const trace: Trace = reserve();
const NO_EVENT: u64 = 1 << 63;

export function clearTrace(): void {
  trace.length = 0;
}

export function note(event: u64): void {
  if (trace.length < 64) {
    trace.events[trace.length] = event;
    trace.length++;
  }
}

export function traceLength(): u64 {
  return trace.length;
}

/** Event `index`, or NO_EVENT if there were fewer. */
export function traced(index: u64): u64 {
  return index < trace.length ? trace.events[index] : NO_EVENT;
}

/** Where a worker's UTCB is. */
export function utcbOf(worker: Worker): u64 {
  return worker.window + UTCB_OFFSET;
}

/** A thread that will run `role`, with 12 KB of stack and a UTCB. Not resumed. */
export function prepare(worker: Worker, role: u64, priority: u64): void {
  worker.tcb = make(ObjectKind.Tcb, 0);
  worker.region = make(ObjectKind.Region, MEMORY_BITS);
  worker.attachment = freshSlot();
  must(invoke(worker.region, Invocation.RegionAttach, ROOT_VSPACE_SLOT, worker.attachment, 0, 0), 'attach worker');
  worker.window = freshWindow(0x4000);
  const rights = MapRights.Read | MapRights.Write;
  must(invoke(worker.attachment, Invocation.AttachmentMap, 0, worker.window, 4, rights), 'map worker');
  const spaces = ROOT_CNODE_SLOT | (ROOT_VSPACE_SLOT << 32);
  const pages = worker.attachment << 32;
  must(invoke(worker.tcb, Invocation.TcbConfigure, spaces, pages, UTCB_OFFSET, utcbOf(worker)), 'configure worker');
  must(invoke(worker.tcb, Invocation.TcbSetPriority, priority, 255, 0, 0), 'priority of worker');
  rewind(worker, role);
}

/** Lets a suspended worker start again, with another role. */
export function rewind(worker: Worker, role: u64): void {
  must(
    invoke(worker.tcb, Invocation.TcbWriteRegisters, codeAddress(Code.ThreadStart), utcbOf(worker), role, worker.tcb),
    'registers of worker',
  );
}

export function start(worker: Worker): void {
  must(invoke(worker.tcb, Invocation.TcbResume, 0, 0, 0, 0), 'resume worker');
}

export function stop(worker: Worker): void {
  must(invoke(worker.tcb, Invocation.TcbSuspend, 0, 0, 0, 0), 'suspend worker');
}

/** Suspended, with another role, and running. */
export function restart(worker: Worker, role: u64): void {
  stop(worker);
  rewind(worker, role);
  start(worker);
}

/** The worker's ThreadState, as TcbReadRegisters tells it. */
export function stateOf(worker: Worker): u64 {
  must(invoke(worker.tcb, Invocation.TcbReadRegisters, 0, 0, 0, 0), 'read registers');
  return result2();
}

/** Lets lower threads run until they wait or rest: the root task steps down for a moment. */
export function runLow(): void {
  must(invoke(ROOT_TCB_SLOT, Invocation.TcbSetPriority, 50, 255, 0, 0), 'lower');
  must(invoke(ROOT_TCB_SLOT, Invocation.TcbSetPriority, ROOT_PRIORITY, 255, 0, 0), 'raise');
}
