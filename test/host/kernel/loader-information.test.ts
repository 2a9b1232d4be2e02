// kernel/boot/pvh.ts and multiboot2.ts: what a loader says, and what a broken or hostile one says.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BootMachine, bytes, RAM_BYTES } from './boot-machine.js';

const INFO = 0x1000;
const MAP = 0x20000; // nothing lies behind it
const MODULES = 0x3000;
const LINE = 0x4000;

interface Pvh {
  magic?: number;
  version?: number;
  modules?: number;
  modulesAt?: number | bigint;
  lineAt?: number | bigint;
  mapAt?: number | bigint;
  mapEntries?: number;
}

function pvhInformation({ magic = 0x336ec578, version = 1, modules = 1, ...given }: Pvh = {}): Buffer {
  return bytes(
    ...([
      [4, magic],
      [4, version],
      [4, 0],
      [4, modules],
      [8, given.modulesAt ?? MODULES],
      [8, given.lineAt ?? LINE],
      [8, 0xf5000],
      [8, given.mapAt ?? MAP],
      [4, given.mapEntries ?? 3],
      [4, 0],
    ] as [number, number | bigint][]),
  );
}

async function withPvh(given: Pvh = {}): Promise<{ machine: BootMachine; isRead: boolean }> {
  const machine = await BootMachine.create();
  machine.write(INFO, pvhInformation(given));
  machine.write(MODULES, bytes([8, 0x80000], [8, 12345], [8, 0], [8, 0]));
  machine.write(LINE, bytes('console=ttyS0 quiet\0'));
  machine.write(MAP, bytes(...[entry(0, 0xa0000, 1), entry(0x100000, 0x300000, 1), entry(0x3f0000, 0x10000, 2)]));
  return { machine, isRead: machine.call('pvh', INFO) === 1n };
}

function entry(start: number, length: number, type: number): Buffer {
  return bytes([8, start], [8, length], [4, type], [4, 0]);
}

describe('PVH', () => {
  it('gives command line, module, ACPI pointer and memory', async () => {
    const { machine, isRead } = await withPvh();
    assert.ok(isRead);
    assert.equal(machine.commandLine(), 'console=ttyS0 quiet');
    assert.equal(machine.record('modulePhysical'), 0x80000n);
    assert.equal(machine.record('moduleBytes'), 12345n);
    assert.equal(machine.record('acpiPhysical'), 0xf5000n);
    assert.deepEqual(machine.ranges(), [
      [0, 0xa0000],
      [0x100000, 0x3f0000],
    ]);
  });

  it('is refused without its magic number', async () => {
    assert.equal((await withPvh({ magic: 0x2badb002 })).isRead, false);
  });

  it('version 0 has no memory map', async () => {
    const { machine, isRead } = await withPvh({ version: 0 });
    assert.ok(isRead);
    assert.deepEqual(machine.ranges(), []);
  });

  it('without modules has none', async () => {
    const { machine } = await withPvh({ modules: 0 });
    assert.equal(machine.record('moduleBytes'), 0n);
  });

  it('pointers outside of physical memory are not followed', async () => {
    const far = 0xffff_ffff_ffff_f000n;
    const { machine, isRead } = await withPvh({ modulesAt: far, lineAt: far, mapAt: far });
    assert.ok(isRead);
    assert.equal(machine.commandLine(), '');
    assert.equal(machine.record('moduleBytes'), 0n);
    assert.deepEqual(machine.ranges(), []);
  });

  it('reads no more memory map entries than a sane loader has', async () => {
    const { machine } = await withPvh({ mapEntries: 0xffffffff });
    assert.deepEqual(machine.ranges(), [
      [0, 0xa0000],
      [0x100000, 0x3f0000],
    ]);
  });

  it('cuts a command line that never ends', async () => {
    const machine = await BootMachine.create();
    machine.write(INFO, pvhInformation({ modules: 0, lineAt: 0x10000, mapEntries: 0 }));
    machine.write(0x10000, Buffer.alloc(0x4000, 'x'));
    assert.equal(machine.call('pvh', INFO), 1n);
    assert.equal(machine.record('commandLineLength'), 2048n);
    assert.equal(machine.record('commandLineWasCut'), 1n);
  });
});

