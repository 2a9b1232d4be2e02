/** How compatibility results are read and judged: nothing incomplete counts, and every difference is found. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseBatch } from './batch.js';
import { type Case, compare, parseHeader } from './cases.js';

const plain: Case = { name: 'x', shows: 'a topic', shell: '/bin/sh', needsRoot: false, pattern: undefined };
const result = (output: string, status = 0) => ({ output, status });

describe('a batch', () => {
  it('gives each complete result, whatever bytes the output has', () => {
    const output = Buffer.from('@@@ one 0 12\n@@@ two 1 0\n\n@@@ three 3 2\nab\n@@@ cut 0 9\nabc');
    assert.deepEqual(
      [...parseBatch(output)],
      [
        ['one', { status: 0, output: '@@@ two 1 0\n' }],
        ['three', { status: 3, output: 'ab' }],
      ],
    );
  });

  it('gives nothing for what is no batch', () => {
    assert.equal(parseBatch(Buffer.from('panic\n')).size, 0);
    assert.equal(parseBatch(Buffer.alloc(0)).size, 0);
  });
});

describe('a comparison', () => {
  it('wants the same bytes and the same status', () => {
    assert.equal(compare(plain, result('a\nb\n'), result('a\nb\n')), undefined);
    assert.match(compare(plain, result('a\nb\n'), result('a\nc\n')) ?? '', /^line 2: "c", on Linux "b"$/);
    assert.match(compare(plain, result('a\n'), result('a\n', 1)) ?? '', /^status 1, on Linux 0/);
    assert.match(compare(plain, result('a\nb\n'), result('a\n')) ?? '', /^line 2/);
    assert.match(compare(plain, result('a\n'), result('a')) ?? '', /^line 2/);
  });

  it('wants every line to match where there is a pattern, on both systems', () => {
    const free = { ...plain, pattern: ['\\d+ total', '*[a-c]', 'end'] };
    assert.equal(compare(free, result('7 total\na\nb\nend\n'), result('12 total\nend\n')), undefined);
    assert.match(compare(free, result('x total\nend\n'), result('1 total\nend\n')) ?? '', /line 1 on Linux/);
    assert.match(compare(free, result('1 total\nend\n'), result('1 total\nEND\n')) ?? '', /line 2 on Kairo/);
    assert.match(
      compare(free, result('1 total\nend\n'), result('1 total\nend\nmore\n')) ?? '',
      /more than the pattern/,
    );
    assert.match(compare(free, result('1 total\nend\n'), result('1 total\nend\n', 1)) ?? '', /status 1 on Kairo/);
  });
});

describe('a comparison without a result of Linux', () => {
  it('goes by the pattern, and fails where there is none', () => {
    const free = { ...plain, needsRoot: true, pattern: ['a'] };
    assert.equal(compare(free, undefined, result('a\n')), undefined);
    assert.match(compare(free, undefined, result('b\n')) ?? '', /line 1 on Kairo/);
    assert.match(compare(plain, undefined, result('a\n')) ?? '', /Linux gave no result/);
  });
});

describe("a case's header", () => {
  it('says what it shows and which shell runs it', () => {
    assert.deepEqual(parseHeader('x', '# Shows: things\n# Shell: bash\n'), {
      name: 'x',
      shows: 'things',
      shell: '/bin/bash',
      needsRoot: false,
    });
    assert.equal(parseHeader('x', '# Shows: things\n# Needs: root\n').needsRoot, true);
    assert.throws(() => parseHeader('x', '# Shows: a\n# Needs: luck\n'), /unknown thing/);
    assert.throws(() => parseHeader('x', 'echo\n'), /does not say/);
    assert.throws(() => parseHeader('x', '# Shows: a\n# Shell: fish\n'), /unknown shell/);
  });
});
