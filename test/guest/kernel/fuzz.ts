/**
 * Random operations with random arguments by a thread that has only what was made for it: a capability table, an
 * Untyped and objects of every kind made from it. Whatever it does, the kernel must stand, nobody else may notice, and
 * revoking the Untyped must give all of it back. The seed is fixed, so a failure repeats.
 */
import { KernelError } from '../../../lib/abi/error.js';
import { Invocation } from '../../../lib/abi/invocation.js';
import { ObjectKind } from '../../../lib/abi/object-kind.js';
import { Operation } from '../../../lib/abi/operation.js';
import { invoke, operateAny, result2 } from './arch/x86_64/kernel.js';
import { check, expect, family, putLine, putNumber, putText } from './report.js';
import { Role } from './roles.js';
import { freshSlot, make, must, remove } from './setup.js';
import { prepare, rewind, runLow, start, stop, type Worker } from './threads.js';

const ROUNDS: u64 = 150;
const OPERATIONS: u64 = 500;
const TABLE_RADIX: u64 = 6;
const HOME_BITS: u64 = 21;
const UNTYPED_BITS: u64 = 20;
/** Where each family of invocations starts. */
const FAMILIES: readonly u64[] = [0x10, 0x20, 0x20, 0x30, 0x38, 0x40, 0x48, 0x50, 0x60, 0x70, 0x88, 0x94];

/** Slots of the fuzzing thread's own table. */
enum Own {
  Table = 1,
  Untyped = 2,
  FirstObject = 3,
}

class Fuzz {
  random!: u64;
  done!: u64;
  succeeded!: u64;
}

const fuzz: Fuzz = reserve();
const worker: Worker = reserve();

/** xorshift64 (Marsaglia 2003). */
function random(limit: u64): u64 {
  let value = fuzz.random;
  value ^= value << 13;
  value ^= value >>> 7;
  value ^= value << 17;
  fuzz.random = value;
  return (value >>> 11) % limit;
}

/** Mostly plausible, sometimes hostile. */
function argument(): u64 {
  const one: u64 = 1;
  switch (random(10)) {
    case 0:
      return random(64);
    case 1:
      return random(64) | (random(64) << 32);
    case 2:
      return random(1024) << 12;
    case 3:
      return one << random(64);
    case 4:
      return random(2) === 0 ? random(16) : (one << random(64)) - 1;
    case 5:
      return ~random(4096);
    case 6:
      return 0x40_0000 + (random(64) << 12);
    case 7:
      return random(0x1_0000_0000) * random(0x1_0000_0000);
    default:
      return random(20);
  }
}

/** What the fuzzing thread does until it is stopped. */
export function fuzzForEver(): void {
  for (;;) {
    fuzz.done++;
    const slot = random(3) === 0 ? random(3) : random(48);
    let operation: u64 = Operation.Call;
    if (random(8) === 0) {
      operation = random(16);
      if (operation === Operation.DebugPut) {
        operation = Operation.Poll;
      }
      operation |= (random(48) << 8) | (random(48) << 32);
    }
    const label = FAMILIES[random(FAMILIES.length)] + random(6);
    const length: u64 = random(16) === 0 ? random(256) : 4;
    const message = (label << 12) | length;
    if (operateAny(operation, slot, message, argument(), argument(), argument(), argument()) === KernelError.None) {
      fuzz.succeeded++;
    }
  }
}

/** Objects of every kind for the thread to start with; it will make and lose more. */
function stock(untyped: u64, table: u64): void {
  let slot: u64 = Own.FirstObject;
  for (let round = 0; round < 2; round++) {
    for (let kind: u64 = ObjectKind.CNode; kind <= ObjectKind.Namespace; kind++) {
      const bits: u64 = kind === ObjectKind.CNode ? 3 : 14;
      const size = kind === ObjectKind.Frame ? 12 : bits;
      if (kind !== ObjectKind.Attachment) {
        must(invoke(untyped, Invocation.UntypedRetype, kind, size, slot | (table << 32), 1), 'stock');
        slot++;
      }
    }
  }
}

/** Lets the thread run until it waits or stops itself, in one of many ways, and starts it again. */
function runOnce(): void {
  runLow();
  stop(worker);
  rewind(worker, Role.Fuzz);
  start(worker);
}

export function testRandom(): void {
  family('random operations');
  fuzz.random = 0x9e37_79b9_7f4a;
  prepare(worker, Role.Fuzz, 100);
  must(invoke(worker.tcb, Invocation.TcbSetPriority, 100, 100, 0, 0), 'priority');
  const home = make(ObjectKind.Untyped, HOME_BITS);
  const slots = freshSlot();
  freshSlot();
  freshSlot();
  let lost: u64 = 0;
  for (let round: u64 = 0; round < ROUNDS; round++) {
    if (!runRound(home, slots)) {
      lost++;
    }
  }
  expect(lost, 0, 'after each round every byte of memory is free again');
  putText('# succeeded: ');
  putNumber(fuzz.succeeded);
  putText(' of ');
  putNumber(fuzz.done);
  putLine('');
  check(fuzz.succeeded > fuzz.done / 100, 'some of them succeed');
  check(fuzz.succeeded < fuzz.done / 2, 'and most are refused');
  expect(remove(home), KernelError.None, 'the memory can be deleted');
  expect(remove(worker.tcb), KernelError.None, 'the thread can be deleted');
  expect(remove(worker.region), KernelError.None, 'and its memory');
}

/** A new object in a slot that is used again each round. */
function makeAt(slot: u64, untyped: u64, kind: ObjectKind, bits: u64): void {
  let error = invoke(untyped, Invocation.UntypedRetype, kind, bits, slot, 1);
  while (error === KernelError.Again) {
    error = invoke(untyped, Invocation.UntypedRetype, kind, bits, slot, 1);
  }
  must(error, 'retype');
}

/** One round with fresh objects; true if revoking them gives everything back. */
function runRound(home: u64, slots: u64): boolean {
  const untyped = slots;
  const table = slots + 1;
  const kept = slots + 2;
  makeAt(untyped, home, ObjectKind.Untyped, UNTYPED_BITS);
  makeAt(table, home, ObjectKind.CNode, TABLE_RADIX);
  stock(untyped, table);
  must(invoke(worker.tcb, Invocation.TcbConfigure, table, 0, 0, 0), 'configure');
  // The table's own capability and an Untyped go in last: from here on only the thread touches them.
  must(invoke(1, Invocation.CNodeCopy, table, Own.Table | (table << 32), 15, 0), 'its own table');
  must(invoke(untyped, Invocation.UntypedRetype, ObjectKind.Untyped, 18, kept, 1), 'its untyped');
  must(invoke(1, Invocation.CNodeMove, kept, Own.Untyped | (table << 32), 0, 0), 'move');
  const end = fuzz.done + OPERATIONS;
  start(worker);
  while (fuzz.done < end) {
    runOnce();
  }
  stop(worker);
  let error = invoke(1, Invocation.CNodeRevoke, home, 0, 0, 0);
  while (error === KernelError.Again) {
    error = invoke(1, Invocation.CNodeRevoke, home, 0, 0, 0);
  }
  must(error, 'revoke');
  must(invoke(home, Invocation.UntypedStatus, 0, 0, 0, 0), 'status');
  return result2() === 1 << HOME_BITS;
}
