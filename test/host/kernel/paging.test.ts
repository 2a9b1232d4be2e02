// kernel/arch/x86_64/paging.ts and address-space.ts against a plain map from page to physical page and rights: whatever
// is mapped, protected, cloned and removed in whatever ranges, large entries made and split on the way.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { HostProgram } from '../../../tools/compiler/back/host.js';
import { compileForHost, instantiate } from '../program.js';

const HARNESS = `
import { ObjectKind } from '../../../lib/abi/object-kind.js';
import type { Capability } from '../../object/capability.js';
import type { VSpace } from '../../object/vspace.js';
import { cloneRange, removeTables, unmapPhysical, unmapWithin } from './address-space.js';
import { detectFeatures } from './cpu-features.js';
import { directAddress } from './memory.js';
import { initializeRoot, lookupPage, mapRange, pagingError, poolOf, protectRange, unmapRange } from './paging.js';
const attachment: Capability = reserve();
export function start(): void { detectFeatures(); }
export function newSpace(root: u64): void { initializeRoot(root); }
export function supply(root: u64, table: u64): void { poolOf(root).put(table); }
export function poolFirst(root: u64): u64 { return poolOf(root).first; }
/** Attaches everything to a space, or nothing. */
export function attach(root: u64, bits: u8): void {
  attachment.kind = ObjectKind.Attachment;
  attachment.bits = bits;
  reference<VSpace>(directAddress(root)).attachments = bits === 0 ? null : attachment;
  reference<VSpace>(directAddress(root)).lastAttachment = null;
}
export function map(root: u64, address: u64, physical: u64, pages: u64, rights: u64): u64 {
  return mapRange(root, poolOf(root), address, physical, pages, rights);
}
export function unmap(root: u64, address: u64, pages: u64): u64 { return unmapRange(root, address, pages); }
export function protect(root: u64, address: u64, pages: u64, rights: u64): u64 {
  return protectRange(root, address, pages, rights);
}
export function clone(from: u64, to: u64, address: u64, pages: u64, child: u64, parent: u64): u64 {
  const source = reference<VSpace>(directAddress(from));
  return cloneRange(source, reference<VSpace>(directAddress(to)), address, pages, child, parent);
}
export function lookup(root: u64, address: u64): u64 { return lookupPage(root, address); }
export function unmapMemory(root: u64, low: u64, high: u64, first: u64, budget: u64): u64 {
  return unmapPhysical(root, low, high, first, budget);
}
export function unmapSpan(root: u64, low: u64, first: u64, size: u64): void { unmapWithin(root, low, first, size); }
export function remove(root: u64, low: u64, high: u64): void { removeTables(root, low, high, poolOf(root)); }
export function result(): u64 { return pagingError; }
`;

const compiled = compileForHost('kernel-paging', 'kernel/arch/x86_64/paging-harness.ts', HARNESS);

const DIRECT_MAP = 0xffff_8000_0000_0000n;
const IMAGE = 0xffff_ffff_9000_0000n;
const CPU = IMAGE + 0x8000n;
const ROOT = 0x1000;
const OTHER = 0x2000;
const FIRST_TABLE = 0x10000;
const RAM = 8 << 20;
const PAGE = 4096;
const LARGE = 512;
/** Page numbers 400 to 2500 around this address: over three directory entries, so that 2M pages occur. */
const BASE = 0x7f12_3400_0000n;

const Result = { Done: 0n, NoTables: 1n, AlreadyMapped: 2n, NotAttached: 4n } as const;
const Right = { Read: 1, Write: 2, Execute: 4, Replace: 8 } as const;

class Space {
  private nextTable = FIRST_TABLE;
  /** Pages that the processor was told to forget since this was last cleared; CR3 written forgets all. */
  readonly forgotten = new Set<bigint>();
  forgotAll = false;

  private constructor(readonly host: HostProgram) {}

