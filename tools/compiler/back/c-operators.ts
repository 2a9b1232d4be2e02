// WebAssembly's integer operators as C expressions that are defined for all operands: arithmetic is unsigned and wraps,
// signed operators cast, shift amounts are masked. Operators that need more than an expression are functions of the
// prelude in emit.ts.

import { I64 } from './opcodes.js';

export function literal64(value: bigint): string {
  const unsigned = BigInt.asUintN(64, value);
  return unsigned < 0x10000n ? `${unsigned}UL` : `0x${unsigned.toString(16)}UL`;
}

const INFIX: Record<string, string> = {
  eq: '==',
  ne: '!=',
  lt_u: '<',
  gt_u: '>',
  le_u: '<=',
  ge_u: '>=',
  and: '&',
  or: '|',
  xor: '^',
};
const WRAPPING: Record<string, string> = { add: '+', sub: '-', mul: '*' };
const SIGNED: Record<string, string> = { lt_s: '<', gt_s: '>', le_s: '<=', ge_s: '>=' };

export function binaryText(type: number, name: string, left: string, right: string): string {
  const width = type === I64 ? '64' : '32';
  const infix = INFIX[name];
  if (infix !== undefined) return `(${left} ${infix} ${right})`;
  const wrapping = WRAPPING[name];
  if (wrapping !== undefined) {
    return type === I64 ? `(${left} ${wrapping} ${right})` : `((uint32_t)${left} ${wrapping} (uint32_t)${right})`;
  }
  const signed = SIGNED[name];
  if (signed !== undefined) return `((int${width}_t)${left} ${signed} (int${width}_t)${right})`;
  const amount = /^\d+UL$|^\d+u$/.test(right)
    ? `${Number.parseInt(right, 10) % Number(width)}`
    : `(${right} & ${Number(width) - 1})`;
  if (name === 'shl') return `((uint${width}_t)${left} << ${amount})`;
  if (name === 'shr_u') return `((uint${width}_t)${left} >> ${amount})`;
  if (name === 'shr_s') return `((uint${width}_t)((int${width}_t)${left} >> ${amount}))`;
  return `${name}_${width}(${left}, ${right})`; // div_s, rem_u, rotl, …: the prelude of emit.ts
}

export function unaryText(type: number, name: string, operand: string): string {
  switch (name) {
    case 'eqz':
      return `(${operand} == 0)`;
    case 'wrap':
      return `(uint32_t)${operand}`;
    case 'extend_u':
      return `(uint64_t)(uint32_t)${operand}`;
    case 'extend_s':
      return `(uint64_t)(int64_t)(int32_t)${operand}`;
    case 'extend8_s':
    case 'extend16_s':
    case 'extend32_s': {
      const bits = name.slice('extend'.length, -2);
      return type === I64
        ? `(uint64_t)(int64_t)(int${bits}_t)${operand}`
        : `(uint32_t)(int32_t)(int${bits}_t)${operand}`;
    }
    default:
      return `${name}_${type === I64 ? '64' : '32'}(${operand})`;
  }
}
