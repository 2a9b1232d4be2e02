/** Untyped: retype and its errors, reuse after everything has gone. */
import { KernelError } from '../../../lib/abi/error.js';
import { Invocation } from '../../../lib/abi/invocation.js';
import { ObjectKind } from '../../../lib/abi/object-kind.js';
import { RIGHT_READ } from '../../../lib/abi/rights.js';
import { invoke, invokeShort, result0, result1, result2 } from './arch/x86_64/kernel.js';
import { setWord, wordAt } from './arch/x86_64/memory.js';
import { check, expect, family } from './report.js';
import { freshSlot, largestUntyped, make, makeFrom, mapOwn, must, remove } from './setup.js';

const NO_SUCH_SLOT: u64 = 0x10_0000;

function retype(untyped: u64, kind: u64, bits: u64, slot: u64, count: u64): u64 {
  return invoke(untyped, Invocation.UntypedRetype, kind, bits, slot, count);
}

export function testUntyped(): void {
  family('untyped');
  const untyped = make(ObjectKind.Untyped, 16);
  const slot = freshSlot();
  const next = freshSlot();
  expect(retype(untyped, ObjectKind.Endpoint, 0, slot, 2), KernelError.None, 'retype makes two endpoints at once');
  expect(result0(), 2, 'retype says how many it made');
  expect(retype(untyped, ObjectKind.Endpoint, 0, next, 1), KernelError.SlotOccupied, 'a slot in use is SlotOccupied');
  expect(retype(untyped, ObjectKind.Endpoint, 0, 0, 0), KernelError.OutOfRange, 'a count of 0 is OutOfRange');
  expect(retype(untyped, ObjectKind.Endpoint, 0, 0, 257), KernelError.OutOfRange, 'a count of 257 is OutOfRange');
  expect(retype(untyped, ObjectKind.None, 0, 0, 1), KernelError.OutOfRange, 'kind None is OutOfRange');
  expect(retype(untyped, ObjectKind.IrqHandler, 0, 0, 1), KernelError.OutOfRange, 'a kind not made here is OutOfRange');
  expect(retype(untyped, ~ObjectKind.None, 0, 0, 1), KernelError.OutOfRange, 'a kind of all ones is OutOfRange');
  expect(retype(untyped, ObjectKind.Region, 11, 0, 1), KernelError.OutOfRange, 'a Region below a page is OutOfRange');
  expect(retype(untyped, ObjectKind.Frame, 13, 0, 1), KernelError.OutOfRange, 'a Frame of 8K is OutOfRange');
  expect(retype(untyped, ObjectKind.CNode, 15, 0, 1), KernelError.OutOfRange, 'a CNode of radix 15 is OutOfRange');
  expect(retype(untyped, ObjectKind.Tables, 23, 0, 1), KernelError.OutOfRange, 'Tables of 8M are OutOfRange');
  expect(retype(untyped, ObjectKind.Untyped, 5, 0, 1), KernelError.OutOfRange, 'an Untyped of 32 bytes is OutOfRange');
  expect(retype(untyped, ObjectKind.Endpoint, 0, NO_SUCH_SLOT, 1), KernelError.OutOfRange, 'no such slot: OutOfRange');
  expect(retype(untyped, ObjectKind.Endpoint, 0, freshSlot() | (slot << 32), 1), KernelError.WrongKind, 'not a CNode');
  const destination = freshSlot();
  expect(retype(untyped, ObjectKind.Region, 17, destination, 1), KernelError.OutOfMemory, 'too large: OutOfMemory');
  expect(retype(untyped, ObjectKind.Region, 15, destination, 1), KernelError.None, 'half of it fits beside the rest');
  const other = freshSlot();
  expect(retype(untyped, ObjectKind.Region, 15, other, 1), KernelError.OutOfMemory, 'but not twice');
  expect(invokeShort(untyped, Invocation.UntypedRetype, 3), KernelError.WrongLength, 'three words are WrongLength');
  expect(invoke(untyped, 0x7777, 0, 0, 0, 0), KernelError.UnknownInvocation, 'another label is UnknownInvocation');
  must(invoke(1, Invocation.CNodeRevoke, untyped, 0, 0, 0), 'revoke');
  expect(retype(untyped, ObjectKind.Region, 16, other, 1), KernelError.None, 'all of it is there again after Revoke');
  remove(other);
  remove(untyped);
  testStatus();
  testClearing();
  testRights();
}

function testStatus(): void {
  const untyped = make(ObjectKind.Untyped, 14);
  expect(invoke(untyped, Invocation.UntypedStatus, 0, 0, 0, 0), KernelError.None, 'status succeeds');
  const base = result0();
  expect(result1(), 14, 'status tells the bits');
  expect(result2(), 1 << 14, 'status tells what is free');
  const frame = makeFrom(untyped, ObjectKind.Frame, 12);
  must(invoke(frame, Invocation.MemoryStatus, 0, 0, 0, 0), 'status of the frame');
  expect(result0(), base, 'the first object lies at the start');
  must(invoke(untyped, Invocation.UntypedStatus, 0, 0, 0, 0), 'status');
  expect(result2(), (1 << 14) - 4096, 'and is no longer free');
  remove(frame);
  must(invoke(untyped, Invocation.UntypedStatus, 0, 0, 0, 0), 'status');
  expect(result2(), 1 << 14, 'until it is deleted');
  remove(untyped);
}

/** What one object leaves in memory, the next must not find. */
function testClearing(): void {
  const untyped = make(ObjectKind.Untyped, 13);
  const region = makeFrom(untyped, ObjectKind.Region, 13);
  const window = mapOwn(region, 13);
  setWord(window + 4096, 0x5ec2_e75e_c2e7);
  must(invoke(1, Invocation.CNodeRevoke, untyped, 0, 0, 0), 'revoke');
  const again = makeFrom(untyped, ObjectKind.Region, 13);
  expect(wordAt(mapOwn(again, 13) + 4096), 0, 'reused memory is clear');
  must(invoke(1, Invocation.CNodeRevoke, untyped, 0, 0, 0), 'revoke');
  remove(untyped);
  const large = make(ObjectKind.Untyped, 23);
  const whole = makeFrom(large, ObjectKind.Region, 23);
  remove(whole);
  const slot = freshSlot();
  expect(
    retype(large, ObjectKind.Region, 23, slot, 1),
    KernelError.Again,
    'clearing 8M takes more than one call: Again',
  );
  let calls: u64 = 1;
  while (retype(large, ObjectKind.Region, 23, slot, 1) === KernelError.Again && calls < 100) {
    calls++;
  }
  check(calls < 8, 'and ends after a few');
  remove(slot);
  remove(large);
}

function testRights(): void {
  const inner = make(ObjectKind.CNode, 4);
  const endpoint = make(ObjectKind.Endpoint, 0);
  const readOnly = freshSlot();
  must(invoke(1, Invocation.CNodeCopy, inner, readOnly, RIGHT_READ, 0), 'copy');
  expect(
    retype(largestUntyped(), ObjectKind.Endpoint, 0, 1 | (readOnly << 32), 1),
    KernelError.NoRight,
    'a CNode that may not be written is NoRight',
  );
  expect(
    retype(largestUntyped(), ObjectKind.Endpoint, 0, 1 | (inner << 32), 1),
    KernelError.None,
    'another CNode can be the destination',
  );
  expect(
    retype(largestUntyped(), ObjectKind.Endpoint, 0, 15 | (inner << 32), 2),
    KernelError.OutOfRange,
    'slots beyond its end are OutOfRange',
  );
  remove(readOnly);
  remove(inner);
  remove(endpoint);
}
