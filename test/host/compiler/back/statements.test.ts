// Control flow, calls and module variables of the lowered source. The numbers are small enough that JavaScript itself
// says what is right: each function is also run as plain JavaScript.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, lowered, runNative } from './support.js';

const SOURCE = `
const forLoop = (a, b) => { let r = 0; for (let i = 0; i < a; i++) { if (i === 3) continue; r += i * b; } return r; };
const forWithoutParts = (a, b) => { let i = 0; for (;;) { i++; if (i > a + b) break; } return i; };
const whileLoop = (a, b) => { let n = a; while (n < b * 3) { n += 2; if (n === 9) { n += 1; continue; } if (n > 20) { break; } } return n; };
const doLoop = (a, b) => { let c = 0; do { c += a + 1; if (c === 6) continue; if (c > 40) break; } while (c < b && c !== 50); return c; };
const nested = (a, b) => { let t = 0; outer: for (let i = 0; i < a; i++) { for (let j = 0; j < b; j++) { if (j === 5) continue outer; if (t > 60) break outer; t += i + j; } t += 100; } return t; };
const labelledWhile = (a, b) => { let n = a; outer: while (true) { n++; while (true) { n += 2; if (n > 20 + b) break outer; if (n % 3 === 0) continue outer; } } return n; };
const labelledDo = (a, b) => { let n = 0; outer: do { n++; let k = 0; do { k++; if (k === b) continue outer; if (n === a) break outer; } while (k < 4); n += 10; } while (n < 50); return n; };
const threeDeep = (a, b) => { let s = 0; x: for (let i = 0; i < 4; i++) { y: for (let j = 0; j < 4; j++) { for (let k = 0; k < 4; k++) { if (k === a) continue y; if (k + j === b) continue x; if (s > 300) break x; s += i * 16 + j * 4 + k; if (k === 3) break y; } } } return s; };
const conditional = (a, b) => { return a > b ? (a > 5 ? 1 : 2) : b === 3 ? 4 : 5; };
const shortCircuit = (a, b) => { let t = 0; if (a > 1 && b > 1 || a === b) { t = 1; } if (!(a > 3) && (b > 3 || a === 0)) { t += 2; } return t; };
const ifChain = (a, b) => { if (a === 0) { return 10; } else if (a === 1) { return 11; } else if (a === 2 && b > 2) { return 12; } else { if (b === 1) { return 13; } } return 14; };
const assignments = (a, b) => { let x = a; x += b; x -= 3; x *= 2; x |= 1; x ^= 6; x &= 1023; x <<= 2; x >>= 1; x /= 3; x %= 50; return x; };
const assignmentValue = (a, b) => { let x = 0; let y = 0; x = y = a + 1; y += x = b; return x * 100 + y; };
const updates = (a, b) => { let x = a; const before = x++; const after = ++x; const down = x--; return before + after * 10 + down * 100 + --x * 1000 + b; };
const evaluationOrder = (a, b) => { let x = a; return x * 1000 + (x += b) * 100 + x++ * 10 + x; };
const conditionOfNumber = (a, b) => { let n = 0; while (a - n) { n++; if (n > 50) break; } return n + (b ? 1 : 2); };
const shadowing = (a, b) => { let t = 0; for (let i = 0; i < a; i++) { const inner = i * 2; t += inner; } for (let k = 0; k < b; k++) { const second = k * 3; t += second; } return t; };
const noValue = (a, b) => { if (a > b) { return; } total += a; };
const leaf = (a, b) => { noValue(a, b); return total; };
const recursive = (a, b) => { if (a < 2) { return b; } return recursive(a - 1, b) + recursive(a - 2, b + 1); };
const even = (a, b) => { if (a === 0) { return 1 + b; } return odd(a - 1, b); };
const odd = (a, b) => { if (a === 0) { return b; } return even(a - 1, b); };
const eight = (a, b, c, d, e, f, g, h) => { return a + b * 2 + c * 3 + d * 4 + e * 5 + f * 6 + g * 7 + h * 8; };
const manyArguments = (a, b) => { return eight(a, b, a + 1, b + 1, a + 2, b + 2, a + 3, eight(1, 2, 3, 4, 5, 6, a, b)); };
const expressionBody = (a, b) => a * 3 + b;
`;