function tag(type: number, body: Buffer): Buffer {
  const size = 8 + body.length;
  return bytes([4, type], [4, size], body, Buffer.alloc((8 - (size % 8)) % 8));
}

const END = tag(0, Buffer.alloc(0));

function multiboot(...tags: Buffer[]): Buffer {
  const body = Buffer.concat(tags);
  return bytes([4, 8 + body.length], [4, 0], body);
}

async function withMultiboot(information: Buffer): Promise<{ machine: BootMachine; isRead: boolean }> {
  const machine = await BootMachine.create();
  machine.write(INFO, information);
  return { machine, isRead: machine.call('multiboot2', INFO) === 1n };
}

describe('multiboot2', () => {
  it('gives command line, first module, memory and framebuffer', async () => {
    const { machine, isRead } = await withMultiboot(
      multiboot(
        tag(1, bytes('loglevel=8\0')),
        tag(3, bytes([4, 0x200000], [4, 0x201234], 'root\0')),
        tag(3, bytes([4, 0x300000], [4, 0x300001], 'other\0')),
        tag(6, bytes([4, 24], [4, 0], entry(0x100000, 0x200000, 1), entry(0x180000, 0x1000, 3))),
        tag(
          8,
          bytes([8, 0xfd000000], [4, 4096], [4, 1024], [4, 768], [1, 32], [1, 1], [2, 0], '\x10\x08\x08\x08\x00\x08'),
        ),
        END,
      ),
    );
    assert.ok(isRead);
    assert.equal(machine.commandLine(), 'loglevel=8');
    assert.deepEqual([machine.record('modulePhysical'), machine.record('moduleBytes')], [0x200000n, 0x1234n]);
    assert.deepEqual(machine.ranges(), [
      [0x100000, 0x180000],
      [0x181000, 0x300000],
    ]);
    assert.deepEqual(
      ['Kind', 'Physical', 'Pitch', 'Width', 'Height', 'BitsPerPixel', 'RedShift', 'GreenShift', 'BlueShift'].map(
        (name) => Number(machine.record(`screen${name}`)),
      ),
      [1, 0xfd000000, 4096, 1024, 768, 32, 16, 8, 0],
    );
  });

  it('takes the newer of two ACPI pointers, whole', async () => {
    const { machine } = await withMultiboot(
      multiboot(tag(15, Buffer.alloc(36, 'n')), tag(14, Buffer.alloc(20, 'o')), END),
    );
    assert.equal(machine.record('acpiCopyBytes'), 36n);
  });

  for (const [what, information] of [
    ['whose size is too small', bytes([4, 8], [4, 0])],
    ['whose size is absurd', bytes([4, 0x7fffffff], [4, 0])],
    ['without an end tag', multiboot(tag(1, bytes('x\0')))],
    ['with a tag that has no size', multiboot(bytes([4, 1], [4, 0]), END)],
    ['with a tag beyond its end', multiboot(bytes([4, 1], [4, 4096]))],
  ] as const) {
    it(`information ${what} is refused`, async () => {
      assert.equal((await withMultiboot(information)).isRead, false);
    });
  }

  it('a memory map with entries of no size is skipped', async () => {
    const { machine, isRead } = await withMultiboot(
      multiboot(tag(6, bytes([4, 0], [4, 0], entry(0, 1 << 20, 1))), END),
    );
    assert.ok(isRead);
    assert.deepEqual(machine.ranges(), []);
  });

  it('a module that ends before it starts is none', async () => {
    const { machine } = await withMultiboot(multiboot(tag(3, bytes([4, 0x300000], [4, 0x200000], 'm\0')), END));
    assert.equal(machine.record('moduleBytes'), 0n);
  });

  it('random information is read or refused without leaving it', async () => {
    const random = Buffer.alloc(4096);
    let seed = 1;
    for (let round = 0; round < 200; round++) {
      for (let at = 8; at < random.length; at++) {
        seed = (seed * 1103515245 + 12345) & 0x7fffffff;
        random[at] = seed >> 16 < 0x4000 ? 0 : (seed >> 16) & 31;
      }
      random.writeUInt32LE(random.length, 0);
      const { machine } = await withMultiboot(random);
      for (const [start, end] of machine.ranges()) assert.ok(start < end && end <= 2 ** 39);
    }
    assert.ok(RAM_BYTES > INFO + random.length);
  });
});
