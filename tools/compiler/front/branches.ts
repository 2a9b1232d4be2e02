/**
 * Expressions that evaluate some of their operands only: `&&`, `||`, `?:`, and `instanceof`, which looks at the tag
 * only if there is an object. Each gives a local that an `if` has set.
 */
import ts from 'typescript';
import { instanceTags } from './calls.js';
import type { ClassInfo } from './classes.js';
import type { FunctionContext, Value } from './context.js';
import { bitsOf } from './convert.js';
import { CompileError } from './errors.js';
import { lowerCondition, lowerExpression } from './expressions.js';
import { binary, compare, constant, local, not, one, zero } from './ir.js';
import { arithmetic, requireOneSign } from './operators.js';
import { boolean, type ClassNode, describe, isNumeric, reference, type ValueType } from './types.js';

/** `a && b`, `a || b`: b is evaluated only where its value matters. */
export function logical(context: FunctionContext, node: ts.BinaryExpression): Value {
  const isAnd = node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken;
  const left = lowerCondition(context, node.left).code;
  if (left.kind === 'constant') {
    const decided = (left.value === 0n) === isAnd;
    return decided ? { code: left, type: boolean, bits: 1 } : lowerCondition(context, node.right);
  }
  const name = context.fresh('t');
  context.emit({ kind: 'let', name, value: isAnd ? zero : one });
  const consequent = context.capture(() => {
    const right = lowerCondition(context, node.right).code;
    const value = isAnd ? one : zero;
    const set = context.capture(() => context.emit({ kind: 'set', name, value }));
    context.emit({ kind: 'if', condition: isAnd ? right : not(right), consequent: set, alternate: [] });
  });
  context.emit({ kind: 'if', condition: isAnd ? left : not(left), consequent, alternate: [] });
  context.freeze(name);
  return { code: local(name), type: boolean, bits: 1 };
}

export function instanceOf(context: FunctionContext, node: ts.BinaryExpression): Value {
  const { first, last } = instanceTags(context, node);
  const object = context.stable(lowerExpression(context, node.left).code);
  const mayBeNull = (context.compilation.checker.getTypeAtLocation(node.left).flags & ts.TypeFlags.Object) === 0;
  const name = context.fresh('t');
  context.emit({ kind: 'let', name, value: zero });
  const set = { kind: 'set', name, value: one } as const;
  const test = (): void => {
    const tag = context.callIntrinsic('load32', 1, true, [object]);
    const condition =
      first === last
        ? compare('===', tag, constant(first))
        : compare('u<=', binary('-', tag, constant(first)), constant(last - first));
    context.emit({ kind: 'if', condition, consequent: [set], alternate: [] });
  };
  if (mayBeNull) {
    const condition = compare('!==', object, zero);
    context.emit({ kind: 'if', condition, consequent: context.capture(test), alternate: [] });
  } else test();
  context.freeze(name);
  return { code: local(name), type: boolean, bits: 1 };
}

/** The type of `c ? a : b`. */
function joined(context: FunctionContext, node: ts.ConditionalExpression, left: Value, right: Value): ValueType {
  if (describe(left.type) === describe(right.type) && left.type.kind !== 'reference') return left.type;
  if (isNumeric(left.type) && isNumeric(right.type)) {
    requireOneSign(left, right, node, '?:');
    return arithmetic('+', left, right, node).type;
  }
  if (isObject(left.type) && isObject(right.type)) {
    return reference(commonClass(context, node, left.type.class, right.type.class));
  }
  if (isNull(left)) return right.type;
  if (isNull(right)) return left.type;
  throw incompatible(node, left.type, right.type, 'convert one side');
}

type ObjectType = Extract<ValueType, { readonly kind: 'reference' | 'inline' }>;
const isObject = (type: ValueType): type is ObjectType => type.kind === 'reference' || type.kind === 'inline';
const isNull = (value: Value): boolean => value.type.kind === 'reference' && value.type.class === undefined;

function incompatible(node: ts.ConditionalExpression, left: ValueType, right: ValueType, hint: string): CompileError {
  return new CompileError(node, `\`?:\` between ${describe(left)} and ${describe(right)}`, hint);
}

/** The nearest class that both sides are, by name and not by shape as tsc sees it. Null has none. */
function commonClass(
  context: FunctionContext,
  node: ts.ConditionalExpression,
  left: ClassNode | undefined,
  right: ClassNode | undefined,
): ClassNode | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  const { classes } = context.compilation;
  const other = classes.info(right);
  for (let at: ClassInfo | undefined = classes.info(left); at !== undefined; at = at.base) {
    if (classes.derives(other, at)) return at.declaration;
  }
  throw incompatible(node, reference(left), reference(right), 'give them a base class in common');
}

export function conditional(context: FunctionContext, node: ts.ConditionalExpression): Value {
  const condition = lowerCondition(context, node.condition).code;
  if (condition.kind === 'constant') {
    return lowerExpression(context, condition.value === 0n ? node.whenFalse : node.whenTrue);
  }
  const name = context.fresh('t');
  const values: Value[] = [];
  const branch = (expression: ts.Expression) =>
    context.capture(() => {
      const value = lowerExpression(context, expression);
      values.push(value);
      if (value.type.kind === 'void') context.emit({ kind: 'evaluate', value: value.code });
      else context.emit({ kind: 'set', name, value: value.code });
    });
  const consequent = branch(node.whenTrue);
  const alternate = branch(node.whenFalse);
  context.emit({ kind: 'let', name, value: zero });
  context.emit({ kind: 'if', condition, consequent, alternate });
  context.freeze(name);
  const [left, right] = values;
  if (left === undefined || right === undefined) throw new CompileError(node, 'a conditional without values');
  // One side may be a call that never returns.
  if (left.type.kind === 'void') return { ...right, code: local(name) };
  if (right.type.kind === 'void') return { ...left, code: local(name) };
  const bits = [bitsOf(left), bitsOf(right)];
  const known = bits[0] === undefined || bits[1] === undefined ? undefined : Math.max(bits[0], bits[1]);
  return { code: local(name), type: joined(context, node, left, right), bits: known };
}
