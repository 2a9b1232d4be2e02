/**
 * Places: what can be read and assigned. A field or an element is an address with a constant offset; reading it is
 * one load of its width and writing it one store.
 */
import ts from 'typescript';
import type { FunctionContext, Value } from './context.js';
import { convert } from './convert.js';
import { CompileError, ConsequentError } from './errors.js';
import { lowerExpression } from './expressions.js';
import { add, binary, call, constant, type Expression, local } from './ir.js';
import { moduleVariable, tableElementSize } from './modules.js';
import { describe, isNumeric, symbolOf, type ValueType } from './types.js';

export type Place =
  | { readonly kind: 'variable'; readonly name: string; readonly global: boolean; readonly type: ValueType }
  | { readonly kind: 'memory'; readonly address: Expression; readonly type: ValueType };

/** The variable declaration at module level that a symbol names. */
export function moduleDeclaration(symbol: ts.Symbol | undefined): ts.VariableDeclaration | undefined {
  const declaration = symbol?.valueDeclaration;
  if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return undefined;
  const file = declaration.parent.parent.parent; // JavaScript's own NaN and Infinity are declared in a library
  return ts.isSourceFile(file) && !file.isDeclarationFile ? declaration : undefined;
}

export function readPlace(context: FunctionContext, place: Place): Value {
  const { type } = place;
  if (place.kind === 'variable') {
    return { code: place.global ? { kind: 'global', name: place.name } : local(place.name), type };
  }
  return { code: load(context, place.address, type), type };
}

/** The value at `address`: a load, or the address itself for what is embedded there. */
export function load(context: FunctionContext, address: Expression, type: ValueType): Expression {
  switch (type.kind) {
    case 'inline':
    case 'fixed':
      return address;
    case 'integer':
    case 'enum': {
      const word = context.callIntrinsic(`load${type.bits}`, 1, true, [address]);
      if (type.kind === 'enum' || !type.signed || type.bits === 64) return word;
      return context.callIntrinsic(`__ext${type.bits}s`, 1, true, [word]);
    }
    case 'boolean':
      return context.callIntrinsic('load8', 1, true, [address]);
    default:
      return context.callIntrinsic('load64', 1, true, [address]);
  }
}

/** Bytes that one store of this type writes. */
function storeBits(type: ValueType, node: ts.Node): number {
  switch (type.kind) {
    case 'integer':
    case 'enum':
      return type.bits;
    case 'boolean':
      return 8;
    case 'reference':
    case 'string':
      return 64;
    default:
      throw new CompileError(node, `an assignment to ${describe(type)}`, 'what is embedded is changed in place');
  }
}

/** Emits the assignment of `value`, which has been converted to the place's type. */
export function writePlace(context: FunctionContext, place: Place, value: Value, node: ts.Node): void {
  if (place.kind === 'variable') {
    context.emit({ kind: 'set', name: place.name, value: value.code });
    return;
  }
  const name = `store${storeBits(place.type, node)}`;
  context.emit({ kind: 'evaluate', value: context.callIntrinsic(name, 2, false, [place.address, value.code]) });
}

/** The converted value for a store: the store itself cuts to the width, so a mask would be wasted. */
export function convertForStore(context: FunctionContext, place: Place, value: Value, node: ts.Node): Value {
  if (place.kind === 'memory' && isNumeric(place.type) && isNumeric(value.type) && value.code.kind !== 'constant') {
    return value;
  }
  return convert(context, value, place.type, node);
}

/** The place that an expression names; its address is not yet kept in a temporary. */
export function lowerPlace(context: FunctionContext, node: ts.Expression): Place {
  if (ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node)) return lowerPlace(context, node.expression);
  if (ts.isIdentifier(node)) return identifierPlace(context, node);
  if (ts.isPropertyAccessExpression(node)) return fieldPlace(context, node);
  if (ts.isElementAccessExpression(node)) return elementPlace(context, node);
  throw new CompileError(node, `an assignment to \`${node.getText()}\``, 'assign to a variable, a field or an element');
}

function identifierPlace(context: FunctionContext, node: ts.Identifier): Place {
  const symbol = symbolOf(context.compilation.checker, node);
  const variable = symbol === undefined ? undefined : context.locals.get(symbol);
  if (variable !== undefined) return { kind: 'variable', name: variable.name, global: false, type: variable.type };
  if (symbol !== undefined && context.failed.has(symbol)) throw new ConsequentError(node, node.text);
  const declaration = moduleDeclaration(symbol);
  if (declaration !== undefined) {
    const found = moduleVariable(context.compilation, declaration);
    if (found.kind === 'global') return { kind: 'variable', name: found.name, global: true, type: found.type };
  }
  throw new CompileError(node, `\`${node.text}\` is no variable`, '');
}

