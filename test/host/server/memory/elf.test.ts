/**
 * Program files against the loader: a sound one is laid out as its headers say, and a mutated one either is refused or
 * stays within user space. Whatever the file says, all memory is back when the address space is gone.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import type { LoweredProgram } from '../../../../tools/compiler/lowered.js';
import { compileServerTest, createMachine, type Machine } from './memory-program.js';

const DRIVER = `
import { bootInformationAt } from './arch/x86_64/window';
import { startMemory } from './boot';
import { type AddressSpace, createSpace } from './memory/address-space';
import { reachForRead } from './memory/copy';
import { allocate, bytesOfHeap } from './memory/heap';
import { addressOfPage, freePages } from './memory/pages';
import { reapSpaces } from './memory/reaper';
import { ElfImage, readImage } from './process/elf';
import { loaded, loadImage } from './process/load';
import { parseScript, ScriptLine } from './process/script';
import { createAnonymousFile } from './vfs/tmpfs/file-system';
import { registerMemoryDevices } from './vfs/device/memory-devices';
import type { Inode } from './vfs/inode';
import { AGAIN } from './wait/outcome';

const image: ElfImage = reserve();
const line: ScriptLine = reserve();

/** @entry test_start */
export function start(information: u64): void {
  startMemory(bootInformationAt(information));
}

/** @entry test_devices */
export function devices(): void {
  registerMemoryDevices();
}

/** @entry test_file */
export function file(size: u64): Inode {
  return createAnonymousFile(size);
}

/** @entry test_page */
export function page(inode: Inode, index: u64): u64 {
  return addressOfPage(inode.page(index, true));
}

/** @entry test_close */
export function close(inode: Inode): void {
  inode.drop();
}

/** @entry test_read_image */
export function read(inode: Inode): boolean {
  return readImage(inode, image);
}

/** @entry test_space */
export function space(): AddressSpace | null {
  return createSpace();
}

/** @entry test_load */
export function load(target: AddressSpace, inode: Inode): i64 {
  let outcome = loadImage(target, inode, image, false, 0);
  while (outcome === AGAIN) outcome = loadImage(target, inode, image, false, loaded.next);
  return outcome;
}

/** @entry test_entry */
export function entry(): u64 {
  return loaded.entry;
}

/** @entry test_bias */
export function bias(): u64 {
  return loaded.bias;
}

/** @entry test_next */
export function next(target: AddressSpace, address: u64): u64 {
  const mapping = target.findFrom(address);
  return mapping === null ? 0 : mapping.end;
}

/** @entry test_byte */
export function byte(target: AddressSpace, address: u64): u64 {
  return reachForRead(target, address);
}

