/** Numbers of processes: one in use is never given again, whatever comes and goes and however often they wrap. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { compileServerTest, createMachine } from '../memory/memory-program.js';

const DRIVER = `
import { bootInformationAt } from './arch/x86_64/window';
import { startMemory } from './boot';
import { bytesOfHeap } from './memory/heap';
import { PidNamespace } from './process/pid-namespace';

const pids: PidNamespace = reserve();

/** @entry test_start */
export function start(address: u64): void {
  startMemory(bootInformationAt(address));
}

/** @entry test_claim */
export function claim(): i64 {
  const record = pids.claim();
  return record === null ? 0 : record.number;
}

/** @entry test_settle */
export function settle(number: i32): boolean {
  const record = pids.find(number);
  if (record === null) return false;
  pids.settle(record);
  return true;
}

/** @entry test_isUsed */
export function isUsed(number: i32): boolean {
  return pids.find(number) !== null;
}

/** @entry test_continueAfter */
export function continueAfter(number: i32): void {
  pids.last = number;
}

/** @entry test_heap */
export function heap(): u64 {
  return bytesOfHeap();
}
`;

const LIMIT = 32768;
const FIRST_AFTER_WRAP = 300;

let compiled: Awaited<ReturnType<typeof compileServerTest>>;
before(async () => {
  compiled = await compileServerTest('test-pids', DRIVER);
});

test('a number in use is never given again', () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.constant({ kind: 'claim' as const, choice: 0 }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('settle' as const), choice: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('jump' as const), choice: fc.nat(LIMIT - 1) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const { program } = createMachine(compiled.lowered, compiled.wasm);
      const atStart = program.call('test_heap');
      const used: number[] = [];
      for (const { kind, choice } of steps) {
        if (kind === 'jump') program.call('test_continueAfter', BigInt(Math.max(choice, LIMIT - 5)));
        else if (kind === 'claim') {
          const number = Number(program.call('test_claim'));
          assert.ok(number > 0 && number < LIMIT, `number ${number}`);
          assert.ok(!used.includes(number), `${number} is in use`);
          used.push(number);
        } else if (used.length > 0) {
          const [number] = used.splice(choice % used.length, 1);
          assert.equal(program.call('test_settle', BigInt(number ?? 0)), 1n);
          assert.equal(program.call('test_isUsed', BigInt(number ?? 0)), 0n);
        }
      }
      for (const number of used) {
        assert.equal(program.call('test_isUsed', BigInt(number)), 1n);
        program.call('test_settle', BigInt(number));
      }
      assert.equal(program.call('test_heap'), atStart);
    }),
    { numRuns: 60 },
  );
});

test('numbers rise, wrap behind those of the boot, and run out only when all are taken', () => {
  const { program } = createMachine(compiled.lowered, compiled.wasm);
  for (let expected = 1; expected < LIMIT; expected++) assert.equal(program.call('test_claim'), BigInt(expected));
  assert.equal(program.call('test_claim'), 0n);
  program.call('test_settle', 20000n);
  assert.equal(program.call('test_claim'), 20000n);
  program.call('test_settle', 20001n);
  program.call('test_settle', BigInt(FIRST_AFTER_WRAP));
  program.call('test_continueAfter', BigInt(LIMIT - 1));
  assert.equal(program.call('test_claim'), BigInt(FIRST_AFTER_WRAP));
});
