/** Initial root file systems: cpio archives as Linux takes them, and what is said of broken ones. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { FilesMachine, useFilesProgram } from './files-program.js';

useFilesProgram();

interface Member {
  name: string;
  mode: number;
  contents?: string;
  number?: number;
  links?: number;
  rdev?: [number, number];
}

function member({ name, mode, contents = '', number = 0, links = 1, rdev = [0, 0] }: Member): Buffer {
  const fields = [number, mode, 7, 8, links, 1000, contents.length, 0, 0, rdev[0], rdev[1], name.length + 1, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
  const padded = (text: string): Buffer => Buffer.concat([Buffer.from(text), Buffer.alloc(-text.length & 3)]);
  return Buffer.concat([padded(`${header}${name}\0`), padded(contents)]);
}

function archive(members: Member[]): Buffer {
  return Buffer.concat([...members.map(member), member({ name: 'TRAILER!!!', mode: 0 })]);
}

function unpack(bytes: Uint8Array): FilesMachine {
  const machine = new FilesMachine();
  machine.run('test_unpack', machine.put(bytes, 65536), bytes.length);
  return machine;
}

const text = (machine: FilesMachine, path: string): string | undefined => {
  const bytes = machine.read(path);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
};

const SAMPLE: Member[] = [
  { name: '.', mode: 0o40755 },
  { name: 'etc', mode: 0o40711 },
  { name: 'etc/motd', mode: 0o100640, contents: 'hello\n' },
  { name: 'dev/null', mode: 0o20666, rdev: [1, 3] },
  { name: 'link', mode: 0o120777, contents: 'etc/motd' },
  { name: 'one', mode: 0o100644, number: 5, links: 2 },
  { name: 'two', mode: 0o100644, number: 5, links: 2, contents: 'shared' },
];

test('files, directories, devices, links and hard links are unpacked', () => {
  const machine = unpack(archive(SAMPLE));
  assert.equal(machine.log, '');
  assert.equal(text(machine, '/etc/motd'), 'hello\n');
  assert.equal(text(machine, '/link'), 'hello\n');
  assert.equal(machine.readLink('/link'), 'etc/motd');
  assert.equal(machine.stat('/etc')?.mode, 0o40711);
  assert.equal(machine.stat('/etc/motd')?.mode, 0o100640);
  assert.equal(text(machine, '/one'), 'shared');
  assert.equal(machine.stat('/one')?.number, machine.stat('/two')?.number);
  assert.equal(machine.stat('/one')?.links, 2);
  const device = machine.call(2, '/dev/null', 2);
  assert.equal(machine.call(1, device, machine.room, 10), 10n, 'the node leads to the driver');
});

test('archives follow each other, plain and compressed, over zeros', () => {
  const first = archive([{ name: 'first', mode: 0o100644, contents: '1' }]);
  const second = gzipSync(archive([{ name: 'second', mode: 0o100644, contents: '2' }]));
  const third = archive([{ name: 'first', mode: 0o100644, contents: 'replaced' }]);
  const machine = unpack(Buffer.concat([first, Buffer.alloc(300), second, Buffer.alloc(5), gzipSync(third)]));
  assert.equal(machine.log, '');
  assert.equal(text(machine, '/first'), 'replaced');
  assert.equal(text(machine, '/second'), '2');
});

test('paths go through links, and missing directories are made', () => {
  const machine = unpack(
    archive([
      { name: 'usr/bin', mode: 0o40755 },
      { name: 'bin', mode: 0o120777, contents: 'usr/bin' },
      { name: 'abs', mode: 0o120777, contents: '/usr' },
      { name: 'bin/tool', mode: 0o100755, contents: 'tool' },
      { name: '/abs/bin/../lib/deep/file', mode: 0o100644, contents: 'deep' },
    ]),
  );
  assert.equal(machine.log, '');
  assert.equal(text(machine, '/usr/bin/tool'), 'tool');
  assert.equal(text(machine, '/usr/lib/deep/file'), 'deep');
});

test('what is wrong is said, with the entry and where it begins', () => {
  const good = member({ name: 'a', mode: 0o100644, contents: 'a' });
  const refused = (bytes: Buffer, message: string): void => {
    assert.equal(unpack(bytes).log, `initrd: entry ${message}\n`);
  };
  refused(
    Buffer.concat([good, Buffer.from('garbage')]),
    `2 at byte ${good.length}: the archive ends inside this entry`,
  );
  refused(Buffer.concat([good, Buffer.alloc(120, 'x')]), `2 at byte ${good.length}: no cpio newc header (070701)`);
  refused(good.subarray(0, 113), '1 at byte 0: the archive ends inside this entry');
  const badField = Buffer.from(good);
  badField.write('zzzzzzzz', 14);
  refused(badField, '1 at byte 0: a header field is not a hexadecimal number');
  const badName = Buffer.from(good);
  badName.write('ffffffff', 94);
  refused(badName, '1 at byte 0: the length of the name is out of range');
  refused(Buffer.from([0x1f, 0x8b, 8, 255]), '0 at byte 0: the gzip header is damaged');
  const packed = gzipSync(good);
  refused(packed.subarray(0, packed.length - 9), '0 at byte 0: the compressed data ends too early');
  const intoFile = archive([
    { name: 'f', mode: 0o100644 },
    { name: 'f/g', mode: 0o100644 },
  ]);
  refused(intoFile, '2 at byte 112: a part of the path is not a directory');
  const loop = archive([
    { name: 'l', mode: 0o120777, contents: 'l/l' },
    { name: 'l/x', mode: 0o100644 },
  ]);
  refused(loop, '2 at byte 116: too many links in the path');
});

test('a damaged archive never does more than fail: the files that are there can be listed and read', () => {
  const base = archive(SAMPLE);
  const property = fc.property(
    fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
    fc.nat(base.length),
    fc.boolean(),
    (changes, cut, compressed) => {
      const bytes = Buffer.from(base);
      for (const [at, value] of changes) bytes[at] = value;
      const machine = unpack(compressed ? gzipSync(bytes.subarray(0, cut)) : bytes.subarray(0, cut));
      assert.match(machine.log, /^(initrd: entry \d+ at byte \d+: [a-z0-9 ():.]+\n)?$/);
      for (const name of machine.names('/')) machine.read(`/${name}`);
      assert.equal(machine.outcome(83, '/still works', 0o755), 'ok');
    },
  );
  fc.assert(property, { numRuns: 150 });
});
