/** Addresses of a stopped processor as function names. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describePosition, locate, parseSymbols } from './position.js';

const table = parseSymbols(
  ['0000000000100000 T entry', '0000000000100040 t helper', '0000000000200000 D data'].join('\n'),
);

describe('a position', () => {
  it('is the function at or below the address', () => {
    assert.equal(locate([table], 0x100000n), 'entry+0x0');
    assert.equal(locate([table], 0x100044n), 'helper+0x4');
  });

  it('has no name below the first function or far above the last', () => {
    assert.equal(locate([table], 0xfffffn), undefined);
    assert.equal(locate([table], 0x300000n), undefined);
  });

  it("is shown for every processor of QEMU's dump", () => {
    const dump =
      'CPU#0\nRAX=0\nRIP=0000000000100044 RFL=00000046 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1\nCR0=1 CR2=0\n';
    assert.deepEqual(describePosition(dump, [table]).split('\n'), [
      'CPU#0',
      'RIP=0000000000100044 ring 0 in helper+0x4',
      'CR0=1 CR2=0',
    ]);
  });

  it("in ring 3 is the process server's function only perhaps: a client may run at the same address", () => {
    const dump = 'CPU#0\nRIP=0000000000100044 RFL=00000046 [---Z-P-] CPL=3 II=0 A20=1 SMM=0 HLT=1\n';
    assert.match(describePosition(dump, [table]), /ring 3, if in the process server in helper\+0x4$/m);
  });
});
