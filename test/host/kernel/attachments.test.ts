// kernel/object/attachment-index.ts against a plain list: attachments of all sizes come, move and go in any order, and
// each page is found in the one that has it. However they lie, no way through the tree is longer than an address has
// page bits.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HostProgram } from '../../../tools/compiler/back/host.js';
import { randomFrom } from '../compiler/back/random-program.js';
import { compileForHost, instantiate } from '../program.js';

const SLOTS = 600;

const HARNESS = `
import { ObjectKind } from '../../../lib/abi/object-kind.js';
import { findAttachment, overlapsAttached } from '../../object/attachment-index.js';
import { isAllWritable } from '../../object/attachment.js';
import type { Capability } from '../../object/capability.js';
import { moveCapability } from '../../object/derivation.js';
import { attachToSpace, detachFromSpace, type VSpace } from '../../object/vspace.js';
const slots: Fixed<Inline<Capability>, ${SLOTS}> = reserve();
const space: VSpace = reserve();
const region: Capability = reserve();
export function attach(index: u64, base: u64, bits: u8, rights: u8): void {
  const slot = slots[index];
  slot.kind = ObjectKind.Attachment;
  slot.base = base;
  slot.bits = bits;
  slot.rights = rights;
  attachToSpace(space, slot);
}
export function detach(index: u64): void {
  const slot = slots[index];
  detachFromSpace(space, slot);
  slot.kind = ObjectKind.None;
}
export function move(from: u64, to: u64): void { moveCapability(slots[from], slots[to]); }
/** The number of the slot, or ${SLOTS}. */
export function find(physical: u64): u64 {
  const found = findAttachment(space, physical);
  return found === null ? ${SLOTS} : (addressOf(found) - addressOf(slots)) / 64;
}
export function overlaps(base: u64, bits: u8): boolean {
  region.base = base;
  region.bits = bits;
  return overlapsAttached(space, region);
}
export function allWritable(): boolean { return isAllWritable(space); }
export function isEmpty(): boolean { return space.attachments === null; }
function depthOf(slot: Capability | null): u64 {
  if (slot === null) return 0;
  const low = depthOf(slot.listPrevious);
  const high = depthOf(slot.listNext);
  return (low > high ? low : high) + 1;
}
export function depth(): u64 { return depthOf(space.attachments); }
`;

const compiled = compileForHost('kernel-attachments', 'kernel/arch/x86_64/attachments-harness.ts', HARNESS.trimStart());

async function harness(): Promise<(name: string, ...given: (bigint | number)[]) => bigint> {
  const host: HostProgram = instantiate(await compiled, { windows: [], intrinsics: {} });
  return (name, ...given) => host.call(`arch_x86_64_attachments_harness_${name}`, ...given);
}

interface Attachment {
  slot: number;
  base: bigint;
  bits: number;
  rights: number;
}

const end = ({ base, bits }: { base: bigint; bits: number }) => base + (1n << BigInt(bits));

test('pages are found in the attachment that has them, whatever comes, moves and goes', async () => {
  const call = await harness();
  const random = randomFrom(7);
  const below = (bound: number) => Math.floor(random() * bound);
  const attached: Attachment[] = [];
  const free = Array.from({ length: SLOTS }, (_, slot) => slot);
  for (let step = 0; step < 6000; step++) {
    const choice = below(10);
    if (choice < 4 && free.length > 0) {
      const bits = 12 + below(below(4) === 0 ? 20 : 4);
      const base = (BigInt(below(1 << 14)) << 12n) & ~((1n << BigInt(bits)) - 1n);
      const wanted = { base, bits };
      const overlap = attached.some((one) => one.base < end(wanted) && base < end(one));
      assert.equal(call('overlaps', base, bits), overlap ? 1n : 0n, `step ${step}: overlap`);
      if (overlap) continue;
      const slot = free.splice(below(free.length), 1)[0] as number;
      const rights = below(40) === 0 ? 1 : 3;
      call('attach', slot, base, bits, rights);
      attached.push({ slot, base, bits, rights });
    } else if (choice < 7 && attached.length > 0) {
      const [gone] = attached.splice(below(attached.length), 1) as [Attachment];
      call('detach', gone.slot);
      free.push(gone.slot);
    } else if (choice < 8 && attached.length > 0 && free.length > 0) {
      const moved = attached[below(attached.length)] as Attachment;
      const to = free.splice(below(free.length), 1)[0] as number;
      call('move', moved.slot, to);
      free.push(moved.slot);
      moved.slot = to;
    } else {
      const page = BigInt(below(1 << 15)) << 12n;
      const expected = attached.find((one) => page >= one.base && page < end(one))?.slot ?? SLOTS;
      assert.equal(call('find', page), BigInt(expected), `step ${step}: page ${page.toString(16)}`);
    }
    assert.equal(call('allWritable'), attached.every(({ rights }) => rights === 3) ? 1n : 0n);
  }
  for (const { slot, base } of attached) assert.equal(call('find', base), BigInt(slot));
  for (const { slot } of attached) call('detach', slot);
  assert.equal(call('isEmpty'), 1n);
});

test('no way is longer than 41 attachments, in whatever order and place they come', async () => {
  const orders: ((index: number) => bigint)[] = [
    (index) => BigInt(index),
    (index) => BigInt(SLOTS - index),
    (index) => 1n << BigInt(index % 40),
    (index) => (1n << 40n) - (1n << BigInt(index % 40)),
    (index) => BigInt(index) << 30n,
  ];
  for (const order of orders) {
    const call = await harness();
    for (let index = 0; index < SLOTS; index++) {
      const base = order(index) << 12n;
      if (call('overlaps', base, 12) === 0n) call('attach', index, base, 12, 3);
    }
    assert.ok(call('depth') <= 41n, `${call('depth')} levels`);
  }
});
