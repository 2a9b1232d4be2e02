// What must hold in the kernel's memory after every operation, whatever was asked of it: the derivation tree is a tree,
// capabilities to one object are neighbours in it, live objects do not overlap, threads' caches say what their slots say,
// queues and threads agree, and the highest priority runs. Each check reads simulated memory, not the kernel's own view.

import assert from 'node:assert/strict';
import { DIRECT_MAP, type KernelBox, ROOT_CNODE, ROOT_TCB } from './box.js';

export enum Kind {
  None = 0,
  Untyped = 1,
  CNode = 2,
  Tcb = 3,
  Endpoint = 4,
  Notification = 5,
  Reply = 6,
  Region = 7,
  Attachment = 8,
  Frame = 9,
  VSpace = 10,
  Tables = 11,
  Namespace = 12,
  IrqHandler = 14,
  Zombie = 18,
}

export interface Slot {
  address: bigint;
  kind: Kind;
  rights: bigint;
  bits: bigint;
  flags: bigint;
  depth: bigint;
  word: bigint;
  object: bigint;
  base: bigint;
  next: bigint;
  previous: bigint;
}

const SLOT_BYTES = 64n;
const EMPTY_SLOT = new Uint8Array(64);
const FIXED_BITS = new Map<Kind, bigint>([
  [Kind.Tcb, 11n],
  [Kind.Endpoint, 6n],
  [Kind.Notification, 6n],
  [Kind.Reply, 6n],
  [Kind.VSpace, 12n],
  [Kind.Namespace, 8n],
]);

enum State {
  Inactive = 0,
  Ready = 1,
  BlockedSend = 2,
  BlockedCall = 3,
  BlockedReceive = 4,
  BlockedReply = 5,
  BlockedKernelMessage = 6,
  BlockedForeign = 7,
  BlockedWait = 8,
}

/** Reads the slot at `address`. */
function readSlot(box: KernelBox, address: bigint): Slot {
  const field = (name: string) => box.field('Capability', name, address);
  const kind = Number(field('kind')) as Kind;
  const [rights, bits, flags, depth] = [field('rights'), field('bits'), field('flags'), field('depth')];
  const [word, object, base] = [field('word'), field('object'), field('base')];
  return {
    address,
    kind,
    rights,
    bits,
    flags,
    depth,
    word,
    object,
    base,
    next: field('next'),
    previous: field('previous'),
  };
}

/**
 * Every slot that is not empty, found through the objects that have slots, from the root's on, and through the derivation
 * tree: the last capability to a table may lie in that very table, where only revoking reaches it.
 */
export function liveSlots(box: KernelBox): Map<bigint, Slot> {
  const found = new Map<bigint, Slot>();
  const tables: [address: bigint, count: bigint][] = [
    [DIRECT_MAP + ROOT_CNODE, 128n],
    [DIRECT_MAP + ROOT_TCB, 8n],
    ...box.kernelSlots.map((address): [bigint, bigint] => [address, 1n]),
  ];
  const seen = new Set(tables.map(([address]) => address));
  for (let table = tables.pop(); table !== undefined; table = tables.pop()) {
    const [start, count] = table;
    for (let index = 0n; index < count; index++) {
      const address = start + index * SLOT_BYTES;
      const bytes = box.program.memory.span(address, Number(SLOT_BYTES));
      if (Buffer.compare(bytes, EMPTY_SLOT) === 0) continue;
      const slot = readSlot(box, address);
      assert.notEqual(slot.kind, Kind.None, `the empty slot ${address.toString(16)} is all zeros`);
      found.set(slot.address, slot);
      if (slot.next !== 0n && !found.has(slot.next)) tables.push([slot.next, 1n]);
      const slots = slotsOf(slot);
      if (slots > 0n && !seen.has(slot.object)) {
        seen.add(slot.object);
        tables.push([slot.object, slots]);
      }
    }
  }
  return found;
}

function slotsOf(slot: Slot): bigint {
  if (slot.kind === Kind.CNode || slot.kind === Kind.Zombie) return 1n << slot.bits;
  if (slot.kind === Kind.Tcb) return 8n;
  return slot.kind === Kind.Namespace ? 2n : 0n;
}

const hex = (slot: Slot) => `${Kind[slot.kind]} in slot ${slot.address.toString(16)}`;
const isObject = (slot: Slot) => FIXED_BITS.has(slot.kind) || slot.kind === Kind.CNode || slot.kind === Kind.Zombie;

