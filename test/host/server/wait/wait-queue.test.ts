/**
 * Waiting and waking against a model: a thread may stand in several queues; whoever wakes it takes it out of all of them
 * and defers it once; a slice of lengthy work waits in a list of its own; what is withdrawn is in no list.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { compileServerTest, createMachine } from '../memory/memory-program.js';

const THREADS = 5;
const QUEUES = 3;
const DRIVER = `
import { bootInformationAt } from './arch/x86_64/window';
import { startMemory } from './boot';
import { bytesOfHeap } from './memory/heap';
import { Activity, Thread } from './process/thread';
import { enlist, leaveQueues, WaitQueue, wakeAll } from './wait/wait-queue';
import { deferSlice, lengthy, prompt, withdraw } from './wait/work';

const threads: Fixed<Inline<Thread>, ${THREADS}> = reserve();
const queues: Fixed<Inline<WaitQueue>, ${QUEUES}> = reserve();

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

/** @entry test_enlist */
export function stand(thread: u32, queue: u32): void {
  enlist(threads[thread], queues[queue]);
}

/** @entry test_wakeAll */
export function all(queue: u32): void {
  wakeAll(queues[queue]);
}

/** @entry test_slice */
export function slice(thread: u32): void {
  deferSlice(threads[thread]);
}

/** @entry test_withdraw */
export function end(thread: u32): void {
  leaveQueues(threads[thread]);
  withdraw(threads[thread]);
}

/** @entry test_take */
export function take(isLengthy: boolean): i64 {
  const thread = isLengthy ? lengthy.take() : prompt.take();
  return thread === null ? 0 : thread.number;
}

/** @entry test_heap */
export function heap(): u64 {
  return bytesOfHeap();
}
`;

let compiled: Awaited<ReturnType<typeof compileServerTest>>;
before(async () => {
  compiled = await compileServerTest('test-wait', DRIVER);
});

const kinds = ['enlist', 'wakeAll', 'slice', 'withdraw', 'takePrompt', 'takeLengthy'] as const;
const step = fc.record({
  kind: fc.constantFrom(...kinds, 'enlist' as const, 'enlist' as const),
  thread: fc.nat(THREADS - 1),
  queue: fc.nat(QUEUES - 1),
});

class Model {
  readonly queues: number[][] = Array.from({ length: QUEUES }, () => []);
  prompt: number[] = [];
  lengthy: number[] = [];

  leave(thread: number): void {
    for (const [index, queue] of this.queues.entries()) this.queues[index] = queue.filter((other) => other !== thread);
  }

  wake(thread: number): void {
    this.leave(thread);
    if (!this.isDeferred(thread)) this.prompt.push(thread);
  }

  isDeferred(thread: number): boolean {
    return this.prompt.includes(thread) || this.lengthy.includes(thread);
  }

  remove(thread: number): void {
    this.leave(thread);
    this.prompt = this.prompt.filter((other) => other !== thread);
    this.lengthy = this.lengthy.filter((other) => other !== thread);
  }
}

test('whoever is woken runs once, in order, and stands in no queue any more', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const { program } = createMachine(compiled.lowered, compiled.wasm);
      const atStart = program.call('test_heap');
      const model = new Model();
      const queueOf = (index: number) => model.queues[index] ?? [];
      for (const { kind, thread, queue } of steps) {
        if (kind === 'enlist') {
          // No thread waits twice in one queue, and a queued one does not wait.
          if (queueOf(queue).includes(thread) || model.isDeferred(thread)) continue;
          program.call('test_enlist', BigInt(thread), BigInt(queue));
          queueOf(queue).push(thread);
        } else if (kind === 'wakeAll') {
          program.call('test_wakeAll', BigInt(queue));
          for (const waiting of [...queueOf(queue)]) model.wake(waiting);
        } else if (kind === 'slice') {
          program.call('test_slice', BigInt(thread));
          if (!model.isDeferred(thread)) model.lengthy.push(thread);
        } else if (kind === 'withdraw') {
          program.call('test_withdraw', BigInt(thread));
          model.remove(thread);
        } else {
          const list = kind === 'takeLengthy' ? model.lengthy : model.prompt;
          const expected = (list.shift() ?? -1) + 1;
          assert.equal(program.call('test_take', BigInt(kind === 'takeLengthy')), BigInt(expected));
        }
      }
      for (let thread = 0; thread < THREADS; thread++) program.call('test_withdraw', BigInt(thread));
      assert.equal(program.call('test_take', 0n), 0n);
      assert.equal(program.call('test_take', 1n), 0n);
      assert.equal(program.call('test_heap'), atStart);
    }),
    { numRuns: 100 },
  );
});
