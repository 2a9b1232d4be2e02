/** A root that cannot be used: the log says what is wrong with it and where, and the run ends with 125. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { CpioWriter } from '../../../tools/image/cpio.js';
import { kairo } from '../kairo.js';

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'kairo-initrd-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Busybox and an /init of one line. */
function archive(): Buffer {
  const writer = new CpioWriter();
  for (const name of ['bin', 'dev']) writer.directory(name);
  writer.file('bin/busybox', readFileSync('/bin/busybox'), 0o755);
  writer.file('init', '#!/bin/busybox sh\nexec /bin/busybox poweroff -f\n', 0o755);
  return writer.finish();
}

/** Where the header of entry `name` begins (cpio(5), "New ASCII Format": 110 bytes, then the name). */
const headerOf = (contents: Buffer, name: string) => contents.indexOf(`${name}\0`) - 110;

function changed(contents: Buffer, at: number, bytes: string): Buffer {
  const copy = Buffer.from(contents);
  copy.write(bytes, at, 'latin1');
  return copy;
}

function ends(contents: Buffer, append: string[] = []): string {
  const path = join(folder, 'initrd');
  writeFileSync(path, contents);
  const { status, stderr } = kairo(['--initrd', path, '--verbose', ...append.flatMap((word) => ['--append', word])], {
    seconds: 30,
  });
  assert.equal(status, 125, stderr);
  assert.match(stderr, /^kairo: panic: /m);
  return stderr;
}

describe('an archive', () => {
  it('of another form, or compressed by what we cannot unpack, is called what it is', () => {
    const forms = [
      ['fd377a585a00', /compressed with xz: only plain archives and gzip/],
      ['425a68393141', /compressed with bzip2/],
      ['303730373037', /an older form: only newc/],
    ] as const;
    for (const [magic, says] of forms) {
      assert.match(ends(Buffer.concat([Buffer.from(magic, 'hex'), Buffer.alloc(1000, 0x41)])), says);
    }
  });

  it('with a damaged header names the offset of that header', () => {
    const whole = archive();
    const at = headerOf(whole, 'bin/busybox');
    assert.match(ends(changed(whole, at, 'garbage')), new RegExp(`initrd.*\\b${at}\\b`));
  });

  it('whose header holds no hexadecimal number names its offset', () => {
    const whole = archive();
    const at = headerOf(whole, 'bin/busybox');
    assert.match(ends(changed(whole, at + 6 + 6 * 8, 'not hex!')), new RegExp(`initrd.*\\b${at}\\b`));
  });

  it('whose file is longer than the archive names its offset', () => {
    const whole = archive();
    const at = headerOf(whole, 'bin/busybox');
    assert.match(ends(changed(whole, at + 6 + 6 * 8, 'fffffff0')), new RegExp(`initrd.*\\b${at}\\b`));
  });

  it('whose name is longer than any path names its offset', () => {
    const whole = archive();
    const at = headerOf(whole, 'bin/busybox');
    assert.match(ends(changed(whole, at + 6 + 11 * 8, '7fffffff')), new RegExp(`initrd.*\\b${at}\\b`));
  });

  it('cut in the middle of a file names the offset of its header', () => {
    const whole = archive();
    const at = headerOf(whole, 'bin/busybox');
    assert.match(ends(whole.subarray(0, at + 1000)), new RegExp(`initrd.*\\b${at}\\b`));
  });
});

describe('a compressed archive', () => {
  it('that is cut says so', () => {
    const packed = gzipSync(archive());
    assert.match(ends(packed.subarray(0, packed.length >> 1)), /initrd.*\b\d+\b/);
  });

  it('with a flipped bit says that its contents or its check sum is wrong', () => {
    const packed = gzipSync(archive());
    const at = packed.length >> 1;
    packed.writeUInt8(packed.readUInt8(at) ^ 16, at);
    assert.match(ends(packed), /initrd.*\b\d+\b/);
  });

  it('with a wrong check sum says so', () => {
    const packed = gzipSync(archive());
    packed.writeUInt32LE(0x12345678, packed.length - 8);
    assert.match(ends(packed), /initrd.*(check sum|checksum|CRC)/i);
  });

  it('of a method that does not exist says so', () => {
    const packed = gzipSync(archive());
    packed.writeUInt8(7, 2);
    assert.match(ends(packed), /initrd.*\b\d+\b/);
  });
});

describe('an init', () => {
  it('that rdinit= names and that is not there is named, as is that no other is', () => {
    const said = ends(withoutInit(), ['rdinit=/no/such/init']);
    assert.match(said, /cannot run \/no\/such\/init/);
    assert.match(said, /no init/);
  });

  it('that ends stops the machine, which says how it ended', () => {
    const writer = new CpioWriter();
    for (const name of ['bin', 'dev']) writer.directory(name);
    writer.file('bin/busybox', readFileSync('/bin/busybox'), 0o755);
    writer.file('init', '#!/bin/busybox sh\nexit 7\n', 0o755);
    assert.match(ends(writer.finish()), /^ *server: init exited with status 7$/m);
  });
});

function withoutInit(): Buffer {
  const writer = new CpioWriter();
  writer.directory('dev');
  return writer.finish();
}