/** The field that a property access names, if it is one. */
export function fieldDeclaration(
  context: FunctionContext,
  node: ts.PropertyAccessExpression,
): ts.PropertyDeclaration | undefined {
  const declaration = symbolOf(context.compilation.checker, node.name)?.declarations?.[0];
  return declaration !== undefined && ts.isPropertyDeclaration(declaration) ? declaration : undefined;
}

function fieldPlace(context: FunctionContext, node: ts.PropertyAccessExpression): Place {
  const declaration = fieldDeclaration(context, node);
  if (declaration === undefined) {
    throw new CompileError(node, `\`${node.getText()}\` is no field`, 'assign to a field of a class');
  }
  const field = context.compilation.classes.field(declaration);
  const object = lowerExpression(context, node.expression);
  if (object.type.kind !== 'reference' && object.type.kind !== 'inline') {
    throw new CompileError(node, `a field of ${describe(object.type)}`, '');
  }
  return { kind: 'memory', address: add(object.code, field.offset), type: narrowed(context, node, field.type) };
}

/** A field of a type parameter's type has, where it is used, the class that the checker sees. */
export function narrowed(context: FunctionContext, node: ts.Expression, type: ValueType): ValueType {
  if (type.kind !== 'reference') return type;
  return { kind: 'reference', class: context.compilation.types.classOfExpression(node) };
}

function elementPlace(context: FunctionContext, node: ts.ElementAccessExpression): Place {
  const table = tableOf(context, node.expression);
  if (table !== undefined) {
    const index = lowerExpression(context, node.argumentExpression);
    requireIndex(index, node.argumentExpression);
    const size = tableElementSize(context.compilation, table.element);
    const address = add(binary('+', call('__rodata', []), scaled(index.code, size)), table.offset);
    return { kind: 'memory', address, type: table.element };
  }
  const [base, index] = context.operands([
    () => lowerExpression(context, node.expression),
    () => lowerExpression(context, node.argumentExpression),
  ]);
  if (base === undefined || index === undefined) throw new CompileError(node, 'an index without operands');
  if (base.type.kind !== 'fixed') {
    throw new CompileError(
      node,
      `an index into ${describe(base.type)}`,
      'only Fixed and constant tables have elements',
    );
  }
  requireIndex(index, node.argumentExpression);
  return elementAt(context, node, base, index);
}

function requireIndex(index: Value, node: ts.Node): void {
  if (!isNumeric(index.type))
    throw new CompileError(node, `an index of type ${describe(index.type)}`, 'use an integer');
}

function elementAt(context: FunctionContext, node: ts.Expression, base: Value, index: Value): Place {
  if (base.type.kind !== 'fixed') throw new CompileError(node, `an element of ${describe(base.type)}`);
  const { size } = context.compilation.classes.storage(base.type.element);
  if (index.code.kind === 'constant' && (index.code.value < 0n || index.code.value >= base.type.length)) {
    throw new CompileError(node, `the index ${index.code.value} of ${describe(base.type)}`, 'it is out of bounds');
  }
  const address =
    index.code.kind === 'constant'
      ? add(base.code, index.code.value * BigInt(size))
      : base.code.kind === 'binary' && base.code.operator === '+' && base.code.right.kind === 'constant'
        ? add(binary('+', base.code.left, scaled(index.code, size)), base.code.right.value)
        : binary('+', base.code, scaled(index.code, size));
  return { kind: 'memory', address, type: narrowed(context, node, base.type.element) };
}

export function scaled(index: Expression, size: number): Expression {
  const shift = Math.log2(size);
  return Number.isInteger(shift) ? binary('<<', index, constant(shift)) : binary('*', index, constant(size));
}

/** The constant table that an expression names, if it is one. */
export function tableOf(
  context: FunctionContext,
  node: ts.Expression,
): { offset: number; length: number; element: ValueType } | undefined {
  if (ts.isParenthesizedExpression(node)) return tableOf(context, node.expression);
  if (!ts.isIdentifier(node)) return undefined;
  const declaration = moduleDeclaration(symbolOf(context.compilation.checker, node));
  if (declaration === undefined) return undefined;
  const variable = moduleVariable(context.compilation, declaration);
  return variable.kind === 'table' ? variable : undefined;
}
