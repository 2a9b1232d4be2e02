/**
 * `for (const x of table)` over a Fixed or a constant table: an index that counts up to a constant.
 */
import ts from 'typescript';
import type { FunctionContext, Value } from './context.js';
import { CompileError } from './errors.js';
import { lowerExpression } from './expressions.js';
import { add, binary, call, compare, constant, local, zero } from './ir.js';
import { tableElementSize } from './modules.js';
import { load, scaled, tableOf } from './places.js';
import { emitLoop, lowerStatement } from './statements.js';
import { describe, i64, reference, type ValueType } from './types.js';

interface Sequence {
  readonly length: bigint;
  readonly element: ValueType;
  /** The element at an index. */
  readonly at: (index: Value) => Value;
}

function sequence(context: FunctionContext, node: ts.Expression): Sequence {
  const table = tableOf(context, node);
  if (table !== undefined) {
    const { offset, element } = table;
    const size = tableElementSize(context.compilation, element);
    const at = (index: Value): Value => {
      const address = add(binary('+', call('__rodata', []), scaled(index.code, size)), offset);
      if (element.kind !== 'string') return { code: load(context, address, element), type: element };
      const where = context.callIntrinsic('load32', 1, true, [address]);
      return { code: binary('+', call('__rodata', []), where), type: element };
    };
    return { length: BigInt(table.length), element, at };
  }
  const value = lowerExpression(context, node);
  const { type } = value;
  if (type.kind !== 'fixed') {
    throw new CompileError(node, `for-of over ${describe(type)}`, 'only Fixed and constant tables can be gone through');
  }
  const base = context.stable(value.code);
  const { size } = context.compilation.classes.storage(type.element);
  const at = (index: Value): Value => {
    const code = load(context, binary('+', base, scaled(index.code, size)), type.element);
    return { code, type: type.element };
  };
  return { length: type.length, element: type.element, at };
}

export function lowerForOf(context: FunctionContext, node: ts.ForOfStatement, labels: readonly string[]): void {
  const { initializer } = node;
  const declaration = ts.isVariableDeclarationList(initializer) ? initializer.declarations[0] : undefined;
  if (declaration === undefined || !ts.isIdentifier(declaration.name) || declaration.type !== undefined) {
    throw new CompileError(initializer, 'this form of for-of', 'write `for (const x of table)`');
  }
  const symbol = context.compilation.checker.getSymbolAtLocation(declaration.name);
  if (symbol === undefined) throw new CompileError(declaration, 'a variable without a name');
  const items = sequence(context, node.expression);
  const name = context.fresh('index');
  const index: Value = { code: local(name), type: i64 };
  context.emit({ kind: 'let', name, value: zero });
  const type = items.element.kind === 'inline' ? reference(items.element.class) : items.element;
  emitLoop(
    context,
    labels,
    (label) => {
      const condition = compare('>=', index.code, constant(items.length));
      context.emit({ kind: 'if', condition, consequent: [{ kind: 'break', label }], alternate: [] });
      const variable = context.declare(symbol, type, false);
      context.emit({ kind: 'let', name: variable.name, value: items.at(index).code });
    },
    () => lowerStatement(context, node.statement, []),
    () => context.emit({ kind: 'set', name, value: add(index.code, 1) }),
  );
}
