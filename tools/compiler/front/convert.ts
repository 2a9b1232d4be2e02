/**
 * Conversions: what happens on assignment, argument passing, `return` and `as`. Integers are cut to the declared
 * width unless they are known to fit; references keep their class, because tsc compares classes by shape only and two
 * classes of one shape may lie differently in memory.
 */
import type ts from 'typescript';
import type { FunctionContext, Value } from './context.js';
import { CompileError } from './errors.js';
import { binary, constant, type Expression } from './ir.js';
import { type ClassNode, describe, type IntegerType, isNumeric, knownBits, type ValueType } from './types.js';

export const bitLength = (value: bigint): number => (value === 0n ? 0 : value.toString(2).length);

/** The bits of a value that is known to be unsigned and below 2^63. */
export function bitsOf(value: Value): number | undefined {
  if (value.code.kind === 'constant') return value.code.value >= 0n ? bitLength(value.code.value) : undefined;
  return value.bits ?? knownBits(value.type);
}

/** Sign-extends or masks `code` to a width below 64. */
function cut(context: FunctionContext, code: Expression, bits: number, signed: boolean): Expression {
  if (code.kind === 'constant') {
    return constant(signed ? BigInt.asIntN(bits, code.value) : BigInt.asUintN(bits, code.value));
  }
  if (!signed) return binary('&', code, constant((1n << BigInt(bits)) - 1n));
  return context.callIntrinsic(`__ext${bits}s`, 1, true, [code]);
}

function fits(value: Value, target: IntegerType): boolean {
  const bits = bitsOf(value);
  if (bits !== undefined && bits <= (target.signed ? target.bits - 1 : target.bits)) return true;
  return target.signed && value.type.kind === 'integer' && value.type.signed && value.type.bits <= target.bits;
}

function toInteger(context: FunctionContext, value: Value, target: ValueType, width: IntegerType): Value {
  if (width.bits === 64) return { code: value.code, type: target, bits: value.bits };
  if (value.code.kind !== 'constant' && fits(value, width))
    return { code: value.code, type: target, bits: bitsOf(value) };
  return { code: cut(context, value.code, width.bits, width.signed), type: target };
}

/** `value as target` for numbers: explicit, so a constant may lose bits. */
export function cast(context: FunctionContext, value: Value, target: ValueType): Value {
  if (target.kind === 'integer') return toInteger(context, value, target, target);
  if (target.kind === 'enum') {
    return toInteger(context, value, target, { kind: 'integer', bits: target.bits, signed: false });
  }
  return { ...value, type: target };
}

function requireConstantFits(value: Value, target: ValueType, converted: Value, node: ts.Node): void {
  if (value.code.kind !== 'constant' || converted.code.kind !== 'constant') return;
  if (value.code.value === converted.code.value) return;
  throw new CompileError(
    node,
    `the constant ${value.code.value} does not fit ${describe(target)}`,
    `write \`as ${describe(target)}\` to cut it`,
  );
}

function isDerived(context: FunctionContext, from: ClassNode, to: ClassNode): boolean {
  const { classes } = context.compilation;
  return classes.derives(classes.info(from), classes.info(to));
}

function requireClass(context: FunctionContext, value: Value, target: ValueType, node: ts.Node): void {
  const from = value.type.kind === 'inline' || value.type.kind === 'reference' ? value.type.class : undefined;
  const to = target.kind === 'inline' || target.kind === 'reference' ? target.class : undefined;
  if (from === undefined || to === undefined || isDerived(context, from, to)) return;
  throw new CompileError(
    node,
    `a reference to ${describe(value.type)} where ${describe(target)} is declared`,
    'classes of the same shape are not the same class',
  );
}

/** Implicit conversion of `value` to a declared type. */
export function convert(context: FunctionContext, value: Value, target: ValueType, node: ts.Node): Value {
  if (isNumeric(target)) {
    if (!isNumeric(value.type)) {
      throw new CompileError(node, `${describe(value.type)} where ${describe(target)} is declared`, 'convert it first');
    }
    const converted = cast(context, value, target);
    requireConstantFits(value, target, converted, node);
    return converted;
  }
  const isReference = value.type.kind === 'reference' || value.type.kind === 'inline';
  if ((target.kind === 'reference' || target.kind === 'inline') && isReference) {
    requireClass(context, value, target, node);
    return { ...value, type: target };
  }
  const isNull = value.code.kind === 'constant' && value.type.kind === 'reference';
  if (isNull && (target.kind === 'string' || target.kind === 'fixed')) return { ...value, type: target };
  if (target.kind === value.type.kind) {
    if (target.kind === 'fixed' && describe(target) !== describe(value.type)) {
      throw new CompileError(
        node,
        `${describe(value.type)} where ${describe(target)} is declared`,
        'the layouts differ',
      );
    }
    return { ...value, type: target };
  }
  throw new CompileError(node, `${describe(value.type)} where ${describe(target)} is declared`, 'convert it first');
}
