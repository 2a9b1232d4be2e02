// lib/interval-tree.ts against a plain model: any sequence of operations gives what a sorted list gives, room is found
// where trying every gap finds it, and every node is balanced and knows its subtree.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { HostProgram } from '../../../tools/compiler/back/host.js';
import { effort, seed } from '../../seed.js';
import { compileForHost, instantiate } from '../program.js';

// Intervals lie one after another in memory that the test gives; their place is what they are known by.
const HARNESS = `
import { Interval, IntervalTree } from '../../interval-tree.js';
export const tree: IntervalTree<Interval> = reserve();
function addressOrZero(item: Interval | null): u64 { return item === null ? 0 : addressOf(item); }
export function atMost(address: u64): u64 { return addressOrZero(tree.atMost(address)); }
export function atLeast(address: u64): u64 { return addressOrZero(tree.atLeast(address)); }
export function after(item: u64): u64 { return addressOrZero(tree.after(reference<Interval>(item))); }
export function insert(item: u64, start: u64, end: u64): void {
  const interval = create<Interval>(item);
  interval.start = start;
  interval.end = end;
  tree.insertAfter(tree.atMost(start), interval);
}
export function change(item: u64, start: u64, end: u64): void {
  const interval = reference<Interval>(item);
  interval.start = start;
  interval.end = end;
  tree.refresh(interval);
}
export function remove(item: u64): void { tree.remove(reference<Interval>(item)); }
export function dismantle(): u64 { return addressOrZero(tree.dismantle()); }
export function room(top: u64, bottom: u64, length: u64): u64 { return tree.roomBelow(top, bottom, length); }
export function count(): u64 { return tree.count; }
export function root(): u64 { return load64(addressOf(tree)); }
`;
const SYMBOL = 'arch_x86_64_interval_harness_';
const MEMORY = 0x10_0000n;
const ITEM = 128n;
/** Nothing lies at or above it. */
const TOP = 400n;

const compiled = compileForHost('interval-tree', 'lib/arch/x86_64/interval-harness.ts', HARNESS);

interface Item {
  readonly at: bigint;
  start: bigint;
  end: bigint;
}

interface Subtree {
  items: bigint[];
  height: bigint;
  low: bigint;
  high: bigint;
  widest: bigint;
}

const EMPTY: Subtree = { items: [], height: 0n, low: 0n, high: 0n, widest: 0n };
const larger = (a: bigint, b: bigint) => (a > b ? a : b);

class Tree {
  readonly host: HostProgram;
  readonly items: Item[] = [];
  private made = 0n;

  constructor(host: HostProgram) {
    this.host = host;
  }

  call(name: string, ...given: bigint[]): bigint {
    return this.host.call(`${SYMBOL}${name}`, ...given);
  }

  field(name: string, at: bigint): bigint {
    return this.host.field('Interval', name, at);
  }

  insert(start: bigint, end: bigint): void {
    const at = MEMORY + this.made * ITEM;
    this.made += 1n;
    this.call('insert', at, start, end);
    this.items.push({ at, start, end });
    this.items.sort((a, b) => (a.start < b.start ? -1 : 1));
  }

  remove(index: number): void {
    this.call('remove', this.items[index]?.at ?? 0n);
    this.items.splice(index, 1);
  }

  /** Where the gap below item `index` begins; the last one's is that above all. */
  gapStart(index: number): bigint {
    return this.items[index - 1]?.end ?? 0n;
  }

  gapEnd(index: number): bigint {
    return this.items[index]?.start ?? TOP;
  }

  /** Tries every gap, from the highest down. */
  room(top: bigint, bottom: bigint, length: bigint): bigint {
    for (let index = this.items.length; index >= 0; index--) {
      const end = this.gapEnd(index) < top ? this.gapEnd(index) : top;
      const start = larger(this.gapStart(index), bottom);
      if (end - start >= length) return end - length;
    }
    return 0n;
  }

  /** What node `at` should know. */
  walk(at: bigint, parent: bigint): Subtree {
    if (at === 0n) return EMPTY;
    assert.equal(this.field('parent', at), parent, 'children know their parent');
    const [left, right] = [this.walk(this.field('left', at), at), this.walk(this.field('right', at), at)];
    const lean = left.height - right.height;
    assert.ok(lean >= -1n && lean <= 1n, `one side is ${lean} higher`);
    const [start, end] = [this.field('start', at), this.field('end', at)];
    let widest = larger(left.widest, right.widest);
    if (left.items.length > 0) widest = larger(widest, start - left.high);
    if (right.items.length > 0) widest = larger(widest, right.low - end);
    const found: Subtree = {
      items: [...left.items, at, ...right.items],
      height: larger(left.height, right.height) + 1n,
      low: left.items.length > 0 ? left.low : start,
      high: right.items.length > 0 ? right.high : end,
      widest,
    };
    for (const name of ['height', 'low', 'high', 'widest'] as const) {
      assert.equal(this.field(name, at), found[name], `${name} of what begins at ${start}`);
    }
    return found;
  }

