/** The list of an initramfs's paths, of archives as our writer and cpio(1) make them, and of what is none. */
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { CpioWriter } from './cpio.js';
import { pathsOf } from './cpio-reader.js';

function archive(...names: string[]): Buffer {
  const writer = new CpioWriter();
  for (const name of names) writer.file(name, `contents of ${name}`);
  return writer.finish();
}

describe('the paths of an initramfs', () => {
  it('are those of every archive in it, plain or compressed', () => {
    const both = Buffer.concat([archive('a', 'b/c'), archive('longer-name')]);
    const expected = ['a', 'b/c', 'TRAILER!!!', 'longer-name'];
    assert.deepEqual([...pathsOf(both)], expected);
    assert.deepEqual([...pathsOf(gzipSync(both))], expected);
  });

  it('have neither ./ nor / in front', () => {
    const listing = spawnSync('cpio', ['-o', '-H', 'newc', '--quiet'], { input: './etc/passwd\n', cwd: '/' });
    assert.ok(pathsOf(listing.stdout).has('etc/passwd'));
    assert.ok(pathsOf(archive('/x')).has('x'));
  });

  it('end where there is no archive any more', () => {
    assert.deepEqual([...pathsOf(Buffer.from('not an archive'.repeat(20)))], []);
    assert.deepEqual([...pathsOf(Buffer.alloc(0))], []);
    assert.deepEqual([...pathsOf(gzipSync(archive('a')).subarray(0, 40))], []);
    const damaged = archive('a', 'b');
    damaged.write('zz', damaged.indexOf('070701', 1) + 96, 'latin1');
    assert.deepEqual([...pathsOf(damaged)], ['a']);
  });
});
