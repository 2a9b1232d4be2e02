// Writes a whole module as one C file (gcc.ts puts the intrinsics' headers before it): a prelude of arithmetic that C does not define as WebAssembly does, the constant
// and static data, the module's variables, and the functions. Everything is `static` except the entries, so GCC sees
// the complete program and may inline, specialize and drop as it likes.

import type { LoweredProgram } from '../lowered.js';
import { literal64 } from './c-operators.js';
import { cParameters, cResult, cType, emitBody, type Names } from './emit-function.js';
import { dropForwarders, type FunctionType, readModule, type WasmFunction } from './module.js';
import { I64 } from './opcodes.js';

type Described = Pick<
  LoweredProgram,
  'readOnlyData' | 'staticBytes' | 'symbols' | 'entries' | 'cold' | 'inlined' | 'outOfLine'
>;

// The divisor of a division is tested by the processor (SDM volume 2, DIV: #DE), which C does not promise: the
// instruction is written out unless the divisor is a constant other than 0 and -1, for which GCC finds something better.
const PRELUDE = `#include <stdint.h>

#define INLINE static inline __attribute__((always_inline, unused))

INLINE uint64_t div_u_64(uint64_t a, uint64_t b) {
  if (__builtin_constant_p(b) && b != 0) return a / b;
  uint64_t high = 0;
  __asm__ volatile("divq %2" : "+a"(a), "+d"(high) : "r"(b) : "cc");
  return a;
}
INLINE uint64_t rem_u_64(uint64_t a, uint64_t b) {
  if (__builtin_constant_p(b) && b != 0) return a % b;
  uint64_t high = 0;
  __asm__ volatile("divq %2" : "+a"(a), "+d"(high) : "r"(b) : "cc");
  return high;
}
INLINE uint64_t div_s_64(uint64_t a, uint64_t b) {
  if (__builtin_constant_p(b) && b + 1 > 1) return (uint64_t)((int64_t)a / (int64_t)b);
  uint64_t high = (uint64_t)((int64_t)a >> 63);
  __asm__ volatile("idivq %2" : "+a"(a), "+d"(high) : "r"(b) : "cc");
  return a;
}
INLINE uint64_t rem_s_64(uint64_t a, uint64_t b) {
  if (b == (uint64_t)-1) return 0;
  if (__builtin_constant_p(b) && b != 0) return (uint64_t)((int64_t)a % (int64_t)b);
  uint64_t high = (uint64_t)((int64_t)a >> 63);
  __asm__ volatile("idivq %2" : "+a"(a), "+d"(high) : "r"(b) : "cc");
  return high;
}
INLINE uint64_t rotl_64(uint64_t a, uint64_t n) { return a << (n & 63) | a >> (-n & 63); }
INLINE uint64_t rotr_64(uint64_t a, uint64_t n) { return a >> (n & 63) | a << (-n & 63); }
INLINE uint32_t rotl_32(uint32_t a, uint32_t n) { return a << (n & 31) | a >> (-n & 31); }
INLINE uint32_t rotr_32(uint32_t a, uint32_t n) { return a >> (n & 31) | a << (-n & 31); }
INLINE uint64_t clz_64(uint64_t a) { return a == 0 ? 64 : (uint64_t)__builtin_clzl(a); }
INLINE uint64_t ctz_64(uint64_t a) { return a == 0 ? 64 : (uint64_t)__builtin_ctzl(a); }
INLINE uint32_t clz_32(uint32_t a) { return a == 0 ? 32 : (uint32_t)__builtin_clz(a); }
INLINE uint32_t ctz_32(uint32_t a) { return a == 0 ? 32 : (uint32_t)__builtin_ctz(a); }
INLINE uint64_t popcnt_64(uint64_t a) {
  a -= a >> 1 & 0x5555555555555555UL;
  a = (a & 0x3333333333333333UL) + (a >> 2 & 0x3333333333333333UL);
  return ((a + (a >> 4)) & 0x0f0f0f0f0f0f0f0fUL) * 0x0101010101010101UL >> 56;
}
INLINE uint32_t popcnt_32(uint32_t a) { return (uint32_t)popcnt_64(a); }
`;

