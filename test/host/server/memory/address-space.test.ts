/**
 * Address spaces against a model: random mappings, protections, unmappings, forks and accesses, by the server for its
 * clients and by the clients themselves through page faults. After every step the simulated page tables may allow
 * nothing that the model forbids, and at the end all memory is back.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { MapRights } from '../../../../lib/abi/rights.js';
import type { LoweredProgram } from '../../../../tools/compiler/lowered.js';
import { compileServerTest, createMachine, type Machine, WINDOW } from './memory-program.js';

const DRIVER = `
import { bootInformationAt } from './arch/x86_64/window';
import { startMemory } from './boot';
import { type AddressSpace, createSpace } from './memory/address-space';
import { cloneSpace } from './memory/clone';
import { reachForRead, reachForWrite } from './memory/copy';
import { resolveFault } from './memory/fault';
import { bytesOfHeap } from './memory/heap';
import { carve, mapRequest, place, rejoin } from './memory/map';
import { MappingKind } from './memory/mapping';
import { movePages } from './memory/move';
import { freePages } from './memory/pages';
import { protectMapping } from './memory/protect';
import { reapSpaces } from './memory/reaper';
import { unmapRange } from './memory/unmap';
import { Process } from './process/process';
import { Thread } from './process/thread';
import { createAnonymousFile } from './vfs/tmpfs/file-system';
import { registerMemoryDevices } from './vfs/device/memory-devices';
import { AGAIN } from './wait/outcome';

const process: Process = reserve();
const thread: Thread = reserve();

/** @entry test_start */
export function start(information: u64): void {
  startMemory(bootInformationAt(information));
  thread.process = process;
}

/** @entry test_devices */
export function devices(): void {
  registerMemoryDevices();
}

/** @entry test_create */
export function create_(): AddressSpace | null {
  return createSpace();
}

/** @entry test_map */
export function map(space: AddressSpace, start: u64, end: u64, protection: u64, isShared: boolean): void {
  unmapRange(space, start, end, 1000000);
  mapRequest.set(start, end, protection, MappingKind.Plain);
  mapRequest.isShared = isShared;
  if (isShared) {
    const memory = createAnonymousFile(end - start);
    mapRequest.inode = memory;
    place(space, mapRequest);
    memory.drop();
  } else place(space, mapRequest);
}

/** @entry test_unmap */
export function unmap(space: AddressSpace, start: u64, end: u64, budget: u64): u64 {
  return unmapRange(space, start, end, budget);
}

/** @entry test_protect */
export function protect(space: AddressSpace, start: u64, end: u64, protection: u64): void {
  let at = start;
  while (at < end) {
    const mapping = space.findFrom(at);
    if (mapping === null || mapping.start >= end) return;
    const part = carve(space, mapping, mapping.start > at ? mapping.start : at, end);
    at = part.end;
    protectMapping(space, part, protection);
    rejoin(space, part);
  }
}

/** @entry test_move */
export function move(space: AddressSpace, start: u64, end: u64, target: u64): void {
  unmapRange(space, target, target + (end - start), 1000000);
  const mapping = space.find(start);
  if (mapping === null) return;
  mapRequest.set(target, target + (end - start), mapping.protection, MappingKind.Plain);
  place(space, mapRequest);
  movePages(space, start, end, target);
  unmapRange(space, start, end, 1000000);
}

/** @entry test_read */
export function read(space: AddressSpace, address: u64): u64 {
  return reachForRead(space, address);
}

/** @entry test_write */
export function write(space: AddressSpace, address: u64): u64 {
  return reachForWrite(space, address);
}

/** @entry test_fault */
export function fault(space: AddressSpace, address: u64, code: u64): i64 {
  process.space = space;
  return resolveFault(thread, address, code);
}

/** @entry test_clone */
export function clone(space: AddressSpace): AddressSpace | null {
  process.space = space;
  let outcome = cloneSpace(thread);
  while (outcome === AGAIN) outcome = cloneSpace(thread);
  const copy = thread.call.space;
  thread.call.space = null;
  thread.call.clear();
  return outcome === 0 ? copy : null;
}

/** @entry test_drop */
export function drop(space: AddressSpace): void {
  space.drop();
}

/** @entry test_reap */
export function reap(): void {
  while (reapSpaces()) continue;
}

/** @entry test_free */
export function free(): u64 {
  return freePages();
}

/** @entry test_heap */
export function heap(): u64 {
  return bytesOfHeap();
}

/** @entry test_resident */
export function resident(space: AddressSpace): u64 {
  return space.residentPages();
}

/** @entry test_slot */
export function slot(space: AddressSpace): u64 {
  return space.kit.slot;
}