  check(): void {
    const order = this.items.map(({ at }) => at);
    assert.deepEqual(this.walk(this.call('root'), 0n).items, order);
    assert.equal(this.call('count'), BigInt(order.length));
    for (const [index, at] of order.entries()) assert.equal(this.call('after', at), order[index + 1] ?? 0n);
  }
}

const number = fc.bigInt(0n, TOP);
const operation = fc.record({
  kind: fc.constantFrom('insert', 'insert', 'insert', 'remove', 'remove', 'change', 'find', 'room', 'room'),
  which: fc.nat(1000),
  first: number,
  second: number,
  third: number,
});

/** Two numbers in order within [low, high]. */
function within(low: bigint, high: bigint, first: bigint, second: bigint): [bigint, bigint] {
  const span = high - low + 1n;
  const [a, b] = [low + (first % span), low + (second % span)];
  return a < b ? [a, b] : [b, a];
}

test('any sequence of operations does what a sorted list does, and finds the highest room', async () => {
  const program = await compiled;
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 300, size: 'max' }), (operations) => {
      const tree = new Tree(instantiate(program, { windows: [{ base: MEMORY, size: 1 << 17 }] }));
      const { items } = tree;
      for (const { kind, which, first, second, third } of operations) {
        if (kind === 'insert') {
          const gap = which % (items.length + 1);
          const [start, end] = within(tree.gapStart(gap), tree.gapEnd(gap), first, second);
          if (start < end) tree.insert(start, start + 5n < end ? start + 1n + (third % 5n) : end);
        } else if (kind === 'find') {
          assert.equal(tree.call('atMost', first), items.findLast(({ start }) => start <= first)?.at ?? 0n);
          assert.equal(tree.call('atLeast', first), items.find(({ start }) => start >= first)?.at ?? 0n);
        } else if (kind === 'room') {
          const length = (third % 40n) + 1n;
          assert.equal(tree.call('room', first, second, length), tree.room(first, second, length));
        } else if (items.length > 0) {
          const index = which % items.length;
          const item = items[index] as Item;
          if (kind === 'remove') tree.remove(index);
          else {
            const [start, end] = within(tree.gapStart(index), tree.gapEnd(index + 1), first, second);
            if (start === end) continue;
            tree.call('change', item.at, start, end);
            Object.assign(item, { start, end });
          }
        }
      }
      tree.check();
    }),
    { numRuns: 150 * effort, seed },
  );
});

test('2,000 intervals come and go in every order; dismantling gives each of them once', async () => {
  const COUNT = 2000;
  const orders: Record<string, (index: number) => number> = {
    ascending: (index) => index,
    descending: (index) => COUNT - 1 - index,
    scattered: (index) => (index * 1237) % COUNT,
  };
  for (const place of Object.values(orders)) {
    const tree = new Tree(instantiate(await compiled, { windows: [{ base: MEMORY, size: 1 << 19 }] }));
    // The ends of the unsigned range, so that a signed comparison shows.
    const base = (1n << 63n) - 3000n;
    for (let index = 0; index < COUNT; index++) {
      const start = base + BigInt(place(index)) * 3n;
      tree.insert(start, start + 2n);
      if (index % 250 === 0) tree.check();
    }
    tree.check();
    assert.equal(tree.call('room', base + 3n * BigInt(COUNT), base, 2n), 0n, 'every gap is too small');
    tree.remove(700);
    assert.equal(tree.call('room', base + 3n * BigInt(COUNT), base, 4n), base + 700n * 3n - 1n);
    for (let index = 0; index < COUNT / 2; index++) {
      tree.remove((index * 7919) % tree.items.length);
      if (index % 250 === 0) tree.check();
    }
    tree.check();
    const left = new Set(tree.items.map(({ at }) => at));
    for (let at = tree.call('dismantle'); at !== 0n; at = tree.call('dismantle')) assert.ok(left.delete(at));
    assert.equal(left.size, 0);
    assert.equal(tree.call('count'), 0n);
  }
});