/** The C text of the optimized module `wasm`. */
export function emitC(wasm: Uint8Array, program: Described): string {
  const module = readModule(wasm);
  dropForwarders(module);
  const functions = module.functions.filter((func) => !module.forwards.has(func.index));
  const importCount = module.imports.length;
  const taken = new Set<string>(module.imports.map((imported) => imported.name));
  const unique = (wanted: string): string => {
    let name = wanted;
    for (let i = 2; taken.has(name); i++) name = `${wanted}_${i}`;
    taken.add(name);
    return name;
  };
  const functionNames = new Map<number, string>();
  for (const func of functions) {
    const exported = module.exports.get(func.index);
    if (exported?.[0] !== undefined) functionNames.set(func.index, unique(exported[0]));
  }
  for (const func of functions) {
    if (functionNames.has(func.index)) continue;
    functionNames.set(func.index, unique(identifier(program.symbols.get(func.name) ?? func.name)));
  }
  const globalNames = module.globals.map((global) => unique(identifier(global.name)));
  const target = (index: number): number => {
    const next = module.forwards.get(index);
    return next === undefined ? index : target(next);
  };
  const names: Names = {
    functionName: (index) => functionNames.get(target(index)) ?? (module.imports[index]?.name as string),
    globalName: (index) => globalNames[index] as string,
    constantImport: (index) => {
      const name = module.imports[index]?.name;
      if (name === '__rodata') return '(uint64_t)program_constants';
      return name === '__statics' ? '(uint64_t)program_statics' : undefined;
    },
  };
  const used = new Set(module.imports.map((imported) => imported.name));
  const prototypes: string[] = [];
  const bodies: string[] = [];
  for (const func of functions) {
    const exported = module.exports.get(func.index) ?? [];
    const head = signature(func.type, functionNames.get(func.index) as string);
    prototypes.push(`${exported.length > 0 ? '' : 'static '}${attributes(func, program)}${head};`);
    bodies.push(`${exported.length > 0 ? '' : 'static '}${head} {\n${emitBody(module, func, names)}\n}\n`);
    for (const alias of exported.slice(1)) {
      prototypes.push(`${signature(func.type, alias)} __attribute__((alias("${exported[0]}")));`);
    }
  }
  const globals = module.globals.map(
    ({ type, initial }, index) =>
      `static ${cType(type)} ${globalNames[index]} = ${type === I64 ? literal64(initial) : `${initial}u`};`,
  );
  return [
    PRELUDE,
    used.has('__rodata') ? constants(program.readOnlyData) : '',
    used.has('__statics')
      ? `static uint8_t program_statics[${Math.max(program.staticBytes, 1)}] __attribute__((aligned(64)));`
      : '',
    ...globals,
    '',
    ...prototypes,
    '',
    ...bodies,
  ].join('\n');

  function attributes(func: WasmFunction, { cold, inlined, outOfLine }: Described): string {
    const lowered = func.index >= importCount ? func.name.replace(/@entry$/, '') : '';
    if (inlined?.has(lowered)) return 'inline __attribute__((always_inline)) ';
    if (cold?.has(lowered)) return '__attribute__((cold, noinline)) ';
    return outOfLine?.has(lowered) ? '__attribute__((noinline)) ' : '';
  }
}

function signature(type: FunctionType, name: string): string {
  return `${cResult(type, name)} ${name}(${cParameters(type)})`;
}

function identifier(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_');
}

function constants(data: Uint8Array): string {
  const rows: string[] = [];
  for (let at = 0; at < data.length; at += 24) rows.push(`  ${[...data.subarray(at, at + 24)].join(',')},`);
  return `static const uint8_t program_constants[] __attribute__((aligned(64))) = {\n${rows.join('\n') || '  0'}\n};`;
}
