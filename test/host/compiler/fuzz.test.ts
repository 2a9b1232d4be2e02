/**
 * Differential fuzzing of the whole compiler: random typed modules, compiled to WebAssembly and run under Node, must
 * do what an interpreter of the dialect's BigInt semantics does; a smaller number also runs natively.
 *
 * KAIRO_SEED chooses the first module (the seed of each stands in its name), KAIRO_EFFORT how many.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { HostProgram } from '../../../tools/compiler/back/host.js';
import { compileToObject, compileToWasm } from '../../../tools/compiler/back/index.js';
import { effort, seed } from '../../seed.js';
import { lowerText, projectRoot } from './front/support.js';
import { type ModuleModel, randomModule } from './fuzz/program.js';
import { Choices } from './fuzz/semantics.js';

const FUNCTIONS_PER_MODULE = 150;
const CALLS_PER_FUNCTION = 4;
const MODULES = 4 * effort;
const NATIVE_MODULES = 2;
const PREFIX = 'arch_x86_64_main_';

interface Call {
  readonly name: string;
  readonly values: readonly bigint[];
  readonly expected: bigint;
}

/** Calls with edge values, in an order, and what the interpreter says; the state of the module goes on from call to call. */
function expectations(model: ModuleModel, choices: Choices): Call[] {
  const calls: Call[] = [];
  for (const { name, parameters, call } of model.functions) {
    for (let round = 0; round < CALLS_PER_FUNCTION; round++) {
      const values = parameters.map((type) => choices.integer(type));
      calls.push({ name, values, expected: BigInt.asUintN(64, call(values)) });
      calls.push({ name: 'digest', values: [], expected: BigInt.asUintN(64, model.digest.call([])) });
    }
  }
  return calls;
}

function withDirectory<T>(run: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(path.join(tmpdir(), 'kairo-fuzz-'));
  return run(directory).finally(() => rmSync(directory, { recursive: true, force: true }));
}

const describeCall = ({ name, values }: Call): string => `${name}(${values.join(', ')})`;

/** The text of one function, for the message of a failure. */
const functionText = (model: ModuleModel, name: string): string =>
  model.text.split('\n\n').find((part) => part.startsWith(`export function ${name}(`)) ?? '';

/** A C program that makes the calls and prints each result. */
function driver(calls: readonly Call[], model: ModuleModel): string {
  const functions = [...model.functions, model.digest];
  const prototypes = functions.map(({ name, parameters }) => {
    const list = parameters.map(() => 'uint64_t').join(', ') || 'void';
    return `uint64_t ${PREFIX}${name}(${list});`;
  });
  const lines = calls.map(({ name, values }) => {
    const list = values.map((value) => `0x${BigInt.asUintN(64, value).toString(16)}ULL`).join(', ');
    return `  printf("%llu\\n", (unsigned long long)${PREFIX}${name}(${list}));`;
  });
  return [
    '#include <stdint.h>',
    '#include <stdio.h>',
    ...prototypes,
    `void ${PREFIX}setUp(void);`,
    `int main(void) {\n  ${PREFIX}setUp();`,
    ...lines,
    '  return 0;\n}',
  ].join('\n');
}

for (let index = 0; index < MODULES; index++) {
  const own = BigInt(seed + index);
  test(`a random module computes what BigInt does: KAIRO_SEED=${own}`, async () => {
    const choices = new Choices(own);
    const model = randomModule(choices, FUNCTIONS_PER_MODULE);
    const calls = expectations(model, choices);
    await withDirectory(async (directory) => {
      const lowered = lowerText(model.text);
      const wasm = await compileToWasm(lowered, directory);
      const program = new HostProgram(lowered, wasm);
      program.call(`${PREFIX}setUp`);
      for (const call of calls) {
        const actual = program.call(`${PREFIX}${call.name}`, ...call.values);
        assert.equal(actual, call.expected, `${describeCall(call)}\n${functionText(model, call.name)}`);
      }
      if (index >= NATIVE_MODULES) return;
      const include = [path.join(projectRoot(), 'lib/arch/x86_64')];
      await compileToObject(lowered, { directory, include, kind: 'server' });
      const [source, binary] = [path.join(directory, 'driver.c'), path.join(directory, 'driver')];
      writeFileSync(source, driver(calls, model));
      execFileSync('gcc', ['-no-pie', '-O0', '-o', binary, source, path.join(directory, 'program.o')]);
      const printed = execFileSync(binary, { encoding: 'utf8', maxBuffer: 1 << 26 })
        .trim()
        .split('\n');
      calls.forEach((call, at) => {
        assert.equal(BigInt(printed[at] ?? -1), call.expected, `natively: ${describeCall(call)}`);
      });
    });
  });
}
