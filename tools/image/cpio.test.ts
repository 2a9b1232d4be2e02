/** The archive writer, judged by cpio(1). */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { CpioWriter, FileType } from './cpio.js';

function sample(): Buffer {
  const writer = new CpioWriter();
  writer.directory('a', 0o750);
  writer.file('a/text', 'hello\n', 0o640);
  writer.symlink('a/link', 'text');
  writer.add({ path: 'one', mode: FileType.Regular | 0o600, linkKey: 'k', links: 2, data: Buffer.from('same') });
  writer.add({ path: 'two', mode: FileType.Regular | 0o600, linkKey: 'k', links: 2, data: Buffer.from('same') });
  return writer.finish();
}

describe('a cpio archive', () => {
  it('unpacks with cpio(1): contents, modes, links', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kairo-test-'));
    try {
      const result = spawnSync('cpio', ['-id', '--quiet'], { cwd: folder, input: sample(), encoding: 'utf8' });
      assert.equal(result.stderr, '');
      assert.equal(readFileSync(join(folder, 'a/link'), 'utf8'), 'hello\n');
      assert.equal(statSync(join(folder, 'a/text')).mode & 0o777, 0o640);
      assert.equal(statSync(join(folder, 'one')).ino, statSync(join(folder, 'two')).ino);
      assert.equal(readFileSync(join(folder, 'two'), 'utf8'), 'same');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('lists devices and owners as they were given', () => {
    const writer = new CpioWriter();
    const device = { major: 5, minor: 1 };
    writer.add({ path: 'console', mode: FileType.CharacterDevice | 0o600, device, uid: 3, gid: 4 });
    const listing = spawnSync('cpio', ['-itvn', '--quiet'], { input: writer.finish(), encoding: 'utf8' }).stdout;
    assert.match(listing, /^crw-------\s+1 3\s+4\s+5,\s+1 .* console$/m);
  });

  it('is the same bytes every time', () => {
    assert.deepEqual(sample(), sample());
  });
});
