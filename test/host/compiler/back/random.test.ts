// Differential test: thousands of random programs, compiled and run under Node and as machine code, against their
// meaning on BigInts. KAIRO_SEED and KAIRO_EFFORT choose others; a failure names its seed and program.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effort, seed as firstSeed } from '../../../seed.js';
import { MEMORY_BYTES, ProgramGenerator, type RandomFunction, randomFrom, type State } from './random-program.js';
import { load, lowered, runNative } from './support.js';

const PROGRAMS_PER_UNIT = 100;
const FUNCTIONS_PER_PROGRAM = 3;
const CALLS = 5;
const UNITS = 8 * effort;
const NATIVE_UNITS = Math.ceil(UNITS / 6);

const GLOBALS = ['ga', 'gb', 'gc'];
const INITIAL: [string, bigint][] = [
  ['gb', 5n],
  ['gc', 0xffff_8000_0000_1000n],
];

/** One compilation with many programs in it; all of them share memory and module variables, call after call. */
function unit(seed: number) {
  const random = randomFrom(seed);
  const functions: RandomFunction[] = [];
  for (let program = 0; program < PROGRAMS_PER_UNIT; program++) {
    functions.push(...new ProgramGenerator(random, `m${program}_`, GLOBALS).generate(FUNCTIONS_PER_PROGRAM));
  }
  const source = [...GLOBALS.map((name) => `let ${name} = 0;`), ...functions.map(({ text }) => text)].join('\n');
  const state: State = {
    globals: new Map([['ga', 0n], ...INITIAL]),
    memory: new DataView(new ArrayBuffer(MEMORY_BYTES)),
    locals: new Map(),
  };
  const numbers = [0n, 1n, 9n, 0x8000_0000n, 0xffff_8000_0000_0000n, (1n << 64n) - 1n];
  const calls = functions.flatMap((target) =>
    Array.from({ length: CALLS }, () => {
      const given = Array.from({ length: target.parameters }, () => numbers[Math.floor(random() * 6)] as bigint);
      return { symbol: `entry_${target.name}`, given, expected: target.call(state, given), text: target.text };
    }),
  );
  return { program: lowered(source, { initialGlobals: new Map(INITIAL), staticBytes: MEMORY_BYTES }), calls };
}

test(`${UNITS * PROGRAMS_PER_UNIT} random programs under Node`, async () => {
  for (let seed = firstSeed; seed < firstSeed + UNITS; seed++) {
    const { program, calls } = unit(seed);
    const host = await load(program).catch((error: Error) => assert.fail(`seed ${seed}: ${error.message}`));
    for (const { symbol, given, expected, text } of calls) {
      assert.equal(host.call(symbol, ...given), expected, `seed ${seed}, ${symbol}(${given}):\n${text}`);
    }
  }
});

test(`${NATIVE_UNITS * PROGRAMS_PER_UNIT} random programs as machine code`, async () => {
  for (let seed = firstSeed; seed < firstSeed + NATIVE_UNITS; seed++) {
    const { program, calls } = unit(seed);
    const results = await runNative(program, calls);
    for (const [index, { symbol, given, expected, text }] of calls.entries()) {
      assert.equal(results[index], expected, `seed ${seed}, ${symbol}(${given}):\n${text}`);
    }
  }
});
