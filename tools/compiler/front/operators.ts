/**
 * Arithmetic and comparison. Whether `<`, `/`, `%` and `>>` are unsigned is decided here, from the operands' types: a
 * pointer check that became a signed comparison would be a security hole.
 */
import ts from 'typescript';
import type { Value } from './context.js';
import { bitLength, bitsOf } from './convert.js';
import { CompileError } from './errors.js';
import { type BinaryOperator, binary, type CompareOperator, compare, constant } from './ir.js';
import { boolean, describe, i64, isNumeric, isUnsigned64, u64, type ValueType } from './types.js';

/** Which comparison an operand wants: `either` for values that both readings agree on. */
type Side = 'signed' | 'unsigned' | 'either';

function sideOf(value: Value): Side {
  if (value.code.kind === 'constant') {
    if (value.code.value >= 0n) return 'either';
    return isUnsigned64(value.type) ? 'unsigned' : 'signed';
  }
  if (isUnsigned64(value.type)) return 'unsigned';
  return bitsOf(value) === undefined ? 'signed' : 'either';
}

function requireNumber(value: Value, node: ts.Node, operator: string): void {
  if (isNumeric(value.type)) return;
  throw new CompileError(node, `\`${operator}\` on ${describe(value.type)}`, 'arithmetic is on integers');
}

/** Mixing u64 with what may be negative is an error. */
export function requireOneSign(left: Value, right: Value, node: ts.Node, operator: string): void {
  const sides = [sideOf(left), sideOf(right)];
  if (!sides.includes('unsigned') || !sides.includes('signed')) return;
  throw new CompileError(
    node,
    `\`${operator}\` between ${describe(left.type)} and ${describe(right.type)}`,
    'convert one side: `x as u64`',
  );
}

/** True if the operation must be unsigned. */
function pickUnsigned(left: Value, right: Value, node: ts.Node, operator: string): boolean {
  requireOneSign(left, right, node, operator);
  const sides = [sideOf(left), sideOf(right)];
  if (sides.includes('unsigned')) return true;
  return !sides.includes('signed') && (isUnsigned64(left.type) || isUnsigned64(right.type));
}

/** u64 if an operand is u64, where a constant takes the other side's type. */
function resultType(left: Value, right: Value): ValueType {
  const wants = (value: Value): boolean => isUnsigned64(value.type) && value.code.kind !== 'constant';
  if (wants(left) || wants(right)) return u64;
  const signed = (value: Value): boolean => value.code.kind !== 'constant' && sideOf(value) === 'signed';
  if (signed(left) || signed(right)) return i64;
  return isUnsigned64(left.type) || isUnsigned64(right.type) ? u64 : i64;
}

/** Bits of the result, from the bits of the operands, when it is known not to be negative. */
function resultBits(operator: BinaryOperator, left: Value, right: Value): number | undefined {
  const a = bitsOf(left);
  const b = bitsOf(right);
  const count = right.code.kind === 'constant' ? Number(right.code.value & 63n) : undefined;
  switch (operator) {
    case '&':
      return a === undefined ? b : b === undefined ? a : Math.min(a, b);
    case '|':
    case '^':
      return a === undefined || b === undefined ? undefined : Math.max(a, b);
    case '+':
      return a === undefined || b === undefined ? undefined : Math.max(a, b) + 1;
    case '*':
      return a === undefined || b === undefined ? undefined : a + b;
    case '<<':
      return a === undefined || count === undefined ? undefined : a + count;
    case '>>':
      return a === undefined || count === undefined ? a : Math.max(a - count, 0);
    case '>>>':
      return count === undefined ? a : Math.max((a ?? 64) - count, 0);
    case '/':
    case 'u/':
      return b === undefined ? undefined : a;
    case '%':
    case 'u%':
      if (a === undefined && operator === '%') return undefined;
      return right.code.kind === 'constant' && right.code.value > 0n ? bitLength(right.code.value - 1n) : b;
    default:
      return undefined;
  }
}

