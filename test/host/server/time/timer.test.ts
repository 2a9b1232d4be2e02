/**
 * Timers fire in the order of their deadlines, none early and none late, and the Clock is asked for a moment no later
 * than the first of them.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { Invocation } from '../../../../lib/abi/invocation.js';
import { compileServerTest, createMachine } from '../memory/memory-program.js';

const THREADS = 8;
const DRIVER = `
import { BootInformation } from '../lib/abi/boot-information';
import { bootInformationAt } from './arch/x86_64/window';
import { startMemory } from './boot';
import { Activity, Thread } from './process/thread';
import { startClock } from './time/clock';
import { armTimeout, cancelTimer, clockTicked } from './time/timer';
import { prompt } from './wait/work';

const clock: BootInformation = reserve();
const threads: Fixed<Inline<Thread>, ${THREADS}> = reserve();

/** @entry test_start */
export function start(address: u64): void {
  startMemory(bootInformationAt(address));
  let number: i32 = 0;
  for (const thread of threads) {
    number += 1;
    thread.number = number;
    thread.activity = Activity.InCall;
  }
}

/** The time stamp counter always says 1 here; so time moves by moving the boot. A tick is a nanosecond. */
/** @entry test_moveTo */
export function moveTo(now: u64): void {
  clock.tscKilohertz = 1000000;
  clock.tscAtBoot = 1 - now;
  startClock(clock);
}

/** @entry test_arm */
export function arm(index: u32, deadline: u64): void {
  armTimeout(threads[index], deadline);
}

/** @entry test_cancel */
export function cancel(index: u32): void {
  cancelTimer(threads[index].timer);
}

/** @entry test_tick */
export function tick(): void {
  clockTicked();
}

/** @entry test_next */
export function next(): i64 {
  const thread = prompt.take();
  return thread === null ? 0 : thread.number;
}
`;

let compiled: Awaited<ReturnType<typeof compileServerTest>>;
before(async () => {
  compiled = await compileServerTest('test-timer', DRIVER);
});

const index = fc.nat(THREADS - 1);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('arm' as const), index, time: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), index, time: fc.constant(0) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), index: fc.constant(0), time: fc.nat(30) }) },
);

test('timers fire in order, none early and none late', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const { program, kernel } = createMachine(compiled.lowered, compiled.wasm);
      let now = 1000;
      let clockAt = Number.POSITIVE_INFINITY;
      const original = kernel.call.bind(kernel);
      kernel.call = (capability, label, word0, word1, word2, word3) => {
        if (label === BigInt(Invocation.ClockSetDeadline)) {
          clockAt = word0 === 0n ? Number.POSITIVE_INFINITY : Number(BigInt.asIntN(64, word0 - 1n)) + now;
        }
        return original(capability, label, word0, word1, word2, word3);
      };
      program.call('test_moveTo', BigInt(now));
      /** Thread number to deadline, in the order of arming. */
      const armed = new Map<number, number>();
      for (const { kind, index: which, time } of steps) {
        if (kind === 'arm') {
          program.call('test_arm', BigInt(which), BigInt(now + time));
          if (!armed.has(which + 1)) armed.set(which + 1, now + time);
        } else if (kind === 'cancel') {
          program.call('test_cancel', BigInt(which));
          armed.delete(which + 1);
        } else {
          now += time;
          program.call('test_moveTo', BigInt(now));
          program.call('test_tick');
          // Of two with the same deadline the one that was armed last comes first.
          const due = [...armed].filter(([, deadline]) => deadline <= now).reverse();
          for (const [number] of due.sort(([, one], [, other]) => one - other)) {
            assert.equal(Number(program.call('test_next')), number);
            armed.delete(number);
          }
          assert.equal(program.call('test_next'), 0n);
        }
        const first = Math.min(...armed.values(), Number.POSITIVE_INFINITY);
        if (armed.size > 0)
          assert.ok(clockAt <= first + 2, `the Clock is set for ${clockAt}, the first is at ${first}`);
      }
    }),
    { numRuns: 100 },
  );
});
