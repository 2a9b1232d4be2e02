// kernel/arch/x86_64/kernel-map.ts: the kernel's own tables. No page is both writable and executable, text is never
// writable through any of its addresses, and only what was asked for is mapped.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BootMachine, DIRECT_MAP, image, KERNEL_BASE } from './boot-machine.js';

const PRESENT = 1n;
const WRITABLE = 2n;
const UNCACHED = 16n;
const NO_EXECUTE = 1n << 63n;
const PAGE = 4096n;

test('the image is mapped with the rights of its parts', async () => {
  const machine = await BootMachine.create();
  for (let address = image.start; address < image.end; address += PAGE) {
    const leaf = machine.leaf(address);
    const expected =
      address < image.textEnd
        ? PRESENT
        : address < image.constantsEnd
          ? PRESENT | NO_EXECUTE
          : address === image.guard
            ? 0n
            : PRESENT | WRITABLE | NO_EXECUTE;
    assert.equal(leaf & (PRESENT | WRITABLE | NO_EXECUTE), expected, address.toString(16));
    if (expected !== 0n) assert.equal(leaf & 0xf_ffff_ffff_f000n, address - KERNEL_BASE);
  }
});

test('nothing is left at the low addresses where the loader started', async () => {
  const machine = await BootMachine.create();
  for (const address of [0n, 0x100000n, image.start - KERNEL_BASE]) assert.equal(machine.leaf(address), 0n);
});

test('RAM is writable and not executable, except where text and constants lie', async () => {
  const machine = await BootMachine.create();
  const start = image.start - KERNEL_BASE;
  machine.call('mapRam', start - 0x10000n, image.end - KERNEL_BASE + 0x1000n);
  assert.equal(machine.leaf(DIRECT_MAP + start), 0n);
  assert.equal(machine.leaf(DIRECT_MAP + image.constantsEnd - KERNEL_BASE - PAGE), 0n);
  for (const physical of [start - PAGE, image.constantsEnd - KERNEL_BASE]) {
    assert.equal(machine.leaf(DIRECT_MAP + physical) & (WRITABLE | NO_EXECUTE), WRITABLE | NO_EXECUTE);
  }
  assert.equal(machine.leaf(DIRECT_MAP + start - 0x11000n), 0n);
  assert.equal(machine.leaf(DIRECT_MAP + image.end - KERNEL_BASE + 0x1000n), 0n);
});

test('what is read before it is known to be RAM becomes writable when it is', async () => {
  const machine = await BootMachine.create();
  assert.equal(machine.call('mapTable', 0x200123, 10), 1n);
  assert.equal(machine.leaf(DIRECT_MAP + 0x200000n) & WRITABLE, 0n);
  assert.equal(machine.leaf(DIRECT_MAP + 0x201000n), 0n);
  machine.call('mapRam', 0x200000, 0x600000);
  assert.equal(machine.leaf(DIRECT_MAP + 0x200000n) & WRITABLE, WRITABLE);
  assert.equal(machine.leaf(DIRECT_MAP + 0x5ff000n) & WRITABLE, WRITABLE);
  assert.equal(machine.call('mapTable', 0x200000, 10), 1n);
  assert.equal(machine.leaf(DIRECT_MAP + 0x200000n) & WRITABLE, WRITABLE, 'and stays so');
});

test('device registers are uncached, and never RAM', async () => {
  const machine = await BootMachine.create();
  machine.call('add', 0x100000, 0x100000);
  assert.equal(machine.call('mapRegisters', 0x180000, 4096), 0n);
  assert.equal(machine.call('mapRegisters', 0xfee00000, 4096), 1n);
  assert.equal(machine.leaf(DIRECT_MAP + 0xfee00000n) & (UNCACHED | NO_EXECUTE), UNCACHED | NO_EXECUTE);
});

test('ranges that are empty, wrap or lie too high are refused', async () => {
  const machine = await BootMachine.create();
  for (const [physical, length] of [
    [0x1000n, 0n],
    [0xffff_ffff_ffff_f000n, 0x2000n],
    [1n << 39n, 1n],
    [0x1000n, 1n << 40n],
  ] as const) {
    assert.equal(machine.call('mapTable', physical, length), 0n);
    assert.equal(machine.call('mapRegisters', physical, length), 0n);
  }
});