/** One preorder list per root; no slot outside, none twice, neighbours agree, at most one level deeper each. */
export function checkTree(slots: ReadonlyMap<bigint, Slot>): void {
  let visited = 0;
  for (const head of slots.values()) {
    if (head.previous !== 0n) {
      const before = slots.get(head.previous);
      assert.ok(before, `${hex(head)} follows a slot that is empty`);
      assert.equal(before.next, head.address, `${hex(before)} and its follower agree`);
      continue;
    }
    assert.equal(head.depth, 0n, `${hex(head)} is a root`);
    const closed = new Set<bigint>();
    let lastObject = 0n;
    for (let slot: Slot | undefined = head; slot !== undefined; ) {
      visited++;
      assert.ok(visited <= slots.size, 'the list has no cycle');
      if (isObject(slot) && slot.object !== lastObject) {
        assert.ok(!closed.has(slot.object), `capabilities to the object of ${hex(slot)} are neighbours`);
        closed.add(slot.object);
      }
      lastObject = slot.object;
      if (slot.next === 0n) break;
      const next: Slot | undefined = slots.get(slot.next);
      assert.ok(next, `${hex(slot)} is followed by an empty slot`);
      assert.ok(next.depth <= slot.depth + 1n, `${hex(next)} is at most one level deeper`);
      slot = next;
    }
  }
  assert.equal(visited, slots.size, 'every capability is in the tree');
}

/** The memory that a capability's object takes, physically. */
function extent(slot: Slot): { start: bigint; end: bigint } | undefined {
  if ([Kind.Untyped, Kind.Region, Kind.Frame, Kind.Tables, Kind.Attachment].includes(slot.kind)) {
    return { start: slot.base, end: slot.base + (1n << slot.bits) };
  }
  if (!isObject(slot) || slot.kind === Kind.Zombie) return undefined;
  const bits = slot.kind === Kind.CNode ? slot.bits + 6n : (FIXED_BITS.get(slot.kind) as bigint);
  return { start: slot.object - DIRECT_MAP, end: slot.object - DIRECT_MAP + (1n << bits) };
}

const IN_THREAD = 1n;

/**
 * Attachments and the Frame in a thread's UTCB slot show memory of a Region. When that is deleted they become the
 * Untyped's, side by side with others that show the same memory.
 */
function isView(slot: Slot): boolean {
  return slot.kind === Kind.Attachment || (slot.kind === Kind.Frame && (slot.flags & IN_THREAD) !== 0n);
}

/** What was made of an Untyped lies inside it, below its mark, and no two objects overlap unless one is in the other. */
export function checkMemory(slots: ReadonlyMap<bigint, Slot>): void {
  const extents = new Map<string, { start: bigint; end: bigint; slot: Slot }>();
  for (const head of slots.values()) {
    if (head.previous !== 0n) continue;
    const ancestors: Slot[] = [];
    for (let slot: Slot | undefined = head; slot !== undefined; slot = slots.get(slot.next)) {
      while (ancestors.length > 0 && (ancestors[ancestors.length - 1] as Slot).depth >= slot.depth) ancestors.pop();
      const memory = extent(slot);
      if (memory !== undefined) {
        const untyped = [...ancestors].reverse().find(({ kind }) => kind === Kind.Untyped);
        if (untyped !== undefined) {
          const used = untyped.base + ((untyped.word & 0xffff_ffffn) << 6n);
          assert.ok(
            memory.start >= untyped.base && memory.end <= used,
            `${hex(slot)} is in the used part of its Untyped`,
          );
        }
        const same = ancestors[ancestors.length - 1];
        const isCopy = same !== undefined && same.kind !== Kind.Untyped;
        const key = `${memory.start}-${memory.end}`;
        const standsAlone = slot.kind !== Kind.Untyped && !isCopy && !isView(slot);
        if (standsAlone && !extents.has(key)) extents.set(key, { ...memory, slot });
      }
      ancestors.push(slot);
    }
  }
  const sorted = [...extents.values()].sort((a, b) => (a.start < b.start ? -1 : 1));
  sorted.forEach((object, index) => {
    const next = sorted[index + 1];
    if (next) assert.ok(object.end <= next.start, `${hex(object.slot)} and ${hex(next.slot)} share memory`);
  });
}

/** A capability derived from another to the same object has no right that the other lacks. */
export function checkRights(slots: ReadonlyMap<bigint, Slot>): void {
  for (const slot of slots.values()) {
    let parent = slots.get(slot.previous);
    while (parent !== undefined && parent.depth >= slot.depth) parent = slots.get(parent.previous);
    if (parent === undefined || slot.kind === Kind.Zombie || slot.kind !== parent.kind || slot.object === 0n) continue;
    if (slot.object !== parent.object) continue;
    assert.equal(slot.rights & ~parent.rights, 0n, `${hex(slot)} has no right that its parent lacks`);
  }
}

/** The objects of one kind that some capability leads to. */
function objectsOf(slots: ReadonlyMap<bigint, Slot>, kind: Kind): Set<bigint> {
  return new Set([...slots.values()].filter((slot) => slot.kind === kind).map(({ object }) => object));
}

