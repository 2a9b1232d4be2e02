/** KTAP as the guest tests print it: only a complete and well-numbered report counts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { incompleteness, parseKtap } from './ktap.js';

describe('a KTAP report', () => {
  it('is read between lines of the kernel log', () => {
    const report = parseKtap(
      'ok 9 noise before\nKTAP version 1\r\nok 1 a: b\r\n[ 0.1] log\nnot ok 2 c # got 1\n1..2\n',
    );
    assert.deepEqual(report, {
      cases: [
        { number: 1, name: 'a: b', passed: true },
        { number: 2, name: 'c # got 1', passed: false },
      ],
      planned: 2,
      bailedOut: undefined,
    });
    assert.equal(incompleteness(report), undefined);
  });

  it('that stops early, lacks cases or misnumbers them is incomplete', () => {
    assert.match(incompleteness(parseKtap('KTAP version 1\nok 1 a\n')) ?? '', /no plan.*case 1/);
    assert.match(incompleteness(parseKtap('KTAP version 1\nok 1 a\n1..2\n')) ?? '', /1 cases of 2/);
    assert.match(incompleteness(parseKtap('KTAP version 1\nok 2 a\n1..1\n')) ?? '', /numbered 2/);
    assert.match(incompleteness(parseKtap('')) ?? '', /no plan/);
  });

  it('in which a test could not go on is no pass, whatever else it says', () => {
    const report = parseKtap('KTAP version 1\nok 1 a\nBail out! no memory\nok 2 b\n1..2\n');
    assert.equal(incompleteness(report), 'bailed out: no memory');
  });
});