  static async create(tables = 64): Promise<Space> {
    let space: Space | undefined;
    const host = instantiate(await compiled, {
      imageBase: 0xffff_ffff_8010_0000n,
      windows: [
        { base: DIRECT_MAP, size: RAM },
        { base: IMAGE, size: 65536 },
      ],
      intrinsics: {
        cpuidEdx: (leaf = 0n) => (leaf === 0x8000_0001n ? 1n << 20n : 0n),
        cpuSelf: () => CPU,
        kernelRootTable: () => DIRECT_MAP + 0x3000n,
        invalidatePage: (address = 0n) => {
          space?.forgotten.add(address);
          return 0n;
        },
        writeCr3: () => {
          if (space !== undefined) space.forgotAll = true;
          return 0n;
        },
      },
    });
    space = new Space(host);
    space.call('start');
    space.call('newSpace', ROOT);
    space.call('newSpace', OTHER);
    space.supply(ROOT, tables);
    space.supply(OTHER, tables);
    return space;
  }

  call(name: string, ...given: (bigint | number)[]): bigint {
    return this.host.call(`arch_x86_64_paging_harness_${name}`, ...given);
  }

  /** Makes this CPU run in an address space, so that it may remember its pages. */
  load(root: number): void {
    this.host.setField('Cpu', 'loadedRoot', CPU, root);
  }

  hasForgotten(page: number): boolean {
    return this.forgotAll || this.forgotten.has(BASE + BigInt(page * PAGE));
  }

  supply(root: number, tables: number): void {
    for (let table = 0; table < tables; table++) {
      this.call('supply', root, this.nextTable);
      this.nextTable += PAGE;
    }
  }

  get result(): bigint {
    return this.call('result');
  }

  /** Physical page and rights of a page, as the model has them. */
  at(root: number, page: number): { physical: number; rights: number } | undefined {
    const leaf = this.call('lookup', root, BASE + BigInt(page * PAGE));
    if ((leaf & 1n) === 0n) return undefined;
    const rights =
      Right.Read | ((leaf & 2n) !== 0n ? Right.Write : 0) | ((leaf & (1n << 63n)) === 0n ? Right.Execute : 0);
    return { physical: Number((leaf & 0xf_ffff_ffff_f000n) >> 12n), rights };
  }
}

type Model = Map<number, { physical: number; rights: number }>;

function check(space: Space, root: number, model: Model): void {
  for (let page = 380; page < 2520; page++) assert.deepEqual(space.at(root, page), model.get(page), `page ${page}`);
}

const rights = fc.integer({ min: 0, max: 7 }).map((bits) => bits | Right.Read);
const range = fc.record({
  page: fc.oneof(fc.integer({ min: 400, max: 1400 }), fc.constantFrom(512, 1024, 1536)),
  pages: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 500, max: 1024 }), fc.constant(512)),
});
const step = fc.oneof(
  fc.record({
    kind: fc.constant('map' as const),
    range,
    rights,
    physical: fc.oneof(fc.integer({ min: 0, max: 4096 }), fc.constantFrom(512, 1024)),
    replace: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('unmap' as const), range }),
  fc.record({ kind: fc.constant('protect' as const), range, rights }),
);

function apply(space: Space, model: Model, one: typeof step extends fc.Arbitrary<infer T> ? T : never): void {
  const { page, pages } = one.range;
  const address = BASE + BigInt(page * PAGE);
  const each = Array.from({ length: pages }, (_, index) => page + index);
  if (one.kind === 'map') {
    const flags = one.rights | (one.replace ? Right.Replace : 0);
    const done = Number(space.call('map', ROOT, address, one.physical * PAGE, pages, flags));
    const occupied = one.replace ? -1 : each.findIndex((at) => model.has(at));
    assert.equal(done, occupied === -1 ? pages : occupied);
    assert.equal(space.result, occupied === -1 ? Result.Done : Result.AlreadyMapped);
    each.slice(0, done).forEach((at, index) => {
      model.set(at, { physical: one.physical + index, rights: one.rights });
    });
  } else if (one.kind === 'unmap') {
    assert.equal(Number(space.call('unmap', ROOT, address, pages)), pages);
    for (const at of each) model.delete(at);
  } else {
    assert.equal(Number(space.call('protect', ROOT, address, pages, one.rights)), pages);
    for (const at of each) {
      const before = model.get(at);
      if (before !== undefined) model.set(at, { physical: before.physical, rights: one.rights });
    }
  }
}

