// The sample application, compiled by Porffor's alpha release, prints what Node prints for the same source.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildApplication, stripTypes } from '../../../tools/app/build.js';

const SOURCE = 'app/json-report.ts';

test('app/json-report prints the same JSON as under Node', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kairo-app-'));
  try {
    const program = join(folder, 'json-report');
    await buildApplication(SOURCE, program);
    const script = join(folder, 'under-node.mjs');
    writeFileSync(script, stripTypes(readFileSync(SOURCE, 'utf8'), SOURCE));
    const expected = execFileSync(process.execPath, [script], { encoding: 'utf8' });
    const printed = execFileSync(program, { encoding: 'utf8' });
    assert.deepEqual(JSON.parse(printed), JSON.parse(expected));
    assert.equal(printed, expected);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a source that is no TypeScript is refused', () => {
  assert.throws(() => stripTypes('const = 5;', 'broken.ts'), /broken\.ts: /);
});
