// The worker thread in which Porffor runs: it keeps its state in globals and process.argv, and its code generator
// recurses along call chains, so it gets a global object and a stack of its own (see porffor.ts).
//
// Porffor ships the value types i32 and f64. Its code generator emits generic instructions (`Opcodes.add`, …) that it
// assigns at the start of each compilation; accessors make the assignments void and answer with 64-bit integer ones.

import { parentPort, workerData } from 'node:worker_threads';
import { assemble } from './assemble.js';
import { BASES, BUILT_IN } from './opcodes.js';
import type { PorfforRequest, PorfforResponse } from './porffor.js';
import { PREFIX, prepareSyntax } from './syntax.js';

declare global {
  var version: string;
  var valtype: string;
  var valtypeBinary: number;
  var typedInput: boolean;
}

async function compile(request: PorfforRequest): Promise<PorfforResponse> {
  globalThis.version = '0.61.13';
  const { Opcodes, Valtype } = await import('porffor/compiler/wasmSpec.js');
  globalThis.valtype = 'i64';
  globalThis.valtypeBinary = Valtype.i64;

  const generic: Record<string, unknown> = {
    const: Opcodes.i64_const,
    eq: Opcodes.i64_eq,
    eqz: [[Opcodes.i64_eqz]],
    mul: Opcodes.i64_mul,
    add: Opcodes.i64_add,
    sub: Opcodes.i64_sub,
    i32_to: [Opcodes.i32_wrap_i64],
    i32_to_u: [Opcodes.i32_wrap_i64],
    i32_from: [Opcodes.i64_extend_i32_s],
    i32_from_u: [Opcodes.i64_extend_i32_u],
    load: Opcodes.i64_load,
    store: Opcodes.i64_store,
  };
  for (const [name, instruction] of Object.entries(generic)) {
    Object.defineProperty(Opcodes, name, { get: () => instruction, set: () => undefined, configurable: true });
  }

  const { operatorOpcode } = await import('porffor/compiler/expression.js');
  const operators = {
    '+': 'add',
    '-': 'sub',
    '*': 'mul',
    '/': 'div_s',
    '%': 'rem_s',
    '&': 'and',
    '|': 'or',
    '^': 'xor',
    '<<': 'shl',
    '>>': 'shr_s',
    '>>>': 'shr_u',
    '===': 'eq',
    '!==': 'ne',
    '>': 'gt_s',
    '>=': 'ge_s',
    '<': 'lt_s',
    '<=': 'le_s',
  };
  operatorOpcode.i64 = Object.fromEntries(
    Object.entries(operators).map(([operator, name]) => [operator, Opcodes[`i64_${name}`] as number]),
  );

  const { createImport, importedFuncs } = await import('porffor/compiler/builtins.js');
  const declare = (name: string, parameters: number, returns: boolean) =>
    createImport(PREFIX + name, Array(parameters).fill(Valtype.i64), returns ? [Valtype.i64] : []);
  for (const [name, operation] of BUILT_IN) declare(name, operation.parameters, operation.returns);
  for (const name of BASES) declare(name, 0, true);
  for (const intrinsic of request.intrinsics) declare(intrinsic.name, intrinsic.parameters, intrinsic.returns);
  const importNames = Array.from({ length: importedFuncs.length }, (_, index) => importedFuncs[index]?.name as string);

  const { TYPES } = await import('porffor/compiler/types.js');
  const { default: parse } = await import('porffor/compiler/parse.js');
  const { default: generate } = await import('porffor/compiler/codegen.js');
  globalThis.typedInput = true; // makes the declared return types of prepareSyntax count

  const started = performance.now();
  const tree = parse(request.source);
  prepareSyntax(tree, request, TYPES.number);
  const parsed = performance.now();
  const module = generate(tree);
  const generated = performance.now();
  const wasm = assemble(module, importNames, request, TYPES.number);
  const times = { parse: parsed - started, generate: generated - parsed, assemble: performance.now() - generated };
  return { wasm, times };
}

compile(workerData as PorfforRequest).then(
  (response) => parentPort?.postMessage(response),
  (error: unknown) =>
    parentPort?.postMessage({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
);