/** @entry test_mappings */
export function mappings(space: AddressSpace): u64 {
  return space.mappings.count;
}
`;

const PAGE = 4096n;
/** Pages before and after a border between two chunks of 64 and two spans of 512. */
const BASE = 0x4000_0000n - 20n * PAGE;
const PAGES = 40;
const READ = 1;
const WRITE = 2;
const MAPERR = -14n;
const ACCERR = -13n;

let built: { lowered: LoweredProgram; wasm: Uint8Array };
before(async () => {
  built = await compileServerTest('memory-test', DRIVER);
});

/** The contents of one page, shared by whoever shares it. */
interface Cell {
  value: number;
}

interface Place {
  protection: number;
  isShared: boolean;
  cell: Cell;
}

interface Client {
  readonly handle: bigint;
  readonly places: (Place | undefined)[];
}

class Model {
  readonly machine: Machine;
  readonly clients: Client[] = [];

  constructor() {
    this.machine = createMachine(built.lowered, built.wasm);
    this.add(this.call('test_create'), new Array<Place | undefined>(PAGES).fill(undefined));
  }

  call(symbol: string, ...given: (bigint | number | boolean)[]): bigint {
    return BigInt.asIntN(64, this.machine.program.call(symbol, ...given));
  }

  add(handle: bigint, places: (Place | undefined)[]): void {
    assert.notEqual(handle, 0n);
    this.clients.push({ handle, places });
  }

  client(index: number): Client {
    const client = this.clients[index % this.clients.length];
    assert.ok(client);
    return client;
  }

  /** What the client itself would see: the page tables, and a fault where they do not allow it. */
  access(client: Client, page: number, isWrite: boolean): bigint {
    const address = BASE + BigInt(page) * PAGE;
    const wanted = isWrite ? MapRights.Write : MapRights.Read;
    const space = this.machine.kernel.space(this.call('test_slot', client.handle));
    for (let round = 0; round < 2; round++) {
      const mapped = space.pages.get(address);
      if (mapped !== undefined && (mapped.rights & wanted) !== 0) return WINDOW + mapped.frame * PAGE;
      const outcome = this.call('test_fault', client.handle, address + 5n, (isWrite ? 2 : 0) | 4);
      if (outcome !== 0n) return outcome;
    }
    return assert.fail('a fault was resolved, but the page tables do not allow the access');
  }

  expectAccess(client: Client, page: number, isWrite: boolean, byServer: boolean, value: number): void {
    const place = client.places[page];
    const address = BASE + BigInt(page) * PAGE;
    const isAllowed = place !== undefined && (place.protection & (isWrite ? WRITE : READ | WRITE)) !== 0;
    const at = byServer
      ? this.call(isWrite ? 'test_write' : 'test_read', client.handle, address)
      : this.access(client, page, isWrite);
    if (!isAllowed) {
      assert.equal(at, byServer ? 0n : place === undefined ? MAPERR : ACCERR);
      return;
    }
    assert.ok(at > 0n, `page ${page} is not accessible`);
    const { memory } = this.machine.program;
    assert.equal(Number(memory.load(at, 1)), place.cell.value);
    if (!isWrite) return;
    memory.store(at, 1, BigInt(value));
    place.cell.value = value;
  }

  /** No page table entry allows what the model does not, and each leads to the right contents. */
  check(): void {
    for (const client of this.clients) {
      const space = this.machine.kernel.space(this.call('test_slot', client.handle));
      for (const [address, mapped] of space.pages) {
        const page = Number((address - BASE) / PAGE);
        const place = client.places[page];
        assert.ok(place !== undefined, `page ${page} is mapped in the page tables only`);
        if (mapped.rights !== 0) assert.notEqual(place.protection, 0);
        if ((mapped.rights & MapRights.Write) !== 0) {
          assert.ok((place.protection & WRITE) !== 0, `page ${page} is writable in the page tables only`);
          if (!place.isShared) this.expectAlone(client, page, mapped.frame);
        }
        const value = this.machine.program.memory.load(WINDOW + mapped.frame * PAGE, 1);
        assert.equal(Number(value), place.cell.value, `page ${page} holds something else`);
      }
    }
  }

  private expectAlone(owner: Client, page: number, frame: bigint): void {
    for (const client of this.clients) {
      const space = this.machine.kernel.space(this.call('test_slot', client.handle));
      for (const [address, mapped] of space.pages) {
        const isSame = client === owner && address === BASE + BigInt(page) * PAGE;
        assert.ok(isSame || mapped.frame !== frame, `a writable page ${page} is somebody else's too`);
      }
    }
  }
}

type Step =
  | { kind: 'map'; client: number; first: number; count: number; protection: number; isShared: boolean }
  | { kind: 'unmap'; client: number; first: number; count: number; budget: number }
  | { kind: 'protect'; client: number; first: number; count: number; protection: number }
  | { kind: 'access'; client: number; page: number; isWrite: boolean; byServer: boolean; value: number }
  | { kind: 'fork'; client: number }
  | { kind: 'exit'; client: number };

/** Random steps keep to a few pages around the border, so that they meet. */
const NEAR = { min: 15, max: 25 };
const range = { first: fc.integer(NEAR), count: fc.integer({ min: 1, max: 10 }) };
const client = fc.nat({ max: 3 });
const protection = fc.constantFrom(0, READ, READ | WRITE, READ | WRITE, READ | WRITE);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('map' as const), client, ...range, protection, isShared: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('unmap' as const),
      client,
      ...range,
      budget: fc.integer({ min: 1, max: 50 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('protect' as const), client, ...range, protection }) },
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant('access' as const),
      client,
      page: fc.integer(NEAR),
      isWrite: fc.boolean(),
      byServer: fc.boolean(),
      value: fc.integer({ min: 1, max: 255 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('fork' as const), client }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('exit' as const), client }) },
);

