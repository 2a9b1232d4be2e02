// Every operator and built-in operation of the lowered source, on numbers where 64-bit arithmetic goes wrong first,
// against BigInt; under Node and as machine code.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Call, load, lowered, runNative } from './support.js';

const MINIMUM = 1n << 63n;
const VALUES = [
  0n,
  1n,
  2n,
  7n,
  8n,
  31n,
  32n,
  33n,
  63n,
  64n,
  65n,
  127n,
  128n,
  255n,
  256n,
  0x7fffn,
  0x8000n,
  0xffffn,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x1_0000_0000n,
  0x7fff_8000_0000_0000n,
  0xffff_8000_0000_0000n,
  MINIMUM - 1n,
  MINIMUM,
  MINIMUM + 1n,
  (1n << 64n) - 2n,
  (1n << 64n) - 1n,
];

const signed = (value: bigint) => BigInt.asIntN(64, value);
const unsigned = (value: bigint) => BigInt.asUintN(64, value);
const truth = (value: boolean) => (value ? 1n : 0n);
const amount = (value: bigint) => value & 63n;
const magnitude = (value: bigint) => value.toString(2);

type Meaning = (a: bigint, b: bigint) => bigint;

/** Lowered expression of `a` and `b` -> its value; operands are unsigned. */
const BINARY: Record<string, Meaning> = {
  'a + b': (a, b) => a + b,
  'a - b': (a, b) => a - b,
  'a * b': (a, b) => a * b,
  'a & b': (a, b) => a & b,
  'a | b': (a, b) => a | b,
  'a ^ b': (a, b) => a ^ b,
  'a << b': (a, b) => a << amount(b),
  'a >>> b': (a, b) => a >> amount(b),
  'a >> b': (a, b) => signed(a) >> amount(b),
  'a === b': (a, b) => truth(a === b),
  'a !== b': (a, b) => truth(a !== b),
  'a < b': (a, b) => truth(signed(a) < signed(b)),
  'a <= b': (a, b) => truth(signed(a) <= signed(b)),
  'a > b': (a, b) => truth(signed(a) > signed(b)),
  'a >= b': (a, b) => truth(signed(a) >= signed(b)),
  '__ult(a, b)': (a, b) => truth(a < b),
  '__ule(a, b)': (a, b) => truth(a <= b),
  '__ugt(a, b)': (a, b) => truth(a > b),
  '__uge(a, b)': (a, b) => truth(a >= b),
  '__shr_s(a, b)': (a, b) => signed(a) >> amount(b),
  '__shr_u(a, b)': (a, b) => a >> amount(b),
  '__rotl(a, b)': (a, b) => (a << amount(b)) | (a >> amount(64n - amount(b))),
  '__rotr(a, b)': (a, b) => (a >> amount(b)) | (a << amount(64n - amount(b))),
  '~a': (a) => ~a,
  '-a': (a) => -a,
  '!a': (a) => truth(a === 0n),
  '!!a': (a) => truth(a !== 0n),
  'a && b': (a, b) => (a === 0n ? 0n : b),
  'a || b': (a, b) => (a === 0n ? b : a),
  '(a ? b : 5)': (a, b) => (a === 0n ? 5n : b),
  '__clz(a)': (a) => (a === 0n ? 64n : 64n - BigInt(magnitude(a).length)),
  '__ctz(a)': (a) => (a === 0n ? 64n : BigInt(magnitude(a).length - 1 - magnitude(a).lastIndexOf('1'))),
  '__popcnt(a)': (a) => BigInt(magnitude(a).replaceAll('0', '').length),
  '__ext8s(a)': (a) => BigInt.asIntN(8, a),
  '__ext16s(a)': (a) => BigInt.asIntN(16, a),
  '__ext32s(a)': (a) => BigInt.asIntN(32, a),
  'a & 255': (a) => a & 255n,
  'a & 0xffffffff': (a) => a & 0xffff_ffffn,
  'a / 7': (a) => signed(a) / 7n,
  'a % 7': (a) => signed(a) % 7n,
  'a / -1': (a) => -signed(a),
  'a % -1': () => 0n,
  'a / 4096': (a) => signed(a) / 4096n,
  '__udiv(a, 10)': (a) => a / 10n,
  '__urem(a, 10)': (a) => a % 10n,
  '__udiv(a, 0xffff800000000000n)': (a) => a / 0xffff_8000_0000_0000n,
};

/** The same for operators that trap on some operands. */
const DIVIDING: Record<string, Meaning> = {
  'a / b': (a, b) => signed(a) / signed(b),
  'a % b': (a, b) => signed(a) % signed(b),
  '__udiv(a, b)': (a, b) => a / b,
  '__urem(a, b)': (a, b) => a % b,
};

const expressions = [...Object.entries(BINARY), ...Object.entries(DIVIDING)];
const program = lowered(
  expressions.map(([text], index) => `const f${index} = (a, b) => { return ${text}; };`).join('\n'),
);

function cases(): (Call & { expected: bigint; text: string })[] {
  return expressions.flatMap(([text, meaning], index) =>
    VALUES.flatMap((a) =>
      VALUES.filter((b) => !(text in DIVIDING) || (b !== 0n && !(a === MINIMUM && signed(b) === -1n)))
        .filter(() => !(text === 'a / -1' && a === MINIMUM))
        .map((b) => ({ symbol: `entry_f${index}`, given: [a, b], expected: unsigned(meaning(a, b)), text })),
    ),
  );
}

test('every operator agrees with BigInt under Node', async () => {
  const host = await load(program);
  for (const { symbol, given, expected, text } of cases()) {
    assert.equal(host.call(symbol, ...given), expected, `${text} for ${given}`);
  }
});

test('every operator agrees with BigInt as machine code', async () => {
  const all = cases();
  const results = await runNative(program, all);
  assert.equal(results.length, all.length);
  for (const [index, { given, expected, text }] of all.entries()) {
    assert.equal(results[index], expected, `${text} for ${given}`);
  }
});

test('division by zero traps, even if nothing uses the quotient', async () => {
  const dividing = lowered(
    [
      'const quotient = (a, b) => { return a / b; };',
      'const unused = (a, b) => { const q = __urem(a, b); return b === 0; };',
    ].join('\n'),
  );
  const host = await load(dividing);
  for (const symbol of ['entry_quotient', 'entry_unused']) {
    assert.throws(() => host.call(symbol, 5, 0), WebAssembly.RuntimeError);
    await assert.rejects(runNative(dividing, [{ symbol, given: [5n, 0n] }]), { signal: 'SIGFPE' });
  }
});
