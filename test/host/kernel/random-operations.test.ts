// Random native operations and invocations, with arguments from plausible to absurd, by whichever thread is current:
// after each one the kernel's invariants hold, and one that was refused has changed nothing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomFrom } from '../compiler/back/random-program.js';
import { compileKernel, DIRECT_MAP, KernelBox, type Registers, SLOT } from './box.js';
import { checkEverything } from './invariants.js';

const SEED = Number(process.env.KAIRO_SEED ?? 1);
const RUNS = Number(process.env.KAIRO_FUZZ_RUNS ?? (process.env.CI ? 60 : 12));
const OPERATIONS = 600;

const CALL = 3n;
const SLOTS = 40;
const kinds = [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12];
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
const LABELS = INVOCATIONS.flatMap(([, labels]) => labels);
const PARTIAL = new Set([...(process.env.WB ? [16n] : []), 17n, 18n, 20n, 21n, 22n]); // Cancelled, AlreadyMapped, NoTables, NotAttached, Again
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
    if (possible.length === 0 || this.random() < 0.08) return this.wild();
    const [kind, labels] = this.pick(possible);
    const label = BigInt(this.random() < 0.95 ? this.pick(labels) : this.pick(LABELS));
    let words: [bigint, bigint, bigint, bigint] = [this.word(), this.word(), this.word(), this.word()];
    if (label === 0x10n) {
      const made = this.pick(kinds);
      const bits = made === 1 ? 8 + this.below(8) : made === 2 ? 1 + this.below(5) : 12 + this.below(2);
      words = [BigInt(made), BigInt(bits), this.place(), BigInt(1 + this.below(3))];
    } else if (label >= 0x20n && label <= 0x24n) {
      words = [this.slot(), this.place(), this.random() < 0.5 ? 15n : BigInt(this.below(16)), this.word()];
    } else if (label === 0x30n && this.random() < 0.8) {
      const one = (wanted: number) => BigInt(this.pick(present.get(wanted) ?? [0]));
      words = [one(2) | (one(10) << 32n), one(4) | (one(8) << 32n), 0n, 0x10000n];
    } else if (label === 0x34n) {
      words = [BigInt(this.below(120)), BigInt(this.below(256)), 0n, 0n];
    }
    const length = this.random() < 0.97 ? 4n : BigInt(this.below(5));
    return {
      operation: CALL,
      pointer: BigInt(this.pick(present.get(kind) as number[])),
      message: (label << 12n) | length,
      words,
    };
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
    for (let thread = 10; thread < 14; thread++) {
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
      words: [this.word(), this.word(), this.word(), this.word()],
    };
  }

  /** Any operation on any pointer. */
  wild(): Registers {
    const operation =
      BigInt(1 + this.below(12)) | (this.slot() << 8n) | (this.random() < 0.6 ? this.slot() << 32n : 0n);
    const label = BigInt(this.random() < 0.5 ? this.pick(LABELS) : this.below(0x100));
    const message = (label << 12n) | BigInt(this.below(6)) | (this.random() < 0.2 ? BigInt(this.below(5)) << 8n : 0n);
    const pointer = this.random() < 0.9 ? this.slot() : this.pick(ABSURD);
    return { operation, pointer, message, words: [this.word(), this.word(), this.word(), this.word()] };
  }
}

/** Bytes that a refused operation may change: the caller's registers and how it goes back. */
function callerBytes(box: KernelBox, caller: bigint): [start: number, end: number] {
  const start = Number(caller - DIRECT_MAP);
  return [start, start + box.program.sizeOf('Tcb')];
}

function checkUnchanged(box: KernelBox, before: Uint8Array, caller: bigint, what: string): void {
  const after = box.ram;
  const [start, end] = callerBytes(box, caller);
  const same = (from: number, to: number) => Buffer.compare(before.subarray(from, to), after.subarray(from, to)) === 0;
  assert.ok(same(0, start) && same(end, after.length), `${what} was refused and changed memory`);
}

function describe({ operation, pointer, message, words }: Registers): string {
  const hex = (value: bigint) => value.toString(16);
  return `operation ${hex(operation)} on ${hex(pointer)}, message ${hex(message)}, words ${words.map(hex).join(' ')}`;
}

test(`${RUNS} runs of ${OPERATIONS} random operations keep every invariant`, async (context) => {
  const kernel = await compileKernel('kernel-random');
  const results = new Map<bigint, number>();
  for (let seed = SEED; seed < SEED + RUNS; seed++) {
    const box = new KernelBox(kernel);
    const operator = new Operator(seed);
    const trace: string[] = [];
    checkEverything(box);
    operator.prepare(box);
    const talkative = operator.below(3);
    for (let step = 0; step < OPERATIONS; step++) {
      const caller = box.current;
      if (caller === box.call('idle')) break; // everybody waits for ever
      const choice = operator.below(10);
      const registers =
        choice < talkative * 4 ? operator.talk() : choice === 9 ? operator.wild() : operator.invocation(box);
      trace.push(describe(registers));
      const before = box.ram.slice();
      try {
        if (operator.below(40) === 0) box.tick();
        const runs = box.current;
        box.operate(registers);
        const frame = box.program.fieldAddress('Tcb', 'frame', runs);
        const error = box.field('Frame', 'rax', frame);
        const native = box.field('Tcb', 'state', runs) === 1n;
        results.set(error, (results.get(error) ?? 0) + 1);
        if (native && error !== 0n && !PARTIAL.has(error) && runs === caller) {
          checkUnchanged(box, before, caller, describe(registers));
        }
        checkEverything(box);
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        assert.fail(`seed ${seed}, step ${step}: ${text}\n${trace.slice(-6).join('\n')}`);
      }
    }
  }
  const named = [...results].sort((a, b) => Number(a[0] - b[0])).map(([error, count]) => `${error}: ${count}`);
  context.diagnostic(`results by error number: ${named.join(', ')}`);
  assert.ok((results.get(0n) ?? 0) > RUNS * 20, 'many operations succeed');
});