const JAVASCRIPT = `let total = 0;\n${SOURCE}`;
const functions = [...SOURCE.matchAll(/^const (\w+) = \((\w+), (\w+)\) =>/gm)].map((match) => match[1] as string);
const INPUTS = [0, 1, 2, 3, 4, 5, 7, 9, 12].flatMap((a) => [0, 1, 2, 3, 6, 8].map((b) => [a, b] as const));

/** What JavaScript gives, with integer division. */
function expectations(): { symbol: string; given: [bigint, bigint]; expected: bigint }[] {
  const integerDivision = JAVASCRIPT.replace('x /= 3;', 'x = Math.trunc(x / 3);');
  const run = new Function(`${integerDivision} return { ${functions.join(', ')} };`);
  const library = run() as Record<string, (a: number, b: number) => number | undefined>;
  return functions.flatMap((name) =>
    INPUTS.map(([a, b]) => ({
      symbol: `entry_${name}`,
      given: [BigInt(a), BigInt(b)] as [bigint, bigint],
      expected: BigInt(library[name]?.(a, b) ?? 0),
    })),
  );
}

const program = lowered(JAVASCRIPT);

test('every statement does what JavaScript does, under Node', async () => {
  const host = await load(program);
  for (const { symbol, given, expected } of expectations()) {
    assert.equal(host.call(symbol, ...given), BigInt.asUintN(64, expected), `${symbol}(${given})`);
  }
});

test('every statement does what JavaScript does, as machine code', async () => {
  const all = expectations();
  const results = await runNative(program, all);
  for (const [index, { symbol, given, expected }] of all.entries()) {
    assert.equal(results[index], BigInt.asUintN(64, expected), `${symbol}(${given})`);
  }
});

test('module variables start at their initial values, all 64 bits of them', async () => {
  const source =
    'let low = 0;\nlet high = 0;\nconst step = () => { high += 1; low -= 1; return high; };\nconst lowNow = () => { return low; };';
  const initialGlobals = new Map([['high', 0xffff_8000_0000_0000n]]);
  const host = await load(lowered(source, { initialGlobals }));
  assert.equal(host.call('entry_step'), 0xffff_8000_0000_0001n);
  assert.equal(host.call('entry_lowNow'), (1n << 64n) - 1n);
  const calls = ['entry_step', 'entry_step', 'entry_lowNow'].map((symbol) => ({ symbol, given: [] }));
  const results = await runNative(lowered(source, { initialGlobals }), calls);
  assert.deepEqual(results, [0xffff_8000_0000_0001n, 0xffff_8000_0000_0002n, (1n << 64n) - 2n]);
});

test('literals of any size are exact', async () => {
  const literals = [
    '0x7fffffff',
    '0x80000000',
    '0xffffffff',
    '0x1fffffffffffff',
    '0x20000000000001n',
    '0x7fffffffffffffffn',
    '0x8000000000000000n',
    '0xffff800000000000n',
    '0xffffffffffffffffn',
    '-1',
    '-0x80000000',
    '-0x80000001',
    '-0x8000000000000000n',
    '1099511627776',
  ];
  const source = literals.map((text, index) => `const f${index} = () => { return ${text}; };`).join('\n');
  const host = await load(lowered(source));
  literals.forEach((text, index) => {
    const value = text.startsWith('-') ? -BigInt(text.slice(1).replace('n', '')) : BigInt(text.replace('n', ''));
    assert.equal(host.call(`entry_f${index}`), BigInt.asUintN(64, value), text);
  });
});

test('a call keeps values that were computed before it', async () => {
  const source = `let state = 0;
const bump = (by) => { state += by; return state; };
const mixed = (a) => { let x = a; const before = state; const sum = state * 10000 + bump(x) * 100 + (x = 5) + state + x; return sum + before; };`;
  const host = await load(lowered(source));
  const mixed = new Function(`${source} return mixed;`)() as (a: number) => number;
  for (const a of [1, 2, 3]) assert.equal(host.call('entry_mixed', a), BigInt(mixed(a)));
});

test('names that mean something to JavaScript or to Porffor are just names', async () => {
  const source = `const length = (toString, constructor) => { const name = toString + 1; const Math = constructor * 2; const undefined = name + Math; return undefined; };
const map = (valueOf) => { const NaN = length(valueOf, 3); return NaN; };`;
  const host = await load(lowered(source));
  assert.equal(host.call('entry_length', 4, 10), 25n);
  assert.equal(host.call('entry_map', 4), 11n);
});