/** @entry test_drop */
export function drop(target: AddressSpace): void {
  target.drop();
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

/** @entry test_buffer */
export function buffer(): u64 {
  return allocate(1024);
}

/** @entry test_script */
export function script(text: u64): u64 {
  return parseScript(text, line) ? line.interpreter : 0;
}

/** @entry test_argument */
export function argument(): u64 {
  return line.argument;
}
`;

const USER_TOP = 0x7fff_ffff_f000n;
const PAGE = 4096n;

let built: { lowered: LoweredProgram; wasm: Uint8Array };
let machine: Machine;
before(async () => {
  built = await compileServerTest('elf-test', DRIVER);
  machine = createMachine(built.lowered, built.wasm);
});

const call = (symbol: string, ...given: (bigint | number)[]): bigint =>
  BigInt.asIntN(64, machine.program.call(symbol, ...given));

interface Segment {
  type: number;
  flags: number;
  offset: bigint;
  address: bigint;
  fileSize: bigint;
  memorySize: bigint;
}

const TEXT: Segment = { type: 1, flags: 5, offset: 0n, address: 0x40_0000n, fileSize: 0x1800n, memorySize: 0x1800n };
const DATA: Segment = {
  type: 1,
  flags: 6,
  offset: 0x1800n,
  address: 0x40_2800n,
  fileSize: 0x200n,
  memorySize: 0x3000n,
};
const STACK: Segment = { type: 0x6474_e551, flags: 6, offset: 0n, address: 0n, fileSize: 0n, memorySize: 0n };
const FILE_BYTES = 0x2000;

/** A file with these segments; byte n behind the headers is n modulo 251. */
function program(segments: readonly Segment[], type = 2): Uint8Array {
  const bytes = new Uint8Array(FILE_BYTES).map((_, index) => index % 251);
  const view = new DataView(bytes.buffer);
  bytes.fill(0, 0, 64 + segments.length * 56);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, type, true);
  view.setUint16(18, 62, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, 0x40_1000n, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(52, 64, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, segments.length, true);
  for (const [index, segment] of segments.entries()) {
    const at = 64 + index * 56;
    view.setUint32(at, segment.type, true);
    view.setUint32(at + 4, segment.flags, true);
    view.setBigUint64(at + 8, segment.offset, true);
    view.setBigUint64(at + 16, segment.address, true);
    view.setBigUint64(at + 32, segment.fileSize, true);
    view.setBigUint64(at + 40, segment.memorySize, true);
    view.setBigUint64(at + 48, PAGE, true);
  }
  return bytes;
}

function createFile(bytes: Uint8Array): bigint {
  const inode = call('test_file', bytes.length);
  for (let start = 0; start < bytes.length; start += 4096) {
    const address = call('test_page', inode, start / 4096);
    machine.program.memory.span(address, 4096).set(bytes.subarray(start, start + 4096));
  }
  return inode;
}

test('a sound program is where its headers say, and what is beyond the file is zero', () => {
  const bytes = program([TEXT, DATA, STACK]);
  const inode = createFile(bytes);
  assert.equal(call('test_read_image', inode), 1n);
  const space = call('test_space');
  assert.equal(call('test_load', space, inode), 0n);
  assert.equal(call('test_entry'), 0x40_1000n);
  const byteAt = (address: bigint): number => Number(machine.program.memory.load(call('test_byte', space, address), 1));
  assert.equal(byteAt(0x40_1000n), bytes[0x1000]);
  assert.equal(byteAt(0x40_2800n), bytes[0x1800]);
  assert.equal(byteAt(0x40_29ffn), bytes[0x19ff]);
  assert.equal(byteAt(0x40_2a00n), 0);
  assert.equal(byteAt(0x40_57ffn), 0);
  call('test_drop', space);
  call('test_close', inode);
});

test('a position-independent program is moved as a whole', () => {
  const inode = createFile(
    program(
      [
        { ...TEXT, address: 0n },
        { ...DATA, address: 0x2800n },
      ],
      3,
    ),
  );
  assert.equal(call('test_read_image', inode), 1n);
  const space = call('test_space');
  assert.equal(call('test_load', space, inode), 0n);
  assert.ok(call('test_bias') > 0x7000_0000_0000n && call('test_bias') % PAGE === 0n);
  call('test_drop', space);
  call('test_close', inode);
});

for (const [name, change] of [
  ['another machine', (view: DataView) => view.setUint16(18, 3, true)],
  ['an object file', (view: DataView) => view.setUint16(16, 1, true)],
  ['entries of another size', (view: DataView) => view.setUint16(54, 55, true)],
  ['no entries', (view: DataView) => view.setUint16(56, 0, true)],
  ['too many entries', (view: DataView) => view.setUint16(56, 1171, true)],
  ['entries beyond the end', (view: DataView) => view.setBigUint64(32, BigInt(FILE_BYTES) - 100n, true)],
  ['entries at the end of the world', (view: DataView) => view.setBigUint64(32, 0xffff_ffff_ffff_fff0n, true)],
  ['no magic', (view: DataView) => view.setUint8(1, 0)],
] as const) {
  test(`a header with ${name} is no program`, () => {
    const bytes = program([TEXT, DATA]);
    change(new DataView(bytes.buffer));
    const inode = createFile(bytes);
    assert.equal(call('test_read_image', inode), 0n);
    call('test_close', inode);
  });
}

test('a truncated header is no program', () => {
  for (const length of [1, 4, 16, 63, 64, 119, 175]) {
    const inode = createFile(program([TEXT, DATA]).slice(0, length));
    assert.equal(call('test_read_image', inode), 0n);
    call('test_close', inode);
  }
});

/** Values that sums of addresses and sizes break at. */
const hostile = fc.oneof(
  fc.constantFrom(
    0n,
    1n,
    0xfffn,
    PAGE,
    USER_TOP - 1n,
    USER_TOP,
    USER_TOP + 1n,
    1n << 47n,
    1n << 63n,
    (1n << 64n) - 1n,
    (1n << 64n) - PAGE,
  ),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc.bigInt({ min: 0x3f_0000n, max: 0x41_0000n }),
);
const word = fc.record({ at: fc.nat({ max: 27 }), value: hostile });

test('a mutated program is refused or stays within user space, and leaves nothing behind', () => {
  const load = (bytes: Uint8Array): void => {
    const inode = createFile(bytes);
    if (call('test_read_image', inode) === 1n) {
      const space = call('test_space');
      if (call('test_load', space, inode) === 0n) assert.ok(BigInt.asUintN(64, call('test_entry')) < USER_TOP);
      for (let end = call('test_next', space, 0); end !== 0n; end = call('test_next', space, end)) {
        assert.ok(end > 0n && end <= USER_TOP, `a mapping ends at ${end.toString(16)}`);
      }
      call('test_drop', space);
    }
    call('test_close', inode);
  };
  load(program([TEXT, DATA, STACK]));
  const free = call('test_free');
  const heap = call('test_heap');
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), fc.constantFrom(2, 3), (changes, type) => {
      const bytes = program([TEXT, DATA, STACK], type);
      const view = new DataView(bytes.buffer);
      for (const { at, value } of changes) view.setBigUint64(at * 8, value, true);
      load(bytes);
      assert.equal(call('test_free'), free);
      assert.equal(call('test_heap'), heap);
    }),
    { numRuns: 2000 },
  );
});

test('the first line of a script is read as Linux reads it', () => {
  const text = call('test_buffer');
  const parse = (line: string): [string, string] | undefined => {
    const bytes = machine.program.memory.span(text, 257).fill(0);
    bytes.set(new TextEncoder().encode(line).subarray(0, 256));
    const name = call('test_script', text);
    const word = (address: bigint): string => {
      if (address === 0n) return '';
      let end = address;
      while (machine.program.memory.load(end, 1) !== 0n) end++;
      return new TextDecoder().decode(machine.program.memory.span(address, Number(end - address)));
    };
    return name === 0n ? undefined : [word(name), word(call('test_argument'))];
  };
  assert.deepEqual(parse('#!/bin/sh\necho'), ['/bin/sh', '']);
  assert.deepEqual(parse('#! \t/bin/sh  -e  -u \t\necho'), ['/bin/sh', '-e  -u']);
  assert.deepEqual(parse('#!/bin/sh'), ['/bin/sh', '']);
  assert.equal(parse('#!\n/bin/sh'), undefined);
  assert.equal(parse('#!   \t  \n'), undefined);
  assert.equal(parse(`#!/${'x'.repeat(300)}`), undefined);
  assert.deepEqual(parse(`#!/bin/sh ${'x'.repeat(300)}`), ['/bin/sh', 'x'.repeat(245)]);
});
