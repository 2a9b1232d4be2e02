// How podiag writes addresses: IPv4 in dotted decimal, IPv6 as RFC 5952 wants it. Tables made here go through the
// whole script, many rows in one run; the expected text comes from the RFC and from Node's own URL serializer.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { Container } from './container.js';
import { parseReport, shownAs } from './report.js';
import { internetHeader, internetRow, SyntheticProc } from './synthetic.js';

/** Sixteen bytes as eight groups. */
type Groups = number[];

/** proc_net_tcp(5): 32-bit words of network order, printed as the machine reads them. */
function kernelHex(bytes: number[], bigEndian: boolean): string {
  const words: string[] = [];
  for (let at = 0; at < bytes.length; at += 4) {
    const word = bytes.slice(at, at + 4);
    words.push(
      Buffer.from(bigEndian ? word : word.reverse())
        .toString('hex')
        .toUpperCase(),
    );
  }
  return words.join('');
}

const bytesOf = (groups: Groups): number[] => groups.flatMap((group) => [group >> 8, group & 255]);

const hexPort = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');

/** Text to groups, for addresses that are written out in full or with one "::". */
function groupsOf(text: string): Groups {
  const [head = '', tail] = text.split('::');
  const part = (half: string): Groups =>
    half === '' ? [] : half.split(':').map((group) => Number.parseInt(group, 16));
  if (tail === undefined) return part(head);
  const [left, right] = [part(head), part(tail)];
  return [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
}

describe('addresses', () => {
  let container: Container;

  before(async () => {
    container = await Container.start();
  });

  after(() => container.stop());

  /** What podiag prints for each address of a table of listening sockets. */
  function printed(table: 'tcp' | 'tcp6', addresses: number[][], bigEndian = false): string[] {
    const proc = new SyntheticProc(join(container.fake, 'proc'));
    const fd: Record<number, string> = {};
    let rows = internetHeader;
    for (const [index, bytes] of addresses.entries()) {
      fd[index] = `socket:[${5000 + index}]`;
      const any = '0'.repeat(bytes.length * 2);
      rows += internetRow(`${kernelHex(bytes, bigEndian)}:${hexPort(index)}`, `${any}:0000`, '0A', 5000 + index);
    }
    proc.process(7, { fd });
    proc.tables({ [table]: rows });
    // The header of a program for a big-endian machine (elf(5)): magic, 64 bit, EI_DATA 2.
    if (bigEndian) proc.file('self/exe', Buffer.from('7f454c46020201000000', 'hex'));
    const result = container.podiag([], { environment: { PODIAG_PROC: '/fake/proc' } });
    assert.equal(result.errors, '');
    const process = parseReport(result.output).processes.get(7);
    assert.ok(process);
    return addresses.map((_, index) => {
      const [, text, port] = /LISTEN (.*):(\d+)$/.exec(shownAs(process, index)) ?? [];
      assert.equal(Number(port), index);
      return text ?? '';
    });
  }

  const inBrackets = (texts: string[]): string[] => texts.map((text) => `[${text}]`);

  test('REQ-PO-011 IPv4 is dotted decimal', () => {
    const addresses = [
      [0, 0, 0, 0],
      [127, 0, 0, 1],
      [10, 200, 3, 44],
      [255, 255, 255, 255],
    ];
    assert.deepEqual(
      printed('tcp', addresses),
      addresses.map((bytes) => bytes.join('.')),
    );
  });

  test('REQ-PO-011 IPv4 on a big-endian machine', () => {
    assert.deepEqual(printed('tcp', [[10, 200, 3, 44]], true), ['10.200.3.44']);
  });

  test('REQ-PO-011 IPv6: the cases of RFC 5952, sections 4 and 5', () => {
    const cases: [string, string][] = [
      ['0:0:0:0:0:0:0:0', '::'],
      ['0:0:0:0:0:0:0:1', '::1'],
      ['2001:db8:0:0:0:0:0:0', '2001:db8::'],
      ['2001:0db8:0000:0000:0000:0000:0002:0001', '2001:db8::2:1'],
      ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
      ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
      ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
      ['2001:DB8:AAAA:BBBB:CCCC:DDDD:EEEE:1', '2001:db8:aaaa:bbbb:cccc:dddd:eeee:1'],
      ['0:0:1:2:3:4:5:6', '::1:2:3:4:5:6'],
      ['1:2:3:4:5:6:0:0', '1:2:3:4:5:6::'],
      ['0:1:2:3:4:5:6:0', '0:1:2:3:4:5:6:0'],
      ['fe80:0:0:0:210:5aff:feaa:20a2', 'fe80::210:5aff:feaa:20a2'],
      ['0:0:0:0:0:ffff:c0a8:102', '::ffff:192.168.1.2'],
    ];
    const groups = cases.map(([given]) => bytesOf(groupsOf(given)));
    const expected = inBrackets(cases.map(([, text]) => text));
    assert.deepEqual(printed('tcp6', groups), expected);
    assert.deepEqual(printed('tcp6', groups, true), expected);
  });

  test('REQ-PO-011 IPv6: a thousand addresses as Node writes them', () => {
    const group = fc.oneof(fc.constant(0), fc.constant(0), fc.integer({ min: 0, max: 0xffff }), fc.nat(15));
    const address = fc.array(group, { minLength: 8, maxLength: 8 });
    // Node writes mapped addresses in hexadecimal (WHATWG URL); the table above has that case.
    const notMapped = address.filter(
      (groups) => groups.slice(0, 5).some((value) => value !== 0) || groups[5] !== 0xffff,
    );
    fc.assert(
      fc.property(fc.array(notMapped, { minLength: 200, maxLength: 200 }), (addresses) => {
        const full = (groups: Groups): string => groups.map((value) => value.toString(16)).join(':');
        const expected = addresses.map((groups) => new URL(`http://[${full(groups)}]/`).hostname);
        assert.deepEqual(printed('tcp6', addresses.map(bytesOf)), expected);
      }),
      { numRuns: 5 },
    );
  });
});
