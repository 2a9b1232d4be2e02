// What is outside the lowered subset is refused with a reason, before Porffor could make something else of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, lowered } from './support.js';

const REFUSED: [why: string, source: string, message: RegExp][] = [
  ['a switch', 'const f = (a) => { switch (a) { case 0: return 1; } return 2; };', /SwitchStatement in f/],
  ['a labelled block', 'const f = (a) => { x: { break x; } return a; };', /only a loop may have a label/],
  [
    'a function inside a function',
    'const f = (a) => { const g = () => 1; return a; };',
    /ArrowFunctionExpression in f/,
  ],
  ['a function declaration', 'function f(a) { return a; }', /only declarations may stand at top level/],
  ['a function value', 'const g = (a) => { return a; };\nconst f = () => { return g; };', /"g" is not declared/],
  [
    'a missing argument',
    'const g = (a, b) => { return a + b; };\nconst f = () => { return g(1); };',
    /"g" takes 2 arguments, not 1/,
  ],
  ['a surplus argument', 'const f = (a) => { return load64(a, 8); };', /"load64" takes 1 arguments, not 2/],
  ['an unknown function', 'const f = (a) => { return parseInt(a); };', /"parseInt" is not a function or intrinsic/],
  ['an undeclared name', 'const f = () => { return undefined; };', /"undefined" is not declared/],
  ['a fraction', 'const f = () => { return 0.5; };', /0\.5 needs the suffix n|only integers/],
  ['an inexact literal', 'const f = () => { return 0x20000000000001; };', /0x20000000000001 needs the suffix n/],
  ['a literal of 65 bits', 'const f = () => { return 0x10000000000000000n; };', /does not fit 64 bits/],
  ['a string', "const f = () => { return 'a'; };", /only integers may be literals/],
  ['an object', 'const f = (a) => { return a.b; };', /MemberExpression in f/],
  ['loose equality', 'const f = (a) => { return a == 1; };', /no operator ==/],
  ['exponentiation', 'const f = (a) => { return a ** 2; };', /no operator \*\*/],
  ['typeof', 'const f = (a) => { return typeof a; };', /no operator typeof/],
  ['a name declared twice', 'const f = (a) => { { let b = 1; } { let b = 2; } return a; };', /"b" is declared twice/],
  ['a local named like a module variable', 'let g = 0;\nconst f = (g) => { return g; };', /"g" is declared twice/],
  [
    'a variable of a loop without a value',
    'const f = (a) => { while (a > 0) { let b; a -= 1; } return a; };',
    /needs a value/,
  ],
  [
    'a return without a value beside one with',
    'const f = (a) => { if (a > 1) { return; } return 1; };',
    /the function returns a value/,
  ],
  ['a module constant', 'const x = 5;\nconst f = (a) => { return a; };', /must be an arrow function/],
];

for (const [why, source, message] of REFUSED) {
  test(`${why} is refused`, async () => {
    const entries = [{ name: 'f', symbol: 'f', parameters: 0, returns: true }];
    await assert.rejects(load(lowered(source, { entries })), message);
  });
}

test('an entry must be declared with the signature it is said to have', async () => {
  const entry = (parameters: number, returns: boolean) => ({
    entries: [{ name: 'f', symbol: 'f', parameters, returns }],
  });
  const source = 'const f = (a) => { return a; };';
  await assert.rejects(load(lowered(source, entry(2, true))), /entry "f" is declared with another signature/);
  await assert.rejects(load(lowered(source, entry(1, false))), /entry "f" is declared with another signature/);
  await assert.rejects(load(lowered('const g = () => { return 1; };', entry(0, true))), /entry "f" is not declared/);
});
