/** Where the kernel's log goes: the file has every byte, the person whole lines. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { LogSink } from './log.js';

it('the log reaches the file as it comes, and the person line by line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kairo-test-'));
  try {
    const shown: string[] = [];
    const path = join(folder, 'log');
    const log = new LogSink(path, true, (text) => shown.push(text));
    for (const piece of ['one\ntw', 'o', '\nthree\nfo', 'ur\xe4']) log.write(Buffer.from(piece, 'latin1'));
    assert.deepEqual(shown, ['one\n', 'two\nthree\n']);
    log.close();
    assert.deepEqual(shown.slice(2), ['four\xe4\n']);
    assert.equal(readFileSync(path, 'latin1'), 'one\ntwo\nthree\nfour\xe4');
    assert.equal(log.tail, readFileSync(path, 'latin1'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
