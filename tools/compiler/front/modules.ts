/**
 * Module level: constants, constant tables, static storage and variables. Nothing runs when a module is loaded, so an
 * initializer is a constant expression, a table of them, or reserve().
 */
import ts from 'typescript';
import { isBuiltIn } from './builtins.js';
import type { Compilation } from './compilation.js';
import { FunctionContext, type Value } from './context.js';
import { convert } from './convert.js';
import { CompileError } from './errors.js';
import { lowerExpression } from './expressions.js';
import { add, call } from './ir.js';
import { nothing, type ValueType } from './types.js';

export type ModuleVariable =
  | { readonly kind: 'constant'; readonly value: Value }
  | { readonly kind: 'table'; readonly offset: number; readonly length: number; readonly element: ValueType }
  | { readonly kind: 'static'; readonly value: Value }
  | { readonly kind: 'global'; readonly name: string; readonly type: ValueType };

/** Bytes of one table element; a string is a 32-bit offset into the constant bytes. */
export function tableElementSize(compilation: Compilation, element: ValueType): number {
  return element.kind === 'string' ? 4 : compilation.classes.storage(element).size;
}

/** Evaluates what must be known at build time. */
export function evaluateConstant(compilation: Compilation, node: ts.Expression, hint: string): Value {
  const context = new FunctionContext(compilation, nothing, undefined);
  const holder: { value?: Value } = {};
  const statements = context.capture(() => {
    holder.value = lowerExpression(context, node);
  });
  if (holder.value === undefined || statements.length > 0 || holder.value.code.kind !== 'constant') {
    throw new CompileError(node, 'an expression that is not constant', hint);
  }
  return holder.value;
}

function evaluateTable(compilation: Compilation, node: ts.ArrayLiteralExpression, element: ValueType): ModuleVariable {
  const values = node.elements.map((item): bigint => {
    if (element.kind === 'string') {
      if (!ts.isStringLiteralLike(item)) throw new CompileError(item, 'a table element that is no string', '');
      return BigInt(compilation.data.string(asciiText(item)));
    }
    if (element.kind !== 'integer' && element.kind !== 'enum' && element.kind !== 'boolean') {
      throw new CompileError(item, 'a table of objects', 'tables hold integers, enums, booleans or strings');
    }
    const value = evaluateConstant(compilation, item, 'table elements are constants');
    const context = new FunctionContext(compilation, nothing, undefined);
    const converted = convert(context, value, element, item).code;
    return converted.kind === 'constant' ? converted.value : 0n;
  });
  const offset = compilation.data.table(values, tableElementSize(compilation, element));
  return { kind: 'table', offset, length: values.length, element };
}

/** The characters of a string constant, which must be ASCII. */
export function asciiText(node: ts.StringLiteralLike): string {
  for (const character of node.text) {
    if ((character.codePointAt(0) ?? 0) > 0x7f) throw new CompileError(node, 'a string that is not ASCII', 'use ASCII');
  }
  return node.text;
}

function evaluate(compilation: Compilation, node: ts.VariableDeclaration): ModuleVariable {
  const initializer = node.initializer;
  const isConstant = (node.parent.flags & ts.NodeFlags.Const) !== 0;
  const declared = node.type === undefined ? undefined : compilation.types.read(node.type);
  if (initializer === undefined) {
    throw new CompileError(node, 'a module variable without an initializer', 'write `= 0`, `= null` or `= reserve()`');
  }
  if (ts.isCallExpression(initializer) && isBuiltIn(compilation, initializer, 'reserve')) {
    return reserve(compilation, node, declared, isConstant);
  }
  if (ts.isArrayLiteralExpression(initializer)) {
    if (!isConstant || declared?.kind !== 'table') {
      throw new CompileError(node, 'an array', 'a constant table is `const name: readonly T[] = [...]`');
    }
    return evaluateTable(compilation, initializer, declared.element);
  }
  if (isConstant && ts.isStringLiteralLike(initializer)) {
    const context = new FunctionContext(compilation, nothing, undefined);
    return { kind: 'constant', value: lowerExpression(context, initializer) };
  }
  const value = evaluateConstant(
    compilation,
    initializer,
    'a module initializer is a constant expression, a constant table or reserve()',
  );
  const context = new FunctionContext(compilation, nothing, undefined);
  const converted = declared === undefined ? value : convert(context, value, declared, initializer);
  if (isConstant) return { kind: 'constant', value: converted };
  const name = `g_${compilation.names.unique(node, node.name.getText())}`;
  compilation.globals.push({ name, initial: converted.code.kind === 'constant' ? converted.code.value : 0n });
  return { kind: 'global', name, type: converted.type };
}

function reserve(
  compilation: Compilation,
  node: ts.VariableDeclaration,
  declared: ValueType | undefined,
  isConstant: boolean,
): ModuleVariable {
  if (!isConstant || declared === undefined) {
    throw new CompileError(node, 'reserve() without a declared constant', 'write `const name: Type = reserve()`');
  }
  const stored: ValueType =
    declared.kind === 'reference' && declared.class !== undefined
      ? { kind: 'inline', class: declared.class }
      : declared;
  if (stored.kind !== 'inline' && stored.kind !== 'fixed') {
    throw new CompileError(
      node,
      'reserve() of a value',
      'reserve a class or a Fixed; a single value is a module `let`',
    );
  }
  const offset = compilation.data.reserve(compilation.classes.storage(stored).size);
  return { kind: 'static', value: { code: add(call('__statics', []), offset), type: declared } };
}

/** What a module-level declaration stands for. */
export function moduleVariable(compilation: Compilation, node: ts.VariableDeclaration): ModuleVariable {
  const known = compilation.variables.get(node);
  if (known === 'running') throw new CompileError(node, 'a constant defined by itself', 'break the circle');
  if (known !== undefined) return known;
  compilation.variables.set(node, 'running');
  try {
    const variable = evaluate(compilation, node);
    compilation.variables.set(node, variable);
    return variable;
  } catch (error) {
    compilation.variables.delete(node);
    throw error;
  }
}