function build(operator: BinaryOperator, left: Value, right: Value, type: ValueType): Value {
  const bits = resultBits(operator, left, right);
  return {
    code: binary(operator, left.code, right.code),
    type,
    bits: bits !== undefined && bits < 64 ? bits : undefined,
  };
}

/** `left operator right` for the arithmetic operators of TypeScript. */
export function arithmetic(operator: string, left: Value, right: Value, node: ts.Node): Value {
  requireNumber(left, node, operator);
  requireNumber(right, node, operator);
  switch (operator) {
    case '+':
    case '-':
    case '*':
    case '&':
    case '|':
    case '^':
      return build(operator, left, right, resultType(left, right));
    case '<<':
      return build('<<', left, right, isUnsigned64(left.type) ? u64 : i64);
    case '>>':
      return isUnsigned64(left.type) ? build('>>>', left, right, u64) : build('>>', left, right, i64);
    case '>>>':
      return build('>>>', left, right, u64);
    case '/':
    case '%': {
      const unsigned = pickUnsigned(left, right, node, operator);
      if (right.code.kind === 'constant' && right.code.value === 0n) {
        throw new CompileError(node, 'division by the constant zero', 'it would trap');
      }
      return build(unsigned ? (operator === '/' ? 'u/' : 'u%') : operator, left, right, unsigned ? u64 : i64);
    }
    default:
      throw new CompileError(node, `the operator \`${operator}\``, 'not an operator of the dialect');
  }
}

/** `left operator right` for `<`, `<=`, `>` and `>=`. */
export function ordering(operator: '<' | '<=' | '>' | '>=', left: Value, right: Value, node: ts.Node): Value {
  requireNumber(left, node, operator);
  requireNumber(right, node, operator);
  const unsigned = pickUnsigned(left, right, node, operator);
  const fit = bitsOf(left) !== undefined && bitsOf(right) !== undefined;
  const picked: CompareOperator = unsigned && !fit ? `u${operator}` : operator;
  return { code: compare(picked, left.code, right.code), type: boolean, bits: 1 };
}

const isPointer = (type: ValueType): boolean =>
  type.kind === 'reference' || type.kind === 'inline' || type.kind === 'fixed' || type.kind === 'string';
const isNull = (value: Value): boolean => value.code.kind === 'constant' && value.type.kind === 'reference';

/** `left === right` or `left !== right`. */
export function equality(operator: '===' | '!==', left: Value, right: Value, node: ts.Node): Value {
  const strings = left.type.kind === 'string' || right.type.kind === 'string';
  if (strings && !isNull(left) && !isNull(right)) {
    throw new CompileError(node, `\`${operator}\` between strings`, 'it would compare references: compare characters');
  }
  const numbers = isNumeric(left.type) && isNumeric(right.type);
  const booleans = left.type.kind === 'boolean' && right.type.kind === 'boolean';
  if (!numbers && !booleans && !(isPointer(left.type) && isPointer(right.type))) {
    throw new CompileError(node, `\`${operator}\` between ${describe(left.type)} and ${describe(right.type)}`, '');
  }
  return { code: compare(operator, left.code, right.code), type: boolean, bits: 1 };
}

/** `-x`, `~x`, `+x`. */
export function unary(operator: ts.PrefixUnaryOperator, value: Value, node: ts.Node): Value {
  const text = ts.tokenToString(operator) ?? '';
  requireNumber(value, node, text);
  const type = isUnsigned64(value.type) ? u64 : i64;
  if (operator === ts.SyntaxKind.MinusToken) return { code: binary('-', constant(0), value.code), type };
  if (operator === ts.SyntaxKind.TildeToken) return { code: binary('^', value.code, constant(-1)), type };
  if (operator === ts.SyntaxKind.PlusToken) return value;
  throw new CompileError(node, `the operator \`${text}\``, 'not an operator of the dialect');
}
