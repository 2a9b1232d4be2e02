// kernel/boot/memory.ts: after the kernel has taken memory over, every free range is mapped and nobody's, and a boot
// module is used only where it can be one.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BootMachine, DIRECT_MAP, image, KERNEL_BASE } from './boot-machine.js';

const RAM = { start: 0x100000, end: 0x1800_0000 };
const IMAGE = { start: Number(image.start - KERNEL_BASE), end: Number(image.end - KERNEL_BASE) };
const PAGE = 4096;

async function takenOver(module?: { start: bigint | number; bytes: bigint | number }): Promise<BootMachine> {
  const machine = await BootMachine.create();
  machine.call('add', 0, 0x9fc00);
  machine.call('add', RAM.start, RAM.end - RAM.start);
  if (module !== undefined) machine.setModule(module.start, module.bytes);
  machine.call('takeOver');
  return machine;
}

function isFree(machine: BootMachine, address: number): boolean {
  return machine.ranges().some(([start, end]) => address >= start && address < end);
}

describe('memory after the boot', () => {
  it('has neither the image nor the first 64 KB, and is mapped', async () => {
    const machine = await takenOver();
    assert.deepEqual(machine.ranges(), [
      [0x10000, 0x9f000],
      [RAM.start, IMAGE.start],
      [IMAGE.end, RAM.end],
    ]);
    for (const [start, end] of machine.ranges()) {
      for (const at of [start, end - PAGE])
        assert.equal(machine.leaf(DIRECT_MAP + BigInt(at)) & 3n, 3n, at.toString(16));
    }
    assert.equal(machine.leaf(DIRECT_MAP), 0n);
    assert.equal(machine.record('totalMemory'), BigInt(0x9f000 + RAM.end - RAM.start));
  });
});

describe('a boot module', () => {
  it('in memory is kept and mapped, to the end of its last page', async () => {
    const machine = await takenOver({ start: 0x200000, bytes: 0x1234 });
    assert.equal(machine.record('moduleBytes'), 0x1234n);
    assert.deepEqual(
      [0x1ff000, 0x200000, 0x201000, 0x202000].map((at) => isFree(machine, at)),
      [true, false, false, true],
    );
    assert.equal(machine.leaf(DIRECT_MAP + 0x201000n) & 1n, 1n);
  });

  for (const [what, start, bytes] of [
    ['outside of memory', 0x4000_0000, 4096],
    ['that reaches beyond memory', RAM.end - PAGE, 2 * PAGE],
    ['that wraps around', RAM.end - PAGE, 0xffff_ffff_ffff_f000n],
    ['on the kernel image', IMAGE.end - PAGE, 2 * PAGE],
    ['that contains the kernel image', RAM.start, RAM.end - RAM.start],
    ['of no bytes', 0x200000, 0],
  ] as const) {
    it(`${what} is none`, async () => {
      const machine = await takenOver({ start, bytes });
      assert.deepEqual([machine.record('modulePhysical'), machine.record('moduleBytes')], [0n, 0n]);
      assert.ok(isFree(machine, 0x200000));
      assert.ok(!isFree(machine, IMAGE.start), 'and the image is safe');
    });
  }
});
