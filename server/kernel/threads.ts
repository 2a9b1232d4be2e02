/**
 * The kernel's part of a client's thread: a Tcb, the Reply that keeps it while it waits for us, and the message page in
 * which the kernel leaves its registers. They are kept in a pool and used again: making a thread is then two
 * invocations.
 *
 * Invariants: a thread's frame and segment bases are ours to change while it is in a call or suspended. Calls fail only
 * for want of memory; anything else would be a mistake of ours and stops the machine.
 */
import { KernelError } from '../../lib/abi/error';
import { Invocation } from '../../lib/abi/invocation';
import { ObjectKind } from '../../lib/abi/object-kind';
import type { Utcb } from '../../lib/abi/utcb';
import { copyMemory } from '../../lib/arch/x86_64/bytes';
import { invoke, ownUtcb, result0 } from '../arch/x86_64/kernel-call';
import { utcbAt } from '../arch/x86_64/window';
import type { AddressSpace } from '../memory/address-space';
import { takePage } from '../memory/pages';
import type { Thread } from '../process/thread';
import { serverEndpoint } from './endpoint';
import { makeObject } from './objects';
import { regionAt, regionOf } from './regions';
import { stop } from './stop';

/** Clients run below the server, so that a message to it always switches directly. */
const CLIENT_PRIORITY = 100;

export class KernelThread {
  tcb!: u64;
  reply!: u64;
  utcb!: Utcb;
  utcbFrame!: u32;
  /** What the Tcb had run for the threads that used it before. */
  ticksBefore!: u64;
  next!: KernelThread | null;
}

let pool: KernelThread | null = null;

function makeKit(): KernelThread | null {
  const tcb = makeObject(ObjectKind.Tcb, 0);
  if (tcb === 0) return null;
  const reply = makeObject(ObjectKind.Reply, 0);
  if (reply === 0) return null;
  const frame = takePage();
  if (frame === 0) return null;
  const kit = new KernelThread();
  kit.tcb = tcb;
  kit.reply = reply;
  kit.utcbFrame = frame;
  kit.utcb = utcbAt(frame);
  expect(invoke(tcb, Invocation.TcbSetPriority, CLIENT_PRIORITY, CLIENT_PRIORITY, 0, 0));
  const region = regionAt(regionOf(frame));
  const offset = ((frame as u64) - region.firstFrame) << 12;
  expect(invoke(tcb, Invocation.TcbConfigure, 0, region.attachment << 32, offset, 0));
  return kit;
}

/** Gives `thread` what it runs on, in `space`. It is stopped; its registers are zero. False: memory has run out. */
export function createKernelThread(thread: Thread, space: AddressSpace): boolean {
  let kit = pool;
  if (kit === null) {
    kit = makeKit();
    if (kit === null) return false;
  } else {
    pool = kit.next;
    kit.next = null;
  }
  const utcb = kit.utcb;
  utcb.fsBase = 0;
  utcb.gsBase = 0;
  thread.kernelThread = kit;
  thread.reply = kit.reply;
  thread.frame = utcb.frame;
  setSpace(kit, space);
  expect(
    invoke(kit.tcb, Invocation.TcbSetForeign, (serverEndpoint as u64) | (kit.reply << 32), addressOf(thread), 1, 0),
  );
  return true;
}

/** Changes only the address space: what is 0 stays as it is. */
function setSpace(kit: KernelThread, space: AddressSpace): void {
  expect(invoke(kit.tcb, Invocation.TcbConfigure, space.kit.slot << 32, 0, 0, 0));
}

/**
 * Moves a thread that is in a call to another address space (execve). The call has no answer then: the thread is
 * stopped, and goes on when it is resumed.
 */
export function changeSpace(thread: Thread, space: AddressSpace): void {
  const kit = kitOf(thread);
  expect(invoke(kit.tcb, Invocation.TcbSuspend, 0, 0, 0, 0));
  setSpace(kit, space);
  thread.wasSuspended = true;
}

/** Takes the kernel objects of a thread away; it never runs again, and its time has been counted. */
export function destroyKernelThread(thread: Thread): void {
  const kit = kitOf(thread);
  expect(invoke(kit.tcb, Invocation.TcbSuspend, 0, 0, 0, 0));
  thread.kernelThread = null;
  kit.ticksBefore += thread.countedTicks;
  kit.next = pool;
  pool = kit;
}

/** Stops a thread wherever it runs. */
export function suspendThread(thread: Thread): void {
  expect(invoke(kitOf(thread).tcb, Invocation.TcbSuspend, 0, 0, 0, 0));
}

/** Lets a stopped thread go on with the registers in its frame. */
export function resumeThread(thread: Thread): void {
  expect(invoke(kitOf(thread).tcb, Invocation.TcbResume, 0, 0, 0, 0));
}

/** Ticks that the thread has run outside the server. */
export function readAccounting(thread: Thread): u64 {
  expect(invoke(kitOf(thread).tcb, Invocation.TcbReadAccounting, 0, 0, 0, 0));
  return result0() - kitOf(thread).ticksBefore;
}

export function copyFpu(to: Thread, from: Thread): void {
  expect(invoke(kitOf(to).tcb, Invocation.TcbCopyFpu, kitOf(from).tcb, 0, 0, 0));
}

export function resetFpu(thread: Thread): void {
  expect(invoke(kitOf(thread).tcb, Invocation.TcbResetFpu, 0, 0, 0, 0));
}

/** Copies a thread's FPU state (FXSAVE or XSAVE layout) to `destination`, at most `limit` bytes; gives its size. */
export function saveFpu(thread: Thread, destination: u64, limit: u64): u64 {
  expect(invoke(kitOf(thread).tcb, Invocation.TcbReadFpu, 0, 0, 0, 0));
  const bytes = result0();
  copyMemory(destination, addressOf(ownUtcb().data), bytes < limit ? bytes : limit);
  return bytes;
}

/** Gives a thread the FPU state at `source`, `bytes` long; the kernel clears what no thread may set. */
export function loadFpu(thread: Thread, source: u64, bytes: u64): void {
  copyMemory(addressOf(ownUtcb().data), source, bytes);
  expect(invoke(kitOf(thread).tcb, Invocation.TcbWriteFpu, 0, 0, 0, 0));
}

export function fsBaseOf(thread: Thread): u64 {
  return kitOf(thread).utcb.fsBase;
}

export function gsBaseOf(thread: Thread): u64 {
  return kitOf(thread).utcb.gsBase;
}

/** Takes effect when the thread is answered with all registers (ResumeFull) or resumed. */
export function setFsBase(thread: Thread, base: u64): void {
  kitOf(thread).utcb.fsBase = base;
}

export function setGsBase(thread: Thread, base: u64): void {
  kitOf(thread).utcb.gsBase = base;
}

function kitOf(thread: Thread): KernelThread {
  const kit = thread.kernelThread;
  if (kit === null) stop('a dead thread was used');
  return kit;
}

function expect(error: u64): void {
  if (error !== KernelError.None) stop('the kernel refused to change a thread');
}
