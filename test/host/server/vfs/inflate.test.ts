/** Decompression of gzip against zlib, and against input that was damaged. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { FilesMachine, useFilesProgram } from './files-program.js';

useFilesProgram();

/** What the stream unpacks to; undefined if it was refused. */
function inflate(machine: FilesMachine, input: Uint8Array): Buffer | undefined {
  const at = machine.put(input);
  if (machine.run('test_inflate_begin', at, input.length) === 0n) return undefined;
  const inflate = machine.run('test_inflate_address');
  const pieces: Uint8Array[] = [];
  do {
    if (machine.run('test_inflate_run') === 0n) return undefined;
    const length = Number(machine.field('Inflate', 'pieceLength', inflate));
    assert.ok(length <= 32768, 'a piece is at most half the window');
    pieces.push(machine.bytes(machine.field('Inflate', 'piece', inflate), length));
  } while (machine.run('test_inflate_done') === 0n);
  return Buffer.concat(pieces);
}

/** Text with repeats near and far, so that every kind of block and long distances occur. */
const contents = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 3000 }),
    fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.nat(3000)).map(([part, times]) => {
      const out = new Uint8Array(part.length * times);
      for (let index = 0; index < out.length; index++) out[index] = part[index % part.length] as number;
      return out;
    }),
  ),
  { maxLength: 8 },
);

test('what zlib compresses, at any level, comes back', () => {
  const machine = new FilesMachine();
  const property = fc.property(contents, fc.integer({ min: 0, max: 9 }), (parts, level) => {
    const original = Buffer.concat(parts);
    const result = inflate(machine, gzipSync(original, { level }));
    assert.ok(result?.equals(original));
  });
  fc.assert(property, { numRuns: 60 });
});

test('a header with every optional field is skipped', () => {
  const machine = new FilesMachine();
  const plain = gzipSync(Buffer.from('contents'));
  const optional = Buffer.from([4, 0, 1, 2, 3, 4, ...Buffer.from('name\0comment\0'), 9, 9]);
  const header = Buffer.from(plain.subarray(0, 10));
  header[3] = 4 | 8 | 16 | 2;
  assert.equal(inflate(machine, Buffer.concat([header, optional, plain.subarray(10)]))?.toString(), 'contents');
});

test('damaged input is refused, or is the original', () => {
  const machine = new FilesMachine();
  const property = fc.property(contents, fc.nat(), fc.integer({ min: 1, max: 255 }), (parts, where, flip) => {
    const original = Buffer.concat(parts);
    const packed = gzipSync(original);
    const at = where % packed.length;
    packed[at] = (packed[at] as number) ^ flip;
    const result = inflate(machine, packed);
    // Bytes 4 to 9 of the header (time, system) do not matter.
    assert.ok(result === undefined || result.equals(original), `byte ${at} xor ${flip}`);
  });
  fc.assert(property, { numRuns: 300 });
});

test('a stream that ends too early is refused wherever it ends', () => {
  const machine = new FilesMachine();
  const packed = gzipSync(Buffer.from('a little of this and a little of that, a little of this'.repeat(40)));
  for (let length = 0; length < packed.length; length++) {
    assert.equal(inflate(machine, packed.subarray(0, length)), undefined, `${length} of ${packed.length} bytes`);
  }
});
