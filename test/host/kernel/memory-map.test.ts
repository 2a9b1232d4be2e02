// kernel/boot/memory-map.ts against a set of pages: whatever ranges a loader reports, in whatever order, the map is the
// pages that are wholly RAM and touched by nothing reserved, as sorted, disjoint, maximal ranges.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BootMachine } from './boot-machine.js';

const PAGE = 4096;
const PAGES = 48;
const HIGHEST = 2 ** 39;

const step = fc.record({
  add: fc.boolean(),
  start: fc.nat(PAGES * PAGE),
  bytes: fc.oneof(fc.nat(8 * PAGE), fc.nat(4)),
});

function isSubset(first: number, last: number, from: number, to: number): boolean {
  return first >= from && last <= to;
}

test('any sequence of RAM and reserved ranges gives exactly the pages that are free', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const machine = await BootMachine.create();
      const model = new Set<number>();
      for (const { add, start, bytes } of steps) {
        machine.call(add ? 'add' : 'remove', start, bytes);
        for (let page = 0; page <= PAGES + 8; page++) {
          const from = page * PAGE;
          if (add && isSubset(from, from + PAGE, start, start + bytes)) model.add(page);
          if (!add && bytes !== 0 && from < start + bytes && from + PAGE > start) model.delete(page);
        }
      }
      const ranges = machine.ranges();
      const pages = ranges.flatMap(([start, end]) =>
        Array.from({ length: (end - start) / PAGE }, (_, index) => start / PAGE + index),
      );
      assert.deepEqual(
        pages,
        [...model].sort((left, right) => left - right),
      );
      ranges.forEach(([start, end], index) => {
        assert.ok(start < end, 'no range is empty');
        const next = ranges[index + 1];
        assert.ok(next === undefined || end < next[0], 'neighbours are one range');
      });
      assert.equal(Number(machine.call('total')), model.size * PAGE);
    }),
    { numRuns: 60 },
  );
});

test('a range that wraps around ends at the highest address that can be used', async () => {
  const machine = await BootMachine.create();
  machine.call('add', 0x100000, 0xffff_ffff_ffff_ffffn);
  assert.deepEqual(machine.ranges(), [[0x100000, HIGHEST]]);
});

test('RAM above the direct map is left out', async () => {
  const machine = await BootMachine.create();
  machine.call('add', 1n << 40n, 1 << 20);
  assert.deepEqual(machine.ranges(), []);
});

test('more ranges than fit lose memory and nothing else', async () => {
  const machine = await BootMachine.create();
  for (let index = 0; index < 300; index++) machine.call('add', index * 3 * PAGE, PAGE);
  const ranges = machine.ranges();
  assert.equal(ranges.length, 128);
  for (const [start, end] of ranges) assert.deepEqual([start % (3 * PAGE), end - start], [0, PAGE]);
});

test('boot pages come from the top of the memory below a limit, each once', async () => {
  const machine = await BootMachine.create();
  machine.call('add', 0x10000, 2 * PAGE);
  machine.call('add', 0x40000, PAGE);
  assert.equal(machine.call('takePage', 0x20000), 0x11000n);
  assert.equal(machine.call('takePage', 0x20000), 0x10000n);
  assert.equal(machine.call('takePage', 0x20000), 0n);
  assert.equal(machine.call('takePage', 0x50000), 0x40000n);
});