/** The threads of a queue, in order; its links agree in both directions. */
function queueOf(box: KernelBox, queue: bigint): bigint[] {
  const threads: bigint[] = [];
  let previous = 0n;
  for (let at = box.field('ThreadQueue', 'first', queue); at !== 0n; at = box.field('Tcb', 'queueNext', at)) {
    assert.equal(box.field('Tcb', 'queuePrevious', at), previous, 'queue links agree');
    assert.ok(threads.length < 1000, 'the queue has no cycle');
    threads.push(at);
    previous = at;
  }
  if (threads.length > 0) assert.equal(box.field('ThreadQueue', 'last', queue), previous, 'the queue knows its last');
  return threads;
}

/** Threads, queues, Replies and notifications say the same about who waits where. */
export function checkThreads(box: KernelBox, slots: ReadonlyMap<bigint, Slot>): void {
  const threads = objectsOf(slots, Kind.Tcb);
  const tcb = (thread: bigint, name: string) => box.field('Tcb', name, thread);
  const standing = new Map<bigint, bigint>();
  const stand = (queue: bigint[], owner: bigint) => {
    for (const thread of queue) {
      assert.ok(
        !standing.has(thread),
        `thread ${thread.toString(16)} is in one queue at most, not in ${owner.toString(16)} and ${standing.get(thread)?.toString(16)}`,
      );
      assert.ok(threads.has(thread), 'a queued thread is alive');
      standing.set(thread, owner);
    }
  };
  for (const endpoint of objectsOf(slots, Kind.Endpoint)) {
    const queue = queueOf(box, box.program.fieldAddress('Endpoint', 'queue', endpoint));
    stand(queue, endpoint);
    const state = Number(box.field('Endpoint', 'state', endpoint));
    assert.equal(state === 0, queue.length === 0, 'an endpoint is idle exactly when nobody waits');
    for (const thread of queue) {
      const receiving = Number(tcb(thread, 'state')) === State.BlockedReceive;
      assert.equal(state, receiving ? 2 : 1, 'an endpoint holds senders or receivers, never both');
    }
  }
  for (const notification of objectsOf(slots, Kind.Notification)) {
    const queue = queueOf(box, box.program.fieldAddress('Notification', 'queue', notification));
    stand(queue, notification);
    if (queue.length > 0) assert.equal(box.field('Notification', 'word', notification), 0n, 'waiters take signals');
    const bound = box.field('Notification', 'bound', notification);
    if (bound !== 0n) assert.equal(tcb(bound, 'bound'), notification, 'a bound notification and its thread agree');
  }
  for (const reply of objectsOf(slots, Kind.Reply)) {
    const caller = box.field('Reply', 'caller', reply);
    if (caller !== 0n) {
      assert.equal(tcb(caller, 'keptBy'), reply, 'a Reply and its caller agree');
      const waits = [State.BlockedReply, State.BlockedForeign].includes(Number(tcb(caller, 'state')));
      assert.ok(waits, 'a Reply keeps a thread that waits');
    }
    const keeper = box.field('Reply', 'keeper', reply);
    if (keeper !== 0n) assert.equal(tcb(keeper, 'keeps'), reply, 'a Reply and its keeper agree');
  }
  const scheduler = box.call('schedulerAddress');
  const queues = box.program.fieldAddress('Scheduler', 'queues', scheduler);
  const bitmap = box.program.fieldAddress('Scheduler', 'bitmap', scheduler);
  let highest = -1;
  for (let priority = 0; priority < 256; priority++) {
    const queue = queueOf(box, queues + BigInt(priority) * 16n);
    stand(queue, scheduler);
    const bit = (box.program.memory.load(bitmap + BigInt(priority >> 6) * 8n, 8) >> BigInt(priority & 63)) & 1n;
    assert.equal(bit, queue.length > 0 ? 1n : 0n, `the bitmap is right for priority ${priority}`);
    if (queue.length > 0) highest = priority;
    for (const thread of queue) {
      assert.equal(tcb(thread, 'priority'), BigInt(priority), 'a ready thread stands in the queue of its priority');
      assert.equal(tcb(thread, 'queued'), 1n);
      assert.equal(Number(tcb(thread, 'state')), State.Ready);
    }
  }
  const current = box.current;
  if (current === box.call('idle')) assert.equal(highest, -1, 'the idle thread runs only when nobody is ready');
  else assert.ok(Number(tcb(current, 'priority')) >= highest, 'nobody ready is above the current thread');
  for (const thread of threads) checkThread(box, slots, thread, standing, current);
}