test('any sequence of map, protect and unmap is what a map from page to page is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const space = await Space.create();
      const model: Model = new Map();
      for (const one of steps) apply(space, model, one);
      check(space, ROOT, model);
    }),
    { numRuns: 60 },
  );
});

test('what the processor may remember of a changed page it is told to forget', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), step, async (steps, last) => {
      const space = await Space.create();
      const model: Model = new Map();
      for (const one of steps) apply(space, model, one);
      const before = new Map(model);
      space.load(ROOT);
      apply(space, model, last);
      for (const [page, was] of before) {
        const is = model.get(page);
        const changed = is === undefined || is.physical !== was.physical || is.rights !== was.rights;
        assert.ok(!changed || space.hasForgotten(page), `page ${page}`);
      }
    }),
    { numRuns: 60 },
  );
});

test("a page without any right is mapped, and not the user's", async () => {
  const space = await Space.create();
  const USER = 4n;
  space.call('map', ROOT, BASE, 0, 1, 0);
  assert.equal(space.call('lookup', ROOT, BASE) & (1n | USER), 1n);
  space.call('protect', ROOT, BASE, 1, Right.Read);
  assert.equal(space.call('lookup', ROOT, BASE) & (1n | USER), 1n | USER);
  space.call('protect', ROOT, BASE, 1, 0);
  assert.equal(space.call('lookup', ROOT, BASE) & (1n | USER), 1n);
});

test('without table memory a range stops where it is, and goes on when there is more', async () => {
  const space = await Space.create(3);
  const start = BASE + 500n * BigInt(PAGE);
  const done = Number(space.call('map', ROOT, start, 0, 1000, Right.Read));
  assert.equal(done, 12, 'one directory entry is filled');
  assert.equal(space.result, Result.NoTables);
  space.supply(ROOT, 2);
  const rest = space.call('map', ROOT, start + BigInt(done * PAGE), done * PAGE, 1000 - done, Right.Read);
  assert.equal(Number(rest), 1000 - done);
  assert.equal(space.result, Result.Done);
});

test('splitting a large page needs a table, and says so', async () => {
  const space = await Space.create(2);
  assert.equal(space.call('map', ROOT, BASE, 0, LARGE, Right.Read | Right.Write), BigInt(LARGE));
  assert.equal(space.call('unmap', ROOT, BASE, 1), 0n);
  assert.equal(space.result, Result.NoTables);
  space.supply(ROOT, 1);
  assert.equal(space.call('unmap', ROOT, BASE, 1), 1n);
  assert.equal(space.at(ROOT, 0), undefined);
  assert.deepEqual(space.at(ROOT, 1), { physical: 1, rights: Right.Read | Right.Write });
});

test('a clone has what its source has, with the rights of the mask; the source loses those of its own', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 8 }),
      range,
      rights,
      rights,
      async (steps, { page, pages }, child, parent) => {
        const space = await Space.create();
        const model: Model = new Map();
        const cloned: Model = new Map();
        for (const one of steps) apply(space, model, one);
        space.call('attach', OTHER, 40);
        const done = space.call('clone', ROOT, OTHER, BASE + BigInt(page * PAGE), pages, child, parent);
        assert.deepEqual([Number(done), space.result], [pages, Result.Done]);
        for (let at = page; at < page + pages; at++) {
          const before = model.get(at);
          if (before === undefined) continue;
          cloned.set(at, { physical: before.physical, rights: before.rights & child });
          model.set(at, { physical: before.physical, rights: before.rights & parent });
        }
        check(space, ROOT, model);
        check(space, OTHER, cloned);
      },
    ),
    { numRuns: 40 },
  );
});

test('a clone stops at what its destination may not have, or has already', async () => {
  const space = await Space.create();
  space.call('map', ROOT, BASE, 0, 20, Right.Read);
  space.call('attach', OTHER, 12 + 3);
  assert.equal(space.call('clone', ROOT, OTHER, BASE, 20, 7, 7), 8n);
  assert.equal(space.result, Result.NotAttached);
  assert.equal(space.call('clone', ROOT, OTHER, BASE, 20, 7, 7), 0n);
  assert.equal(space.result, Result.AlreadyMapped);
});

