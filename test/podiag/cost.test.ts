// podiag's cost is bounded: few children, one pass over each table, and no more than ten times the bare look-ups.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Container } from './container.js';
import { countChildren, startSleepers, timeByHand, timePodiag, traceOpens } from './cost.js';
import { parseReport } from './report.js';

describe('cost', () => {
  let container: Container;

  before(async () => {
    container = await Container.start();
  });

  after(() => container.stop());

  test('three children per inspected process at most: in truth a handful, however many processes', async () => {
    await startSleepers(container, 50, 10);
    const few = countChildren(container);
    await startSleepers(container, 100, 10);
    assert.equal(countChildren(container), few);
    assert.ok(few > 2 && few < 10, `${few} children for 150 processes`);
  });

  test('REQ-PO-011 each table of sockets is opened once', () => {
    const opens = traceOpens(container);
    for (const table of ['tcp', 'tcp6', 'udp', 'udp6', 'unix']) {
      const count = opens.filter((line) => line.includes(`"net/${table}"`)).length;
      assert.equal(count, 1, table);
    }
  });

  test('REQ-PO-030 nothing is opened for writing', () => {
    const opens = traceOpens(container);
    assert.ok(opens.length > 500);
    assert.deepEqual(
      opens.filter((line) => /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND/.test(line)),
      [],
    );
  });

  test('500 processes with 5,000 descriptors: within ten times ps and one readlink per descriptor', async () => {
    await startSleepers(container, 350, 10);
    const report = parseReport(container.podiag().output);
    const descriptors = [...report.processes.values()].reduce((sum, process) => sum + process.descriptors.size, 0);
    assert.ok(report.processes.size >= 500 && descriptors >= 5000, `${report.processes.size}, ${descriptors}`);
    const [podiag, byHand] = [timePodiag(container, 3), timeByHand(container, 1)];
    assert.ok(podiag < 10 * byHand, `podiag ${podiag} ms, by hand ${byHand} ms`);
  });
});
