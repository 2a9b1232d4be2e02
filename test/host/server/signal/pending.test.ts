/**
 * The queue of pending signals against a model: standard signals coalesce and keep the first information, real-time ones
 * queue up to the limit, each signal's come out in order (signal(7)), and all memory comes back.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { compileServerTest, createMachine, type Machine } from '../memory/memory-program.js';

const DRIVER = `
import { bootInformationAt } from './arch/x86_64/window';
import { startMemory } from './boot';
import { bytesOfHeap } from './memory/heap';
import { PendingSignals, SignalInformation } from './signal/pending';
import { refill } from './wait/budget';
import { doChore } from './wait/chores';

const pending: PendingSignals = reserve();
const information: SignalInformation = reserve();

/** @entry test_start */
export function start(address: u64): void {
  startMemory(bootInformationAt(address));
}

/** @entry test_add */
export function add(signal: u32, value: u64, limit: u64): boolean {
  information.signal = signal;
  information.value = value;
  return pending.add(information, limit);
}

/** @entry test_take */
export function take(signal: u32): u64 {
  pending.take(signal, information);
  return information.value;
}

/** @entry test_discard */
export function discard(signals: u64): void {
  pending.discard(signals);
}

/** @entry test_finish */
export function finish(): void {
  while (doChore()) refill();
}

/** @entry test_set */
export function set(): u64 {
  return pending.set;
}

/** @entry test_heap */
export function heap(): u64 {
  return bytesOfHeap();
}
`;

const FIRST_REAL_TIME = 32;
const LIMIT = 6;
const bitOf = (signal: number) => 1n << BigInt(signal - 1);

let compiled: Awaited<ReturnType<typeof compileServerTest>>;
before(async () => {
  compiled = await compileServerTest('test-pending', DRIVER);
});

const step = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), signal: fc.constantFrom(1, 2, 17, 31, 32, 33, 64), value: fc.nat() }),
  fc.record({ kind: fc.constant('take' as const), choice: fc.nat() }),
  fc.record({ kind: fc.constant('discard' as const), signals: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }) }),
);

/** What is pending, oldest first. */
type Model = { signal: number; value: number }[];

function addTo(model: Model, signal: number, value: number): boolean {
  if (signal < FIRST_REAL_TIME) {
    if (!model.some((entry) => entry.signal === signal)) model.push({ signal, value });
    return true;
  }
  if (model.length >= LIMIT) return false;
  model.push({ signal, value });
  return true;
}

function check({ program }: Machine, model: Model): void {
  const expected = model.reduce((set, { signal }) => set | bitOf(signal), 0n);
  assert.equal(BigInt.asUintN(64, program.call('test_set')), expected);
}

test('pending signals are those that were sent and not taken, in order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const machine = createMachine(compiled.lowered, compiled.wasm);
      const { program } = machine;
      // The chore that frees what is discarded stays once there is one.
      program.call('test_add', BigInt(FIRST_REAL_TIME), 0n, 1n);
      program.call('test_discard', bitOf(FIRST_REAL_TIME));
      program.call('test_finish');
      const atStart = program.call('test_heap');
      let model: Model = [];
      for (const action of steps) {
        if (action.kind === 'add') {
          const added = program.call('test_add', BigInt(action.signal), BigInt(action.value), BigInt(LIMIT)) !== 0n;
          assert.equal(added, addTo(model, action.signal, action.value));
        } else if (action.kind === 'discard') {
          program.call('test_discard', action.signals);
          model = model.filter(({ signal }) => (action.signals & bitOf(signal)) === 0n);
        } else if (model.length > 0) {
          const { signal } = model[action.choice % model.length] as Model[number];
          const at = model.findIndex((entry) => entry.signal === signal);
          const [oldest] = model.splice(at, 1);
          assert.equal(program.call('test_take', BigInt(signal)), BigInt(oldest?.value ?? -1));
        }
        check(machine, model);
      }
      program.call('test_discard', (1n << 64n) - 1n);
      program.call('test_finish');
      assert.equal(program.call('test_set'), 0n);
      assert.equal(program.call('test_heap'), atStart);
    }),
    { numRuns: 60 },
  );
});