test('a large page is shared only if one attachment has all of it', async () => {
  const space = await Space.create();
  space.call('map', ROOT, BASE, 0, LARGE, Right.Read);
  space.call('attach', OTHER, 20);
  assert.equal(space.call('clone', ROOT, OTHER, BASE, LARGE, 7, 7), 0n);
  assert.equal(space.result, Result.NotAttached);
  space.call('attach', OTHER, 21);
  assert.equal(space.call('clone', ROOT, OTHER, BASE, LARGE, 7, 7), BigInt(LARGE));
});

test('memory that goes is unmapped everywhere, a bounded piece at a time', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 10 }),
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: 1, max: 2000 }),
      async (steps, block, budget) => {
        const space = await Space.create();
        const model: Model = new Map();
        for (const one of steps) apply(space, model, one);
        const [low, high] = [block * 1024, (block + 1) * 1024];
        // Large entries of a real attachment lie in it wholly; here they may straddle, so split them first.
        for (let page = 0; page < 2600; page++) space.call('protect', ROOT, BASE + BigInt(page * PAGE), 1, Right.Read);
        for (const [page, { physical }] of model) model.set(page, { physical, rights: Right.Read });
        let at = 0n;
        for (let rounds = 0; at < 1n << 47n; rounds++) {
          assert.ok(rounds < 10000, 'it comes to an end');
          const next = space.call('unmapMemory', ROOT, low * PAGE, high * PAGE, at, budget);
          assert.ok(next > at, 'each piece goes on');
          at = next;
        }
        for (const [page, { physical }] of model) if (physical >= low && physical < high) model.delete(page);
        check(space, ROOT, model);
      },
    ),
    { numRuns: 30 },
  );
});

test('a frame that goes leaves no page behind, whichever of its pages went or were replaced before', async () => {
  const space = await Space.create();
  const at = (page: number): bigint => BASE + BigInt(page * PAGE);
  space.call('map', ROOT, at(0), 0, LARGE, Right.Read | Right.Write);
  space.call('map', ROOT, at(LARGE), 0, LARGE, Right.Read);
  space.call('unmap', ROOT, at(0), 1);
  space.call('map', ROOT, at(7), 1500 * PAGE, 1, Right.Read | Right.Replace);
  space.call('unmapSpan', ROOT, 0, at(0), LARGE * PAGE);
  for (let page = 0; page < LARGE; page++) {
    assert.equal(space.at(ROOT, page)?.physical, page === 7 ? 1500 : undefined, `page ${page}`);
  }
  assert.equal(space.at(ROOT, LARGE)?.physical, 0, 'what else shows the same memory stays');
});

test('tables that go take nothing else with them, and no table is lost or used twice', async () => {
  const space = await Space.create(40);
  for (let entry = 0; entry < 6; entry++) {
    space.call('map', ROOT, BASE + BigInt(entry) * (1n << 21n), entry * 512 * PAGE + PAGE, 8, Right.Read);
  }
  const free = (): number[] => {
    const tables: number[] = [];
    for (let at = Number(space.call('poolFirst', ROOT)); at !== 0; ) {
      tables.push(at);
      at = Number(space.host.memory.load(DIRECT_MAP + BigInt(at), 8));
    }
    return tables;
  };
  const before = free();
  // The leaf table of the third entry: find it by who is in use.
  const used = Array.from({ length: 40 }, (_, index) => FIRST_TABLE + index * PAGE).filter(
    (table) => !before.includes(table),
  );
  assert.equal(used.length, 2 + 6);
  const victim = used[4] ?? 0;
  space.call('remove', ROOT, victim, victim + PAGE);
  const after = free();
  assert.equal(new Set(after).size, after.length);
  assert.ok(!after.includes(victim));
  const mapped = Array.from({ length: 6 }, (_, entry) => space.at(ROOT, entry * 512) !== undefined);
  assert.equal(mapped.filter((isMapped) => !isMapped).length, 1, 'one entry went with its table');
  assert.equal(after.length + used.length - 1, 39);
  space.call('remove', ROOT, FIRST_TABLE, FIRST_TABLE + 40 * PAGE);
  assert.deepEqual(free(), []);
  for (let entry = 0; entry < 6; entry++) assert.equal(space.at(ROOT, entry * 512), undefined);
});
