/**
 * File calls with whatever arguments a client likes: wild pointers, wrong descriptors, lengths that wrap. The server
 * never reads or writes anything but its own memory and the client's (the simulated memory faults otherwise), answers
 * with a value or an error, and afterwards all is as it was.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FilesMachine, useFilesProgram } from './files-program.js';

useFilesProgram();

/** By number: every call of the file half. */
const CALLS = [
  188, 190, 191, 194, 213, 232, 233, 281, 291, 441, 233, 291, 0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 17, 18, 19, 20, 21, 22, 23,
  32, 33, 40, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95, 132, 133,
  137, 138, 161, 165, 166, 187, 217, 221, 235, 257, 258, 259, 260, 261, 262, 263, 264, 265, 266, 267, 268, 269, 270,
  271, 280, 284, 285, 290, 292, 293, 295, 296, 306, 316, 319, 326, 327, 328, 332, 436, 437, 439,
];
const CLIENT = 0x10000n;

const pointer = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 65535 }).map((offset) => CLIENT + BigInt(offset)) },
  fc.integer({ min: -20, max: 20 }).map((offset) => CLIENT + 65536n + BigInt(offset)),
  fc.constantFrom(
    0n,
    1n,
    0x7fff_ffff_eff8n,
    0x7fff_ffff_f000n,
    0x8000_0000_0000n,
    0x1000_0000_0000n,
    -1n,
    -8n,
    1n << 63n,
  ),
  fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
);
const small = fc.oneof(
  fc.bigInt({ min: 0n, max: 20n }),
  fc.constantFrom(-1n, -100n, 1n << 31n, (1n << 32n) - 1n, 4096n, 65536n, 0x241n, 0x41n, 0x42n),
);
const argument = fc.oneof(small, small, pointer, pointer, fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }));
const call = fc.record({
  number: fc.constantFrom(...CALLS),
  given: fc.array(argument, { minLength: 6, maxLength: 6 }),
});
/** What the client's memory holds: short names and small numbers, so that some calls succeed. */
const memory = fc.array(fc.oneof(fc.constantFrom(0, 0, 0, 1, 2, 3, 46, 47, 97, 98, 110), fc.nat(255)), {
  minLength: 256,
  maxLength: 256,
});

test('any arguments get an answer, and nothing is left behind', () => {
  const machine = new FilesMachine();
  const tidy = (): void => {
    machine.run('test_settle');
    machine.run('test_use_client', 0);
    machine.call(436, 0, 0xffff_ffff, 0);
    machine.call(80, '/');
    machine.call(161, '/');
    while (machine.outcome(166, '/', 2) === 'ok');
    const clear = (folder: string): void => {
      for (const name of machine.names(folder === '' ? '/' : folder)) {
        const path = `${folder}/${name}`;
        while (machine.outcome(166, path, 2) === 'ok');
        machine.call(90, path, 0o700);
        if (machine.outcome(87, path) !== 'ok') {
          clear(path);
          machine.call(84, path);
        }
      }
    };
    clear('');
    machine.call(6, '/', machine.room);
    machine.run('test_reap');
  };
  // What is made once and kept: the trees of /proc and /dev, and the homes of pipes, counters and unnamed files.
  machine.run('test_use_client', 1);
  machine.run('test_use_client', 0);
  machine.call(165, 'proc', '/root', 'proc', 0, 0);
  machine.call(2, '/root/self/fd', 0);
  machine.call(165, 'devtmpfs', '/root', 'devtmpfs', 0, 0);
  machine.call(22, machine.room);
  machine.call(165, 'proc', '/root', 'proc', 0, 0);
  machine.call(2, '/root/self/fd/1', 0);
  machine.call(284, 0);
  machine.call(319, 'memory', 0);
  // A table keeps the room that it once needed.
  for (let number = 64; number < 1024; number += 64) machine.call(33, 0, number);
  machine.call(2, '/root/fd', 0o100);
  machine.call(40, 3, 3, 0, 0);
  // And every page of the client's memory.
  machine.write('/n', new Uint8Array(65536));
  const zeros = machine.call(2, '/n', 0);
  machine.run('test_use_client', 1);
  assert.equal(machine.call(0, zeros, CLIENT, 65536), 65536n);
  machine.call(17, zeros, CLIENT + 65530n, 100, 0);
  tidy();
  const before = machine.run('test_heap');
  const property = fc.property(memory, fc.array(call, { minLength: 1, maxLength: 60 }), (bytes, calls) => {
    machine.run('test_use_client', 0);
    machine.write(
      '/n',
      Uint8Array.from({ length: 65536 }, (_, index) => bytes[index % 256] as number),
    );
    const file = machine.call(2, '/n', 0);
    machine.run('test_use_client', 1);
    assert.equal(machine.call(0, file, CLIENT, 65536), 65536n);
    for (const { number, given } of calls) {
      const result = machine.call(number, ...given);
      machine.run('test_settle');
      assert.ok(result >= -4095n || result === -65536n, `call ${number} with ${given} gave ${result}`);
    }
    tidy();
    const now = machine.run('test_heap');
    assert.ok(now <= before, `${now - before} bytes of the heap are left after ${calls.map(({ number }) => number)}`);
  });
  fc.assert(property, { numRuns: 500, includeErrorInReport: true });
});