function apply(model: Model, action: Step): void {
  const target = model.client(action.client);
  if (action.kind === 'access') {
    model.expectAccess(target, action.page, action.isWrite, action.byServer, action.value);
    return;
  }
  if (action.kind === 'fork') {
    if (model.clients.length === 4) return;
    const places = target.places.map((place) =>
      place === undefined ? undefined : { ...place, cell: place.isShared ? place.cell : { ...place.cell } },
    );
    model.add(model.call('test_clone', target.handle), places);
    return;
  }
  if (action.kind === 'exit') {
    if (model.clients.length === 1) return;
    model.clients.splice(model.clients.indexOf(target), 1);
    model.call('test_drop', target.handle);
    model.call('test_reap');
    return;
  }
  const end = Math.min(action.first + action.count, PAGES);
  const start = BASE + BigInt(action.first) * PAGE;
  const stop = BASE + BigInt(end) * PAGE;
  if (action.kind === 'map') {
    model.call('test_map', target.handle, start, stop, action.protection, action.isShared);
    for (let page = action.first; page < end; page++) {
      target.places[page] = { protection: action.protection, isShared: action.isShared, cell: { value: 0 } };
    }
  } else if (action.kind === 'unmap') {
    let at = start;
    while (at < stop) {
      const reached = model.call('test_unmap', target.handle, at, stop, action.budget);
      assert.ok(reached > at, 'unmapping makes progress');
      at = reached;
    }
    target.places.fill(undefined, action.first, end);
  } else {
    model.call('test_protect', target.handle, start, stop, action.protection);
    for (let page = action.first; page < end; page++) {
      const place = target.places[page];
      if (place !== undefined) place.protection = action.protection;
    }
  }
}

test('address spaces behave as the model does, whatever happens in which order', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 40, maxLength: 120 }), (steps) => {
      const model = new Model();
      apply(model, { kind: 'map', client: 0, first: 10, count: 25, protection: READ | WRITE, isShared: false });
      for (const action of steps) {
        apply(model, action);
        model.check();
      }
    }),
    { numRuns: 300 },
  );
});

test('a thousand forks, writes and exits give every page and every byte of the heap back', () => {
  const model = new Model();
  const parent = model.client(0);
  apply(model, { kind: 'map', client: 0, first: 0, count: PAGES, protection: READ | WRITE, isShared: false });
  for (let page = 0; page < PAGES; page++) model.expectAccess(parent, page, true, true, page + 1);
  const round = (): void => {
    apply(model, { kind: 'fork', client: 0 });
    for (let page = 0; page < PAGES; page += 3) model.expectAccess(model.client(1), page, true, false, 7);
    apply(model, { kind: 'exit', client: 1 });
    for (let page = 0; page < PAGES; page += 2) model.expectAccess(parent, page, true, false, page + 1);
  };
  round();
  const free = model.call('test_free');
  const heap = model.call('test_heap');
  for (let count = 0; count < 1000; count++) round();
  assert.equal(model.call('test_free'), free);
  assert.equal(model.call('test_heap'), heap);
});

test('moved pages keep their contents, and nothing stays behind', () => {
  const model = new Model();
  const only = model.client(0);
  apply(model, { kind: 'map', client: 0, first: 0, count: 10, protection: READ | WRITE, isShared: false });
  for (let page = 0; page < 10; page++) model.expectAccess(only, page, true, false, page + 1);
  model.call('test_move', only.handle, BASE, BASE + 10n * PAGE, BASE + 17n * PAGE);
  for (let page = 0; page < 10; page++) {
    only.places[page + 17] = only.places[page];
    only.places[page] = undefined;
  }
  model.check();
  for (let page = 0; page < 30; page++) model.expectAccess(only, page, false, false, 0);
  for (let page = 17; page < 27; page++) model.expectAccess(only, page, true, false, 99);
  assert.equal(model.call('test_resident', only.handle), 10n);
});

test('neighbours that become alike are one mapping again', () => {
  const model = new Model();
  const { handle } = model.client(0);
  model.call('test_map', handle, BASE, BASE + 10n * PAGE, READ | WRITE, false);
  model.call('test_map', handle, BASE + 10n * PAGE, BASE + 20n * PAGE, READ | WRITE, false);
  assert.equal(model.call('test_mappings', handle), 1n);
  model.call('test_protect', handle, BASE + 5n * PAGE, BASE + 8n * PAGE, READ);
  assert.equal(model.call('test_mappings', handle), 3n);
  model.call('test_protect', handle, BASE + 5n * PAGE, BASE + 8n * PAGE, READ | WRITE);
  assert.equal(model.call('test_mappings', handle), 1n);
});
