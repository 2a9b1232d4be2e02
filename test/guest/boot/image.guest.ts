/** The kernel image as a file: what loaders look for, W^X segments, and its size. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { projectRoot } from '../kairo.js';

const KERNEL = join(projectRoot, 'build/kairo.elf');
const MAXIMUM_TEXT = 128 * 1024;

function readelf(option: string): string {
  return spawnSync('readelf', ['-W', option, KERNEL], { encoding: 'latin1' }).stdout;
}

it('has three segments, none of them writable and executable', () => {
  const segments = [...readelf('-l').matchAll(/^ {2}LOAD .* ([R ][W ][E ]) 0x/gm)].map((match) => match[1]);
  assert.deepEqual(segments, ['R E', 'R  ', 'RW ']);
});

it('has less than 128 KB of text', () => {
  const match = /\.text +PROGBITS +[0-9a-f]+ [0-9a-f]+ ([0-9a-f]+)/.exec(readelf('-S'));
  assert.ok(match);
  assert.ok(Number.parseInt(match[1] ?? '', 16) < MAXIMUM_TEXT, match[1]);
});

it('has a multiboot2 header in its first 32 KB and a PVH entry note', () => {
  const start = readFileSync(KERNEL).subarray(0, 32768);
  const header = [...Array(4096).keys()].find((index) => start.readUInt32LE(index * 8) === 0xe85250d6);
  assert.ok(header !== undefined, 'the magic number');
  const words = [0, 4, 8, 12].map((offset) => start.readUInt32LE(header * 8 + offset));
  assert.equal(
    words.reduce((sum, word) => (sum + word) >>> 0, 0),
    0,
    'the checksum',
  );
  assert.match(readelf('-n'), /Xen\s+0x00000008\s+Unknown note type: \(0x00000012\)/);
});
