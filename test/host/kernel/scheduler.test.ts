// Who runs: the highest priority; equals in turn, a slice each; who is woken above the current thread, at once.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileKernel, KernelBox, SLOT } from './box.js';
import { checkEverything } from './invariants.js';

const FIRST = 10;
const NOTIFICATIONS = 20;
const WAIT = 9n;
const SIGNAL = 8n;
const YIELD = 11n;

class Threads {
  readonly box: KernelBox;
  /** Threads by creation; each is ready until it waits for a notification. */
  readonly all: bigint[];

  constructor(box: KernelBox, priorities: readonly number[]) {
    this.box = box;
    const call = (pointer: number, label: number, ...words: (number | bigint)[]) => {
      const [a, b, c, d] = [0, 1, 2, 3].map((index) => BigInt(words[index] ?? 0)) as [bigint, bigint, bigint, bigint];
      this.operate(3n, pointer, (BigInt(label) << 12n) | 4n, [a, b, c, d]);
    };
    call(SLOT.untyped, 0x10, 3, 0, FIRST, priorities.length);
    call(SLOT.untyped, 0x10, 5, 0, NOTIFICATIONS, priorities.length);
    priorities.forEach((priority, index) => {
      call(FIRST + index, 0x30, BigInt(SLOT.cnode) | (BigInt(SLOT.space) << 32n), 0, 0, 0);
      call(FIRST + index, 0x34, priority, 255);
      call(FIRST + index, 0x36);
    });
    const table = box.field('Tcb', 'cspace', box.current);
    this.all = priorities.map((_, index) => box.field('Capability', 'object', table + BigInt(FIRST + index) * 64n));
    call(SLOT.tcb, 0x37); // whoever prepared all this stops
  }

  operate(
    operation: bigint,
    pointer: number,
    message = 0n,
    words: readonly [bigint, bigint, bigint, bigint] = [0n, 0n, 0n, 0n],
  ): void {
    this.box.operate({ operation, pointer: BigInt(pointer), message, words });
    checkEverything(this.box);
  }

  /** Which of the threads runs; -1 when none is ready. */
  get running(): number {
    return this.all.indexOf(this.box.current);
  }

  wait(): void {
    this.operate(WAIT, NOTIFICATIONS + this.running);
  }

  signal(thread: number): void {
    this.operate(SIGNAL, NOTIFICATIONS + thread);
  }
}

const start = async (priorities: readonly number[]) =>
  new Threads(new KernelBox(await compileKernel('kernel-scheduler')), priorities);

test('the highest priority runs, then the next, then nobody', async () => {
  const threads = await start([30, 70, 50, 0, 99]);
  const order: number[] = [];
  while (threads.running >= 0) {
    order.push(threads.running);
    threads.wait();
  }
  assert.deepEqual(order, [4, 1, 2, 0, 3]);
  assert.equal(threads.box.current, threads.box.call('idle'));
});

test('equals get a slice each, in turn, for ever', async () => {
  const threads = await start([50, 50, 50, 50]);
  const order = Array.from({ length: 40 }, () => {
    const running = threads.running;
    threads.box.tick();
    checkEverything(threads.box);
    return running;
  });
  const first = order.slice(0, 4);
  assert.deepEqual([...first].sort(), [0, 1, 2, 3]);
  for (const [index, running] of order.entries()) assert.equal(running, first[index % 4], `slice ${index}`);
});

test('a lower priority gets no slice while a higher one is ready, and a lonely thread loses none', async () => {
  const threads = await start([50, 60]);
  for (let slice = 0; slice < 10; slice++) {
    assert.equal(threads.running, 1);
    threads.box.tick();
  }
  assert.equal(threads.box.field('Tcb', 'slicesUsed', threads.all[0] as bigint), 0n);
  assert.equal(threads.box.field('Tcb', 'preemptions', threads.all[1] as bigint), 0n);
});

test('yielding lets the equals run first, and only them', async () => {
  const threads = await start([50, 50, 50, 40]);
  const order = Array.from({ length: 6 }, () => {
    const running = threads.running;
    threads.operate(YIELD, 0);
    return running;
  });
  assert.deepEqual(order.slice(3), order.slice(0, 3));
  assert.deepEqual([...order.slice(0, 3)].sort(), [0, 1, 2]);
});

test('a signal to a thread above the current one runs it at once, and the interrupted one goes on before its equals', async () => {
  const threads = await start([90, 50, 50]);
  assert.equal(threads.running, 0);
  threads.wait();
  const interrupted = threads.running;
  assert.notEqual(interrupted, 0);
  threads.signal(0);
  assert.equal(threads.running, 0);
  threads.wait();
  assert.equal(threads.running, interrupted);
});

test('a signal to a thread below the current one only makes it ready', async () => {
  const threads = await start([50, 40, 30]);
  threads.wait();
  threads.wait();
  assert.equal(threads.running, 2);
  threads.signal(0);
  assert.equal(threads.running, 0);
  threads.signal(1);
  assert.equal(threads.running, 0, 'the one who signals goes on');
  threads.wait();
  assert.equal(threads.running, 1, 'before the one below');
});

test('priorities on both sides of each word of the bitmap are told apart', async () => {
  const priorities = Array.from(
    { length: 10 },
    (_, index) => [0, 1, 62, 63, 64, 65, 127, 128, 192, 255][index] as number,
  );
  const threads = await start(priorities);
  for (let expected = 9; expected >= 0; expected--) {
    assert.equal(threads.running, expected, `priority ${priorities[expected]}`);
    threads.wait();
  }
});
