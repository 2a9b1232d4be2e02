// Random native operations and invocations, with arguments from plausible to absurd, by whichever thread is current:
// after each one the kernel's invariants hold, and one that was refused has changed nothing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentedInvocations, documentedOperations, ERRORS, errorName } from '../../documented-errors.js';
import { effort, seed as firstSeed } from '../../seed.js';
import { randomFrom } from '../compiler/back/random-program.js';
import type { CompiledProgram } from '../program.js';
import { compileKernel, DIRECT_MAP, KernelBox, RAM_BYTES, type Registers, SLOT } from './box.js';
import { checkEverything, Kind } from './invariants.js';

const RUNS = 15 * effort;
const OPERATIONS = 600;

const CALL = 3n;
const SLOTS = 40;
type Words = readonly [bigint, bigint, bigint, bigint];
/** What UntypedRetype makes. */
const MADE = [1, 2, 3, 4, 5, 6, 7, 7, 9, 9, 10, 11, 11, 12] as Kind[];
const INVOCATIONS = [
  [1, [0x10, 0x10, 0x10, 0x11]],
  [2, [0x20, 0x20, 0x21, 0x21, 0x22, 0x23, 0x23, 0x24]],
  [3, [0x30, 0x30, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e]],
  [7, [0x40, 0x41]],
  [8, [0x48]],
  [9, [0x50, 0x51, 0x41]],
  [10, [0x60, 0x61, 0x62, 0x63, 0x64]],
  [12, [0x70, 0x71, 0x72]],
  [13, [0x80]],
  [14, [0x88, 0x89]],
  [16, [0xa0, 0xa1, 0xa2]],
] as const;
const LABELS: readonly number[] = INVOCATIONS.flatMap(([, labels]) => labels);
/** Cancelled, AlreadyMapped, NoTables, NotAttached, Again: they say how far the operation came. */
const PARTIAL = new Set([17n, 18n, 20n, 21n, 22n]);
const WOULD_BLOCK = 16n;
const UNKNOWN_OPERATION: ReadonlySet<number> = new Set([1]);
/** Or InvalidState, where the capability is being deleted. */
const UNKNOWN_INVOCATION: ReadonlySet<number> = new Set([6, 27]);
const ABSURD = [0n, 1n, 0xffff_ffffn, 1n << 32n, (1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 1n, 0xffff_8000_0000_0000n];

class Operator {
  private readonly random: () => number;

  constructor(seed: number) {
    this.random = randomFrom(seed);
  }

  below(bound: number): number {
    return Math.floor(this.random() * bound);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  private slot(): bigint {
    return BigInt(this.below(SLOTS));
  }

  /** A slot argument: mostly the root CNode, sometimes another CNode. */
  private place(): bigint {
    return this.slot() | (this.random() < 0.15 ? this.slot() << 32n : 0n);
  }

  private word(): bigint {
    const choice = this.below(10);
    if (choice < 4) return this.slot();
    if (choice < 6) return this.place();
    if (choice < 7) return BigInt(this.below(4)) * 0x1000n;
    if (choice < 8) return BigInt(this.below(256));
    if (choice < 9) return this.slot() | (this.slot() << 32n);
    return this.pick(ABSURD);
  }

  /** An invocation of a capability that is really of that kind, if there is one among the first slots. */
  invocation(box: KernelBox): Registers {
    const present = new Map<number, number[]>();
    const cspace = box.field('Tcb', 'cspace', box.current);
    for (let index = 1; index < SLOTS && cspace !== 0n; index++) {
      const kind = Number(box.field('Capability', 'kind', cspace + BigInt(index * 64)));
      if (kind !== 0) present.set(kind, [...(present.get(kind) ?? []), index]);
    }
    const possible = INVOCATIONS.filter(([kind]) => present.has(kind));
    if (possible.length === 0 || this.random() < 0.04) return this.wild();
    const [kind, labels] = this.pick(possible);
    const label = BigInt(this.random() < 0.95 ? this.pick(labels) : this.pick(LABELS));
    const words = this.random() < 0.8 ? this.plausible(Number(label), present) : this.words();
    const length = this.random() < 0.97 ? 4n : BigInt(this.below(5));
    return {
      operation: CALL,
      pointer: BigInt(this.pick(present.get(kind) as number[])),
      message: (label << 12n) | length,
      words,
    };
  }

  private words(): Words {
    return [this.word(), this.word(), this.word(), this.word()];
  }

  /** Arguments that may well be right, for a caller that has the capabilities in `present` (kind -> slots). */
  private plausible(label: number, present: ReadonlyMap<number, readonly number[]>): Words {
    const one = (kind: Kind): bigint => BigInt(this.pick(present.get(kind) ?? [0]));
    const both = (low: bigint, high: bigint) => low | (high << 32n);
    const page = () => BigInt(this.below(4)) * 0x1000n;
    const rights = () => BigInt(this.below(8));
    const address = () => BigInt(this.below(3)) * 0x20_0000n + page();
    const pages = () => BigInt(1 + this.below(4));
    switch (label) {
      case 0x10: {
        const made = this.pick(MADE);
        const bits =
          made === Kind.Untyped ? 8 + this.below(8) : made === Kind.CNode ? 1 + this.below(5) : 12 + this.below(2);
        return [BigInt(made), BigInt(bits), this.place(), BigInt(1 + this.below(3))];
      }
      case 0x20:
      case 0x21:
      case 0x22:
      case 0x23:
      case 0x24:
        return [this.slot(), this.place(), this.random() < 0.5 ? 15n : BigInt(this.below(16)), this.word()];
      case 0x30:
        return [
          both(one(Kind.CNode), one(Kind.VSpace)),
          both(one(Kind.Endpoint), one(Kind.Attachment)),
          page(),
          0x10000n,
        ];
      case 0x31:
        return [both(one(Kind.Endpoint), one(Kind.Reply)), this.word(), BigInt(this.below(3)), 0n];
      case 0x34:
        return [BigInt(this.below(120)), BigInt(this.below(256)), 0n, 0n];
      case 0x38:
        return [one(Kind.Tcb), 0n, 0n, 0n];
      case 0x3c:
      case 0x88:
      case 0xa1:
        return [one(Kind.Notification), this.word(), 0n, 0n];
      case 0x3e:
        return [one(Kind.Namespace), 0n, 0n, 0n];
      case 0x40:
        return [one(Kind.VSpace), this.place(), 0n, 0n];
      case 0x48:
        return [page(), address(), pages(), rights()];
      case 0x50:
        return [one(Kind.VSpace), address(), rights(), 0n];
      case 0x60:
        return [one(Kind.Tables), 0n, 0n, 0n];
      case 0x61:
        return [address(), pages(), 0n, 0n];
      case 0x62:
        return [address(), pages(), rights(), 0n];
      case 0x63:
        return [one(Kind.VSpace), address(), pages(), rights() | (rights() << 8n)];
      case 0x64:
        return [address(), 0n, 0n, 0n];
      case 0x70:
        return [one(Kind.CNode), 0n, 0n, 0n];
      case 0x71:
        return [one(Kind.VSpace), 0n, 0n, 0n];
      case 0x72:
        return [
          one(Kind.Namespace),
          BigInt(this.below(8)) | ((this.random() < 0.5 ? 15n : rights()) << 8n),
          one(Kind.CNode),
          one(Kind.VSpace),
        ];
      case 0x80:
        return [BigInt(this.below(20)), this.place(), 0n, 0n];
      default:
        return this.words();
    }
  }

  /** Several threads, endpoints, Replies and a notification, so that there is somebody to talk to. */
  prepare(box: KernelBox): void {
    const call = (pointer: number, label: number, ...words: (number | bigint)[]) => {
      const [a, b, c, d] = [0, 1, 2, 3].map((index) => BigInt(words[index] ?? 0)) as [bigint, bigint, bigint, bigint];
      box.operate({
        operation: CALL,
        pointer: BigInt(pointer),
        message: (BigInt(label) << 12n) | 4n,
        words: [a, b, c, d],
      });
      const frame = box.program.fieldAddress('Tcb', 'frame', box.current);
      assert.equal(box.field('Frame', 'rax', frame), 0n, `preparing: invocation ${label.toString(16)}`);
    };
    const { untyped, cnode, space } = SLOT;
    call(untyped, 0x10, 3, 0, 10, 4); // threads
    call(untyped, 0x10, 4, 0, 14, 2); // endpoints
    call(untyped, 0x10, 6, 0, 16, 3); // Replies
    call(untyped, 0x10, 5, 0, 19, 1); // a notification
    call(untyped, 0x10, 2, 4, 20, 1); // a table
    call(untyped, 0x10, 10, 0, 21, 1); // an address space, with page tables
    call(untyped, 0x10, 11, 14, 22, 2);
    call(21, 0x60, 22);
    call(space, 0x60, 23);
    call(untyped, 0x10, 7, 14, 24, 1); // memory, attached to both
    call(24, 0x40, 21, 25);
    call(24, 0x40, space, 26);
    call(untyped, 0x10, 12, 0, 27, 2); // name spaces: one complete, one empty
    call(27, 0x70, cnode);
    call(27, 0x71, space);
    call(13, 0x30, BigInt(cnode) | (21n << 32n), 14n | (25n << 32n), 0x1000, 0x40_0000); // a foreign thread
    call(13, 0x31, 14n | (18n << 32n), 77, 1);
    call(13, 0x34, 85, 255);
    call(13, 0x36);
    for (let thread = 10; thread < 13; thread++) {
      call(thread, 0x30, BigInt(cnode) | (BigInt(space) << 32n), 0, 0, 0);
      call(thread, 0x34, 80 + this.below(20), 255);
      call(thread, 0x36);
    }
    call(SLOT.tcb, 0x34, 90, 255);
  }

  /** A message operation on one of the prepared endpoints or the notification. */
  talk(): Registers {
    const operation = this.pick([1n, 2n, 3n, 3n, 3n, 4n, 4n, 5n, 6n, 7n, 7n, 8n, 9n, 10n, 11n]);
    const notification = operation >= 8n && operation <= 10n;
    const reply = () => BigInt(this.random() < 0.85 ? 16 + this.below(3) : 0);
    const packed = operation | (operation === 6n || operation === 7n ? reply() << 8n : 0n) | (reply() << 32n);
    return {
      operation: operation >= 4n && operation <= 7n ? packed : operation,
      pointer: BigInt(notification ? 19 : 14 + this.below(2)),
      message: (BigInt(this.below(100)) << 12n) | BigInt(this.below(5)),
      words: this.words(),
    };
  }

  /** Any operation on any pointer. */
  wild(): Registers {
    const operation =
      BigInt(1 + this.below(12)) | (this.slot() << 8n) | (this.random() < 0.6 ? this.slot() << 32n : 0n);
    const label = BigInt(this.random() < 0.5 ? this.pick(LABELS) : this.below(0x100));
    const message = (label << 12n) | BigInt(this.below(6)) | (this.random() < 0.2 ? BigInt(this.below(5)) << 8n : 0n);
    const pointer = this.random() < 0.9 ? this.slot() : this.pick(ABSURD);
    return { operation, pointer, message, words: this.words() };
  }
}

/** Bytes that a refused operation may change: the caller's registers and how it goes back. */
function callerBytes(box: KernelBox, caller: bigint): [start: number, end: number] {
  const start = Number(caller - DIRECT_MAP);
  return [start, start + box.program.sizeOf('Tcb')];
}

function checkUnchanged(box: KernelBox, before: Uint8Array, caller: bigint, error: bigint): void {
  const after = box.ram;
  const [start, end] = callerBytes(box, caller);
  for (const [from, to] of [
    [0, start],
    [end, after.length],
  ] as const) {
    if (Buffer.compare(before.subarray(from, to), after.subarray(from, to)) === 0) continue;
    const at = from + before.subarray(from, to).findIndex((byte, index) => byte !== after[from + index]);
    assert.fail(`refused with error ${error}, it changed the byte at 0x${at.toString(16)}`);
  }
}

const possibleOfInvocation = new Map(documentedInvocations().map(({ code, possible }) => [code, possible]));
const possibleOfOperation = new Map(documentedOperations().map(({ code, possible }) => [code, possible]));

/** What lib/abi says that the operation may give: an invocation, if it is a Call of something that is no Endpoint. */
function documentedFor(box: KernelBox, { operation, pointer, message }: Registers): ReadonlySet<number> {
  const caller = box.current;
  // What a pointer into a CSpace that is not flat leads to is not worked out here.
  if (pointer >= box.field('Tcb', 'cspaceLimit', caller)) return new Set(ERRORS.values());
  const slot = box.field('Tcb', 'cspace', caller) + pointer * 64n;
  const kind = Number(box.field('Capability', 'kind', slot));
  if ((operation & 0xffn) !== CALL || kind === Kind.None || kind === Kind.Endpoint) {
    return possibleOfOperation.get(Number(operation & 0xffn)) ?? UNKNOWN_OPERATION;
  }
  return possibleOfInvocation.get(Number(message >> 12n)) ?? UNKNOWN_INVOCATION;
}

/** A receive that would wait has refused the callers that it could not have answered. */
function mayHaveChanged(error: bigint, { operation }: Registers): boolean {
  return PARTIAL.has(error) || (error === WOULD_BLOCK && (operation & 0xffn) === 5n);
}

function prepared(kernel: CompiledProgram, operator: Operator): KernelBox {
  const box = new KernelBox(kernel);
  operator.prepare(box);
  checkEverything(box);
  return box;
}

function describe({ operation, pointer, message, words }: Registers): string {
  const hex = (value: bigint) => value.toString(16);
  return `operation ${hex(operation)} on ${hex(pointer)}, message ${hex(message)}, words ${words.map(hex).join(' ')}`;
}

/** Does `work`; what it throws gets the seed and the last operations. */
function checked(seed: number, step: number, trace: readonly string[], work: () => void): void {
  try {
    work();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    assert.fail(`seed ${seed}, step ${step}: ${text}\n${trace.slice(-6).join('\n')}`);
  }
}

test(`${RUNS} runs of ${OPERATIONS} random operations keep every invariant`, async (context) => {
  const kernel = await compileKernel('kernel-random');
  const results = new Map<bigint, number>();
  const done = new Set<number>();
  const before = new Uint8Array(RAM_BYTES);
  const outside = { faults: 0, systemCalls: 0 };
  for (let seed = firstSeed; seed < firstSeed + RUNS; seed++) {
    const operator = new Operator(seed);
    let box = prepared(kernel, operator);
    const trace: string[] = [];
    const talkative = operator.below(3);
    for (let step = 0; step < OPERATIONS; step++) {
      if (operator.below(40) === 0) box.tick();
      const caller = box.current;
      if (caller === box.call('idle') || box.field('Tcb', 'cspaceLimit', caller) === 0n) {
        box = prepared(kernel, operator); // everybody waits for ever, or can name nothing any more
        continue;
      }
      const foreign = box.field('Tcb', 'foreign', caller) !== 0n;
      if (foreign || operator.below(50) === 0) {
        const isFault = !foreign || operator.below(6) === 0;
        trace.push(`${isFault ? 'a fault' : 'a system call'} of ${caller.toString(16)}`);
        if (isFault) box.fault(14n, 6n, 0x1234n);
        else box.systemCall();
        outside[isFault ? 'faults' : 'systemCalls']++;
        checked(seed, step, trace, () => checkEverything(box));
        continue;
      }
      const choice = operator.below(10);
      const registers =
        choice < talkative * 4 ? operator.talk() : choice === 9 ? operator.wild() : operator.invocation(box);
      trace.push(describe(registers));
      checked(seed, step, trace, () => {
        before.set(box.ram);
        const documented = documentedFor(box, registers);
        box.operate(registers);
        const frame = box.program.fieldAddress('Tcb', 'frame', caller);
        const error = box.field('Frame', 'rax', frame);
        const native = box.field('Tcb', 'state', caller) === 1n;
        results.set(error, (results.get(error) ?? 0) + 1);
        const label = registers.message >> 12n;
        if (error === 0n && registers.operation === CALL && LABELS.includes(Number(label))) done.add(Number(label));
        if (native) assert.ok(documented.has(Number(error)), `${errorName(Number(error))} is not documented for it`);
        if (native && error !== 0n && !mayHaveChanged(error, registers)) checkUnchanged(box, before, caller, error);
        checkEverything(box);
      });
    }
  }
  const named = [...results].sort((a, b) => Number(a[0] - b[0])).map(([error, count]) => `${error}: ${count}`);
  context.diagnostic(`results by error number: ${named.join(', ')}`);
  context.diagnostic(`${outside.systemCalls} foreign system calls, ${outside.faults} faults`);
  assert.ok(outside.systemCalls > 0 && outside.faults > 0);
  const never = LABELS.filter((label) => !done.has(label)).map((label) => label.toString(16));
  context.diagnostic(`invocations that never succeeded: ${[...new Set(never)].join(' ') || 'none'}`);
  assert.ok((results.get(0n) ?? 0) > RUNS * 50, 'many operations succeed');
});
