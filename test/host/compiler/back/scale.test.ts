// Size: what grows with the program must not make the compiler fail or take minutes. Times are printed, and only a
// coarse limit is asserted, because machines differ.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, lowered } from './support.js';

test('an if chain of 400 cases, as a switch is lowered', async () => {
  const chain = Array.from({ length: 400 }, (_, i) => `if (a === ${i * 3}) { r = ${i}; } else `).join('');
  const host = await load(lowered(`const pick = (a) => { let r = 0; ${chain}{ r = 1000; } return r; };`));
  assert.equal(host.call('entry_pick', 0), 0n);
  assert.equal(host.call('entry_pick', 399 * 3), 399n);
  assert.equal(host.call('entry_pick', 5), 1000n);
});

test('breaks out of 200 nested loops', async () => {
  const depth = 200;
  const open = Array.from({ length: depth }, (_, i) => `l${i}: for (let i${i} = 0; i${i} < 2; i${i}++) { n++; `).join(
    '',
  );
  const source = `const deep = (a) => { let n = 0; ${open} if (a === 1) { break l0; } if (a === 2) { continue l0; } break l1; ${'}'.repeat(depth)} return n; };`;
  const host = await load(lowered(source));
  assert.equal(host.call('entry_deep', 1), BigInt(depth));
  assert.equal(host.call('entry_deep', 2), BigInt(depth * 2));
  assert.equal(host.call('entry_deep', 3), BigInt(depth * 2));
});

test('200 intrinsics and functions of 30 parameters', async () => {
  const intrinsics = Array.from({ length: 200 }, (_, i) => ({ name: `port${i}`, parameters: 1, returns: true }));
  const uses = intrinsics.map(({ name }, i) => `t += ${name}(${i});`).join(' ');
  const names = Array.from({ length: 30 }, (_, i) => `p${i}`);
  const source = `const all = () => { let t = 0; ${uses} return t; };
const wide = (${names.join(', ')}) => { return ${names.join(' * 3 + ')}; };`;
  const supplied = Object.fromEntries(
    intrinsics.map(({ name }, i) => [name, (value: bigint) => value * 2n + BigInt(i)]),
  );
  const host = await load(lowered(source, { intrinsics }), { intrinsics: supplied });
  assert.equal(host.call('entry_all'), BigInt((199 * 200 * 3) / 2));
  const wide = names.reduce(
    (text, name) => text.replaceAll(`${name} `, '1 '),
    names.join(' * 3 + ').replace('p29', '1'),
  );
  assert.equal(host.call('entry_wide', ...names.map(() => 1)), BigInt(new Function(`return ${wide};`)() as number));
});

test('3,000 functions in a call chain and a call tree', async (context) => {
  const count = 3000;
  const bodies = Array.from({ length: count }, (_, i) => {
    const next = i + 1 < count ? `f${i + 1}(a + 1, b)` : 'a';
    const other = 2 * i + 2 < count ? `f${2 * i + 2}(b, a)` : 'b';
    return `const f${i} = (a, b) => {
  let total = a;
  for (let i${i} = 0; i${i} < b; i${i}++) { if (load64(a + i${i} * 8) === ${i}) { total += i${i}; } else { store64(a, total); } }
  if (__ult(a, ${i})) { return ${other} + total; }
  return ${next};
};`;
  });
  const source = bodies.join('\n');
  const entries = [{ name: 'f0', symbol: 'entry_f0', parameters: 2, returns: true }];
  const started = performance.now();
  const host = await load(lowered(source, { entries }));
  const seconds = (performance.now() - started) / 1000;
  context.diagnostic(`${count} functions, ${source.length} bytes: ${seconds.toFixed(1)} s to optimized WebAssembly`);
  assert.equal(host.call('entry_f0', 5000, 0), 5000n + BigInt(count) - 1n);
});
