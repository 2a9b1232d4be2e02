/**
 * What the tests build on: slots, objects from one large Untyped, and child threads in address spaces of their own.
 * A child's memory is one Region of 64 KB, attached to its address space and to the root task's, where it appears at
 * `window`: code at 0, stack up to 0x8000, UTCB at 0x8000.
 */
import { type BootInformation, FIRST_UNTYPED_SLOT, ROOT_VSPACE_SLOT } from '../../../lib/abi/boot-information.js';
import { KernelError } from '../../../lib/abi/error.js';
import { Invocation } from '../../../lib/abi/invocation.js';
import { ObjectKind } from '../../../lib/abi/object-kind.js';
import { MapRights, RIGHTS_ALL } from '../../../lib/abi/rights.js';
import { invoke } from './arch/x86_64/kernel.js';
import { copy, utcbAt, wordAt } from './arch/x86_64/memory.js';
import { putLine, putNumber, putText } from './report.js';

export const CODE_ADDRESS: u64 = 0x10000;
export const UTCB_OFFSET: u64 = 0x8000;
const STACK_TOP: u64 = 0x18000;
const WINDOW_BASE: u64 = 0x1_0000_0000;
const REGION_BITS: u64 = 16;
const CHILD_RADIX: u64 = 4;

/** Indexes into the table of addresses that start.asm passes. */
export enum Code {
  ThreadStart = 0,
  Caller = 1,
  Foreign = 3,
  Fault = 5,
  Measure = 7,
  MeasureForeign = 9,
}

class Setup {
  untyped!: u64;
  nextSlot!: u64;
  addresses!: u64;
  windows!: u64;
}

const setup: Setup = reserve();

export class Child {
  tcb!: u64;
  cnode!: u64;
  vspace!: u64;
  tables!: u64;
  region!: u64;
  attachment!: u64;
  ownAttachment!: u64;
  endpoint!: u64;
  reply!: u64;
  window!: u64;
}

export function initialize(boot: BootInformation, addresses: u64): void {
  let largest: u64 = 0;
  for (let index: u64 = 0; index < boot.untypedCount; index++) {
    if (boot.untyped[index].bits > boot.untyped[largest].bits) {
      largest = index;
    }
  }
  setup.untyped = FIRST_UNTYPED_SLOT + largest;
  setup.nextSlot = boot.firstFreeSlot;
  setup.addresses = addresses;
  setup.windows = WINDOW_BASE;
}

export function codeAddress(code: Code): u64 {
  return wordAt(setup.addresses + code * 8);
}

export function freshSlot(): u64 {
  setup.nextSlot++;
  return setup.nextSlot - 1;
}

export function largestUntyped(): u64 {
  return setup.untyped;
}

/** What must succeed for a test to make sense; says where it did not. */
export function must(error: u64, what: string): void {
  if (error !== 0) {
    putText('Bail out! ');
    putText(what);
    putText(': error ');
    putNumber(error);
    putLine('');
  }
}

/** A new object; returns its slot. */
export function make(kind: ObjectKind, bits: u64): u64 {
  return makeFrom(setup.untyped, kind, bits);
}

/** A new object from a given Untyped. */
export function makeFrom(untyped: u64, kind: ObjectKind, bits: u64): u64 {
  const slot = freshSlot();
  let error = invoke(untyped, Invocation.UntypedRetype, kind, bits, slot, 1);
  while (error === KernelError.Again) {
    error = invoke(untyped, Invocation.UntypedRetype, kind, bits, slot, 1);
  }
  must(error, 'retype');
  return slot;
}

/** An address range of the root task that nobody uses yet. */
export function freshWindow(bytes: u64): u64 {
  setup.windows += bytes;
  return setup.windows - bytes;
}

/** Memory of the root task itself: a Region of 2^bits bytes, mapped; returns its address. */
export function mapOwn(region: u64, bits: u64): u64 {
  const one: u64 = 1;
  const attachment = freshSlot();
  must(invoke(region, Invocation.RegionAttach, ROOT_VSPACE_SLOT, attachment, 0, 0), 'attach');
  const window = freshWindow(one << bits);
  const rights = MapRights.Read | MapRights.Write;
  must(invoke(attachment, Invocation.AttachmentMap, 0, window, one << (bits - 12), rights), 'map');
  return window;
}

