// The host loader: simulated memory by address, intrinsics supplied by the test, fields by name, and what goes wrong.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryFault } from '../../../../tools/compiler/back/host.js';
import { load, lowered } from './support.js';

const RAM = 0xffff_8000_0000_0000n;
const HIGH = 0xffff_ffff_ffff_f000n;
const WINDOWS = {
  windows: [
    { base: RAM, size: 4096 },
    { base: HIGH, size: 4096 },
  ],
};
const ACCESS = [8, 16, 32, 64]
  .map(
    (bits) => `const get${bits} = (at) => { return load${bits}(at); };
const put${bits} = (at, value) => { store${bits}(at, value); };`,
  )
  .join('\n');

test('loads extend with zeros, stores cut, both little-endian, in every window', async () => {
  const host = await load(lowered(ACCESS), WINDOWS);
  for (const base of [RAM, HIGH]) {
    host.call('entry_put64', base + 8n, 0x8899_aabb_ccdd_eeffn);
    assert.equal(host.call('entry_get64', base + 8n), 0x8899_aabb_ccdd_eeffn);
    assert.equal(host.call('entry_get32', base + 8n), 0xccdd_eeffn);
    assert.equal(host.call('entry_get16', base + 9n), 0xddeen);
    assert.equal(host.call('entry_get8', base + 15n), 0x88n);
    host.call('entry_put16', base + 8n, 0x1_1234n);
    assert.equal(host.memory.load(base + 8n, 8), 0x8899_aabb_ccdd_1234n);
    host.call('entry_put8', base, -1);
    assert.deepEqual([...host.memory.span(base, 2)], [255, 0]);
  }
});

test('an access that leaves its window faults, at both ends, and so does null', async () => {
  const host = await load(lowered(ACCESS), WINDOWS);
  for (const [bits, bytes] of [
    [8, 1n],
    [16, 2n],
    [32, 4n],
    [64, 8n],
  ] as const) {
    assert.equal(host.call(`entry_get${bits}`, RAM + 4096n - bytes), 0n);
    assert.throws(() => host.call(`entry_get${bits}`, RAM + 4097n - bytes), MemoryFault);
    assert.throws(() => host.call(`entry_put${bits}`, RAM - 1n, 0), MemoryFault);
    assert.throws(() => host.call(`entry_get${bits}`, 0), /load of \d bytes at 0x0/);
  }
  // The last window ends at the end of the address space: nothing wraps around into it.
  assert.equal(host.call('entry_get8', (1n << 64n) - 1n), 0n);
  assert.throws(() => host.call('entry_get16', (1n << 64n) - 1n), MemoryFault);
});

test('accesses outside all windows go to the test when it wants them', async () => {
  const seen: string[] = [];
  const host = await load(lowered(ACCESS), {
    outside: (address, width, value) => {
      seen.push(`${address.toString(16)}/${width}/${value ?? 'load'}`);
      return 7n;
    },
  });
  assert.equal(host.call('entry_get32', 0xfee0_0020n), 7n);
  host.call('entry_put64', 0xfee0_0030n, (1n << 64n) - 1n);
  assert.deepEqual(seen, ['fee00020/4/load', 'fee00030/8/18446744073709551615']);
});

test('spans are copied upwards and filled, bytes and words', async () => {
  const source = `const copy = (to, from, count) => { copyBytes(to, from, count); };
const copyMany = (to, from, count) => { copyWords(to, from, count); };
const fill = (to, value, count) => { fillBytes(to, value, count); };
const fillMany = (to, value, count) => { fillWords(to, value, count); };`;
  const host = await load(lowered(source), WINDOWS);
  host.call('entry_fillMany', RAM, 0x0807_0605_0403_0201n, 2);
  host.call('entry_copy', RAM + 32n, RAM + 1n, 5);
  assert.deepEqual([...host.memory.span(RAM + 31n, 7)], [0, 2, 3, 4, 5, 6, 0]);
  host.call('entry_copy', RAM, RAM + 2n, 14); // the destination is the lower one
  assert.deepEqual([...host.memory.span(RAM, 6)], [3, 4, 5, 6, 7, 8]);
  host.call('entry_fill', RAM, 0x1ff, 3);
  assert.deepEqual([...host.memory.span(RAM, 4)], [255, 255, 255, 6]);
  host.call('entry_copyMany', HIGH, RAM, 1);
  assert.equal(host.memory.load(HIGH, 1), 255n);
  assert.throws(() => host.call('entry_copy', RAM, RAM + 4090n, 7), MemoryFault);
});

test("other intrinsics are the test's, with unsigned values, and a missing one says so", async () => {
  const source = 'const f = (a) => { flushPage(a); return readPort(a, 2) + 1; };';
  const intrinsics = [
    { name: 'flushPage', parameters: 1, returns: false },
    { name: 'readPort', parameters: 2, returns: true },
  ];
  const flushed: bigint[] = [];
  const host = await load(lowered(source, { intrinsics }), {
    intrinsics: { flushPage: (address) => void flushed.push(address), readPort: (port, width) => port - width },
  });
  assert.equal(host.call('entry_f', -1), (1n << 64n) - 2n);
  assert.deepEqual(flushed, [(1n << 64n) - 1n]);
  const bare = await load(lowered(source, { intrinsics }));
  assert.throws(() => bare.call('entry_f', 1), /the test supplies no intrinsic "flushPage"/);
});

test('constants and static storage lie in the image; fields are found by name', async () => {
  const source =
    'const text = () => { return __rodata(); };\nconst area = () => { return __statics(); };\nconst state = (thread) => { return load8(thread + 5); };';
  const layouts = [
    {
      class: 'Tcb',
      size: 16,
      fields: [
        { name: 'state', offset: 5, size: 1 },
        { name: 'queue', offset: 8, size: 8 },
      ],
    },
  ];
  const program = lowered(source, { readOnlyData: Uint8Array.of(75, 97), staticBytes: 64, layouts });
  const host = await load(program);
  assert.deepEqual([...host.memory.span(host.call('entry_text'), 2)], [75, 97]);
  assert.equal(host.call('entry_area'), host.statics);
  assert.equal(host.statics % 64n, 0n);
  host.setField('Tcb', 'state', host.statics, 9);
  assert.equal(host.call('entry_state', host.statics), 9n);
  assert.equal(host.field('Tcb', 'state', host.statics), 9n);
  assert.equal(host.fieldAddress('Tcb', 'queue', host.statics), host.statics + 8n);
  assert.equal(host.sizeOf('Tcb'), 16);
  assert.throws(() => host.field('Tcb', 'priority', host.statics), /Tcb has no field "priority"/);
});

test('a call of an unknown entry or with a wrong number of arguments is an error', async () => {
  const host = await load(lowered('const f = (a) => { return a; };'));
  assert.throws(() => host.call('f', 1), /the program has no entry "f"/);
  assert.throws(() => host.call('entry_f'), /"entry_f" takes 1 arguments, not 0/);
});
