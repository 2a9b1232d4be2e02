/** The benchmark table: what counts as there, and what the figures are read from. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { processRows, type Row } from './peers.js';
import { best, formatTable, parseFigures, parseKernelFigures, verdictOf } from './table.js';

const row: Row = { name: 'x', title: 'an operation', owed: true, linux: 100, linuxHere: 80 };

describe('a benchmark row', () => {
  it('is judged by the lowest peer', () => {
    assert.equal(best(row), 80);
    assert.equal(verdictOf({ row, kairo: 80 }), '1.00x');
    assert.equal(verdictOf({ row, kairo: 90 }), '1.13x, owed: not there yet');
    assert.equal(verdictOf({ row: { ...row, owed: false }, kairo: 90 }), '1.13x');
  });

  it('that was not measured says so', () => {
    assert.equal(verdictOf({ row, kairo: undefined }), 'not measured');
    assert.match(formatTable('Operation', [{ row, kairo: undefined }]), /an operation +- +100 +80 +- +not measured\n$/);
  });

  it('has a name of its own', () => {
    assert.equal(new Set(processRows.map(({ name }) => name)).size, processRows.length);
  });
});

describe('figures', () => {
  it("of the kernel are its tests' comments", () => {
    const figures = parseKernelFigures('ok 1 x\n# call and reply: 287.5 ticks\r\n# failures: 0\n');
    assert.deepEqual([...figures], [['call and reply', 287.5]]);
  });

  it('are name, tab, number, and nothing else', () => {
    const figures = parseFigures('getppid\t331\nnoise 5\n[ 0.1] x\t3\nfork-wait\t95458\r\n');
    assert.deepEqual([...figures], [['getppid', 331]]);
  });
});