/** Fills `child` with an address space that holds a copy of a piece of code, and a thread that is not yet configured. */
export function makeSpace(child: Child, code: Code): void {
  child.vspace = make(ObjectKind.VSpace, 0);
  child.tables = make(ObjectKind.Tables, 15);
  child.region = make(ObjectKind.Region, REGION_BITS);
  child.attachment = freshSlot();
  child.ownAttachment = freshSlot();
  must(invoke(child.vspace, Invocation.VSpaceSupply, child.tables, 0, 0, 0), 'supply');
  must(invoke(child.region, Invocation.RegionAttach, child.vspace, child.attachment, 0, 0), 'attach child');
  must(invoke(child.region, Invocation.RegionAttach, ROOT_VSPACE_SLOT, child.ownAttachment, 0, 0), 'attach own');
  child.window = freshWindow(0x10000);
  const writable = MapRights.Read | MapRights.Write;
  const all = writable | MapRights.Execute;
  must(invoke(child.ownAttachment, Invocation.AttachmentMap, 0, child.window, 16, writable), 'map own');
  must(invoke(child.attachment, Invocation.AttachmentMap, 0, CODE_ADDRESS, 16, all), 'map child');
  copy(child.window, codeAddress(code), codeAddress(code + 1) - codeAddress(code));
  child.tcb = make(ObjectKind.Tcb, 0);
  child.endpoint = make(ObjectKind.Endpoint, 0);
  child.reply = make(ObjectKind.Reply, 0);
}

/** A native thread in its own space: its capability 1 is `child.endpoint` with `badge`. Not resumed. */
export function makeNative(child: Child, code: Code, badge: u64, priority: u64): void {
  makeSpace(child, code);
  child.cnode = make(ObjectKind.CNode, CHILD_RADIX);
  must(
    invoke(1, Invocation.CNodeMint, child.endpoint, 1 | (child.cnode << 32), RIGHTS_ALL, badge),
    'mint for the child',
  );
  const spaces = child.cnode | (child.vspace << 32);
  const pages = child.attachment << 32;
  must(invoke(child.tcb, Invocation.TcbConfigure, spaces, pages, UTCB_OFFSET, CODE_ADDRESS + UTCB_OFFSET), 'configure');
  must(invoke(child.tcb, Invocation.TcbSetPriority, priority, 255, 0, 0), 'priority');
  must(invoke(child.tcb, Invocation.TcbWriteRegisters, CODE_ADDRESS, STACK_TOP, 0, 0), 'registers');
}

/** A foreign thread: its system calls and faults come to `child.endpoint` with `badge`. Not resumed. */
export function makeForeign(child: Child, code: Code, badge: u64, priority: u64): void {
  makeSpace(child, code);
  const spaces = child.vspace << 32;
  const pages = child.attachment << 32;
  must(invoke(child.tcb, Invocation.TcbConfigure, spaces, pages, UTCB_OFFSET, CODE_ADDRESS + UTCB_OFFSET), 'configure');
  must(invoke(child.tcb, Invocation.TcbSetForeign, child.endpoint | (child.reply << 32), badge, 1, 0), 'set foreign');
  must(invoke(child.tcb, Invocation.TcbSetPriority, priority, 255, 0, 0), 'priority');
  const frame = utcbAt(child.window + UTCB_OFFSET).frame;
  frame.rip = CODE_ADDRESS;
  frame.rsp = STACK_TOP;
  frame.rflags = 0x202;
}

/** Threads, memory and all of a child; afterwards its memory is free. */
export function destroy(child: Child): void {
  must(remove(child.tcb), 'delete thread');
  must(remove(child.attachment), 'delete attachment');
  must(remove(child.ownAttachment), 'delete own attachment');
  must(remove(child.vspace), 'delete space');
}

/** Deletes a capability of the root CNode, as often as it takes. */
export function remove(slot: u64): u64 {
  let error = invoke(1, Invocation.CNodeDelete, slot, 0, 0, 0);
  while (error === KernelError.Again) {
    error = invoke(1, Invocation.CNodeDelete, slot, 0, 0, 0);
  }
  return error;
}
