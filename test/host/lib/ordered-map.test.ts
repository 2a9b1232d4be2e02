// lib/ordered-map.ts against a plain model: any sequence of operations gives what a sorted list gives, the tree keeps
// its shape (7 to 15 entries a node, leaves equally deep, keys in order), and no node is lost or released twice.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { HostProgram } from '../../../tools/compiler/back/host.js';
import { compileForHost, instantiate } from '../program.js';

// Values are objects at made-up addresses: the map never looks at them. The allocator hands out 512-byte blocks.
const HARNESS = `
import { OrderedMap } from '../../ordered-map.js';
class Item { unused!: u64; }
export const map: OrderedMap<Item> = reserve();
let freeList: u64 = 0;
let next: u64 = 0x10_0000;
let inUse: u64 = 0;
/** @allocator */
export function allocate(bytes: u64): u64 {
  inUse++;
  let address = freeList;
  if (address === 0) {
    address = next;
    next += 512;
  } else {
    freeList = load64(address);
  }
  fillBytes(address, 0, 512);
  return address;
}
/** @deallocator */
export function release(address: u64): void {
  inUse--;
  fillBytes(address, 0xdd, 512);
  store64(address, freeList);
  freeList = address;
}
function addressOrZero(item: Item | null): u64 { return item === null ? 0 : addressOf(item); }
export function get(key: u64): u64 { return addressOrZero(map.get(key)); }
export function atLeast(key: u64): u64 { return addressOrZero(map.atLeast(key)); }
export function atMost(key: u64): u64 { return addressOrZero(map.atMost(key)); }
export function set(key: u64, value: u64): void { map.set(key, reference<Item>(value)); }
export function remove(key: u64): boolean { return map.delete(key); }
export function count(): u64 { return map.count; }
export function root(): u64 { return load64(addressOf(map)); }
export function blocksInUse(): u64 { return inUse; }
`;
const SYMBOL = 'arch_x86_64_map_harness_';
const MINIMUM = 7n;

const compiled = compileForHost('ordered-map', 'lib/arch/x86_64/map-harness.ts', HARNESS);

interface Tree {
  keys: bigint[];
  nodes: number;
}

/** Walks the tree from node `address`, checking its shape. */
function walk(host: HostProgram, address: bigint, isRoot: boolean): Tree & { height: bigint } {
  const count = host.field('MapNode', 'count', address);
  const height = host.field('MapNode', 'height', address);
  assert.ok(count <= 15n && (isRoot ? count >= 1n : count >= MINIMUM), `a node of ${count} entries`);
  const word = (field: string, className: string, index: bigint) =>
    host.memory.load(host.fieldAddress(className, field, address) + index * 8n, 8);
  const keys: bigint[] = [];
  let nodes = 1;
  for (let i = 0n; i <= count; i++) {
    if (height > 0n) {
      const below = walk(host, word('children', 'InnerNode', i), false);
      assert.equal(below.height, height - 1n, 'leaves are equally deep');
      keys.push(...below.keys);
      nodes += below.nodes;
    }
    if (i < count) keys.push(word('keys', 'MapNode', i));
  }
  return { keys, nodes, height };
}

function checkTree(host: HostProgram, model: ReadonlyMap<bigint, bigint>): void {
  const root = host.call(`${SYMBOL}root`);
  const tree = root === 0n ? { keys: [], nodes: 0 } : walk(host, root, true);
  const sorted = [...model.keys()].sort((a, b) => (a < b ? -1 : 1));
  assert.deepEqual(tree.keys, sorted);
  assert.equal(host.call(`${SYMBOL}count`), BigInt(model.size));
  assert.equal(host.call(`${SYMBOL}blocksInUse`), BigInt(tree.nodes), 'each block is a node of the tree');
}

const fresh = async () => instantiate(await compiled, { windows: [{ base: 0x10_0000n, size: 1 << 22 }] });

// Few keys, so that they meet; the ends of the unsigned range, so that a signed comparison shows.
const key = fc.oneof(
  { weight: 6, arbitrary: fc.bigInt(0n, 200n) },
  { weight: 1, arbitrary: fc.constantFrom((1n << 63n) - 1n, 1n << 63n, (1n << 63n) + 1n, (1n << 64n) - 1n) },
  { weight: 1, arbitrary: fc.bigInt(0n, (1n << 64n) - 1n) },
);
const operation = fc.record({
  kind: fc.constantFrom('set', 'set', 'set', 'remove', 'remove', 'get', 'atLeast', 'atMost'),
  key,
  value: fc.bigInt(1n, 1000n),
});

function expected(kind: string, at: bigint, model: ReadonlyMap<bigint, bigint>): bigint {
  if (kind === 'get') return model.get(at) ?? 0n;
  const candidates = [...model.keys()].filter((other) => (kind === 'atLeast' ? other >= at : other <= at));
  const [first, ...rest] = candidates;
  if (first === undefined) return 0n;
  const best = rest.reduce((a, b) => (a < b === (kind === 'atLeast') ? a : b), first);
  return model.get(best) as bigint;
}

test('any sequence of operations does what a sorted list does', async () => {
  const program = await compiled;
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 400, size: 'max' }), (operations) => {
      const host = instantiate(program, { windows: [{ base: 0x10_0000n, size: 1 << 20 }] });
      const model = new Map<bigint, bigint>();
      for (const { kind, key: at, value } of operations) {
        if (kind === 'set') {
          host.call(`${SYMBOL}set`, at, value);
          model.set(at, value);
        } else if (kind === 'remove') {
          assert.equal(host.call(`${SYMBOL}remove`, at), model.delete(at) ? 1n : 0n);
        } else {
          assert.equal(host.call(`${SYMBOL}${kind}`, at), expected(kind, at, model), `${kind}(${at})`);
        }
      }
      checkTree(host, model);
    }),
    { numRuns: 150 },
  );
});

test('the tree keeps its shape while 3,000 keys come and go in every order', async () => {
  for (const order of ['ascending', 'descending', 'scattered']) {
    const host = await fresh();
    const model = new Map<bigint, bigint>();
    const keys = Array.from({ length: 3000 }, (_, i) => {
      if (order === 'ascending') return BigInt(i);
      return order === 'descending' ? BigInt(3000 - i) : (BigInt(i) * 0x9e37_79b9_7f4a_7c15n) % (1n << 64n);
    });
    for (const [index, at] of keys.entries()) {
      host.call(`${SYMBOL}set`, at, index + 1);
      model.set(at, BigInt(index + 1));
      if (index % 250 === 0) checkTree(host, model);
    }
    checkTree(host, model);
    const leaving = order === 'scattered' ? [...keys].sort((a, b) => Number((a & 1023n) - (b & 1023n))) : keys;
    for (const [index, at] of leaving.entries()) {
      assert.equal(host.call(`${SYMBOL}remove`, at), 1n);
      model.delete(at);
      if (index % 250 === 0) checkTree(host, model);
    }
    checkTree(host, model);
    assert.equal(host.call(`${SYMBOL}blocksInUse`), 0n, 'an empty map holds no memory');
  }
});
