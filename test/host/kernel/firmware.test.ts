// kernel/arch/x86_64/acpi.ts, madt.ts, acpi-power.ts: tables are used only when they are whole.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BootMachine, bytes } from './boot-machine.js';

const POINTER = 0x1000;
const XSDT = 0x2000;
const MADT = 0x3000;
const FADT = 0x4000;

/** Makes the byte at `at` such that the first `length` bytes add up to zero. */
function balance(table: Buffer, at: number, length = table.length): Buffer {
  table[at] = 0;
  table[at] = -table.subarray(0, length).reduce((sum, byte) => sum + byte, 0) & 0xff;
  return table;
}

function table(signature: string, body: Buffer, length = 36 + body.length): Buffer {
  return balance(Buffer.concat([bytes(signature, [4, length]), Buffer.alloc(28), body]), 9, 36 + body.length);
}

function pointer(xsdt = XSDT): Buffer {
  const made = bytes('RSD PTR ', [1, 0], 'KAIRO ', [1, 2], [4, 0], [4, 36], [8, xsdt], [4, 0]);
  return balance(balance(made, 8, 20), 32);
}

const entries = {
  cpu: (id: number, enabled = 1) => bytes([1, 0], [1, 8], [1, id], [1, id], [4, enabled]),
  ioApic: (physical: number, first = 0) => bytes([1, 1], [1, 12], [1, 0], [1, 0], [4, physical], [4, first]),
  override: (line: number, to: number, flags: number) => bytes([1, 2], [1, 10], [1, 0], [1, line], [4, to], [2, flags]),
};

async function withTables(madt: Buffer, given: { pointer?: Buffer; xsdt?: Buffer } = {}): Promise<BootMachine> {
  const machine = await BootMachine.create();
  machine.write(POINTER, given.pointer ?? pointer());
  machine.write(XSDT, given.xsdt ?? table('XSDT', bytes([8, MADT], [8, FADT])));
  machine.write(MADT, madt);
  const fadt = Buffer.alloc(100);
  fadt.writeUInt32LE(0x608, 76 - 36);
  machine.write(FADT, table('FACP', fadt));
  machine.host.setField('BootRecord', 'acpiPhysical', machine.call('record'), POINTER);
  machine.call('acpi');
  return machine;
}

const APIC = bytes([4, 0xfee00000], [4, 1]);

describe('MADT', () => {
  it('counts enabled processors, finds I/O APICs and overrides', async () => {
    const body = [
      entries.cpu(0),
      entries.cpu(1),
      entries.cpu(2, 0),
      entries.ioApic(0xfec00000),
      entries.override(0, 2, 0),
    ];
    const machine = await withTables(table('APIC', Buffer.concat([APIC, ...body])));
    assert.deepEqual(
      [machine.madt('isPresent'), machine.madt('processorCount'), machine.madt('ioApicCount')],
      [1n, 2n, 1n],
    );
    const line0 = machine.host.fieldAddress('MadtRecord', 'isaLines', machine.call('madtRecord'));
    assert.equal(machine.host.field('IsaLine', 'globalInterrupt', line0), 2n);
  });

  it('an entry of no length ends it', async () => {
    const machine = await withTables(
      table('APIC', Buffer.concat([APIC, entries.cpu(0), bytes([2, 0]), entries.cpu(1)])),
    );
    assert.equal(machine.madt('processorCount'), 1n);
  });

  it('an entry beyond the end ends it', async () => {
    const machine = await withTables(table('APIC', Buffer.concat([APIC, entries.cpu(0), bytes([1, 0], [1, 200])])));
    assert.equal(machine.madt('processorCount'), 1n);
  });

  it('keeps four of many I/O APICs', async () => {
    const many = Array.from({ length: 9 }, (_, index) => entries.ioApic(0xfec00000 + index * 0x1000, index * 24));
    const machine = await withTables(table('APIC', Buffer.concat([APIC, ...many])));
    assert.equal(machine.madt('ioApicCount'), 4n);
  });

  for (const [what, madt] of [
    ['with a wrong sum', balance(table('APIC', APIC), 8).fill(1, 10, 11)],
    ['that says it is shorter than its header', table('APIC', APIC, 12)],
    ['that says it is huge', table('APIC', APIC, 0x7fffffff)],
  ] as const) {
    it(`${what} is not used`, async () => {
      const machine = await withTables(Buffer.from(madt));
      assert.deepEqual([machine.madt('isPresent'), machine.madt('processorCount')], [0n, 1n]);
      assert.equal(machine.madt('localApicPhysical'), 0xfee00000n);
    });
  }
});

describe('root pointer', () => {
  it('with a wrong sum leads to no tables', async () => {
    const broken = pointer();
    broken[10] = (broken[10] ?? 0) ^ 1;
    const machine = await withTables(table('APIC', APIC), { pointer: broken });
    assert.equal(machine.madt('isPresent'), 0n);
  });

  it('that points nowhere leads to no tables', async () => {
    const machine = await withTables(table('APIC', APIC), { pointer: pointer(0x7fff_ffff_f000) });
    assert.equal(machine.madt('isPresent'), 0n);
  });
});

it('the power management timer is where the FADT says', async () => {
  const machine = await withTables(table('APIC', APIC));
  assert.equal(machine.call('timerPort'), 0x608n);
});