function checkThread(
  box: KernelBox,
  slots: ReadonlyMap<bigint, Slot>,
  thread: bigint,
  standing: ReadonlyMap<bigint, bigint>,
  current: bigint,
): void {
  const tcb = (name: string) => box.field('Tcb', name, thread);
  const state = Number(tcb('state')) as State;
  const where = standing.get(thread);
  const name = `thread ${thread.toString(16)} (${State[state]})`;
  switch (state) {
    case State.Ready:
      assert.equal(thread === current, where === undefined, `${name} runs or is in a run queue`);
      break;
    case State.Inactive:
    case State.BlockedReply:
    case State.BlockedForeign:
      assert.equal(where, undefined, `${name} is in no queue`);
      assert.notEqual(thread, current, `${name} does not run`);
      break;
    default:
      assert.equal(where, tcb('waitingOn'), `${name} is in the queue that it waits in`);
      assert.notEqual(thread, current, `${name} does not run`);
  }
  if (state === State.BlockedReply || state === State.BlockedForeign) {
    const kept = tcb('keptBy');
    assert.notEqual(kept, 0n, `${name} is kept by a Reply`);
    assert.equal(box.field('Reply', 'caller', kept), thread, `${name} and its Reply agree`);
  }
  const slot = (index: number) => slots.get(thread + BigInt(index) * SLOT_BYTES);
  const cspace = slot(0);
  if (tcb('cspaceLimit') !== 0n) {
    assert.equal(cspace?.kind, Kind.CNode, `${name} has a capability space`);
    assert.equal(tcb('cspace'), cspace?.object);
    assert.equal(tcb('cspaceLimit'), 1n << (cspace?.bits ?? 0n));
  }
  const handler = slot(3);
  if (handler?.kind === Kind.Endpoint) assert.equal(tcb('handler'), handler.object, `${name} knows its handler`);
  else assert.ok(tcb('handler') >= 0xffff_ffff_8000_0000n, `${name} has no handler but the kernel's stand-in`);
  const reply = slot(4);
  assert.equal(tcb('foreignReply'), reply?.kind === Kind.Reply ? reply.object : 0n, `${name} knows its Reply`);
  const bound = slot(5);
  assert.equal(tcb('bound'), bound?.kind === Kind.Notification ? bound.object : 0n, `${name} knows its notification`);
  const space = slot(1);
  const root = space?.kind === Kind.VSpace ? space.object - DIRECT_MAP : 0n;
  assert.equal(tcb('rootTable'), root, `${name} has the address space of its slot`);
}

const PTE_PRESENT = 1n;
const PTE_WRITABLE = 2n;
const PTE_LARGE = 128n;
const PTE_ADDRESS = 0x000f_ffff_ffff_f000n;
const RIGHT_WRITE = 2n;

/**
 * Every page that an address space maps belongs to an Attachment or Frame of that address space, with the right to
 * write if it is writable; every page table belongs to Tables that were supplied to it.
 */
export function checkMappings(box: KernelBox, slots: ReadonlyMap<bigint, Slot>): void {
  for (const space of objectsOf(slots, Kind.VSpace)) {
    const own = [...slots.values()].filter((slot) => slot.object === space);
    const holds = (kind: Kind, physical: bigint, bytes: bigint) =>
      own.filter(
        ({ kind: other, base, bits }) => other === kind && physical >= base && physical + bytes <= base + (1n << bits),
      );
    const walk = (table: bigint, level: number, address: bigint): void => {
      const count = level === 4 ? 256n : 512n;
      for (let index = 0n; index < count; index++) {
        const entry = box.program.memory.load(DIRECT_MAP + table + index * 8n, 8);
        if ((entry & PTE_PRESENT) === 0n) continue;
        const physical = entry & PTE_ADDRESS;
        const at = address + (index << BigInt(3 + 9 * level));
        if (level > 1 && (entry & PTE_LARGE) === 0n) {
          assert.ok(
            holds(Kind.Tables, physical, 4096n).length > 0,
            `the page table for ${at.toString(16)} is supplied memory`,
          );
          walk(physical, level - 1, at);
          continue;
        }
        const bytes = level === 1 ? 4096n : 0x20_0000n;
        const frames = holds(Kind.Frame, physical, bytes).filter(({ word }) => word <= at && at < word + 0x20_0000n);
        const owners = [...holds(Kind.Attachment, physical, bytes), ...frames];
        assert.ok(owners.length > 0, `the page at ${at.toString(16)} is attached memory`);
        if ((entry & PTE_WRITABLE) !== 0n) {
          assert.ok(
            owners.some(({ rights }) => (rights & RIGHT_WRITE) !== 0n),
            `the page at ${at.toString(16)} may be written`,
          );
        }
      }
    };
    walk(space - DIRECT_MAP, 4, 0n);
  }
}

export function checkEverything(box: KernelBox): void {
  const slots = liveSlots(box);
  checkMappings(box, slots);
  checkTree(slots);
  checkMemory(slots);
  checkRights(slots);
  checkThreads(box, slots);
}
