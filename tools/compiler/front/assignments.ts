/**
 * Assignment, compound assignment, `++` and `--`. The place is evaluated once, before the value. As a statement the
 * result is not computed.
 */
import ts from 'typescript';
import type { FunctionContext, Value } from './context.js';
import { cast, convert } from './convert.js';
import { CompileError } from './errors.js';
import { lowerExpression } from './expressions.js';
import { constant } from './ir.js';
import { arithmetic } from './operators.js';
import { convertForStore, lowerPlace, type Place, readPlace, writePlace } from './places.js';
import { boolean, i64, isNumeric } from './types.js';

const compoundOperators: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.PlusEqualsToken, '+'],
  [ts.SyntaxKind.MinusEqualsToken, '-'],
  [ts.SyntaxKind.AsteriskEqualsToken, '*'],
  [ts.SyntaxKind.SlashEqualsToken, '/'],
  [ts.SyntaxKind.PercentEqualsToken, '%'],
  [ts.SyntaxKind.AmpersandEqualsToken, '&'],
  [ts.SyntaxKind.BarEqualsToken, '|'],
  [ts.SyntaxKind.CaretEqualsToken, '^'],
  [ts.SyntaxKind.LessThanLessThanEqualsToken, '<<'],
  [ts.SyntaxKind.GreaterThanGreaterThanEqualsToken, '>>'],
  [ts.SyntaxKind.GreaterThanGreaterThanGreaterThanEqualsToken, '>>>'],
]);

const stablePlace = (context: FunctionContext, place: Place): Place =>
  place.kind === 'memory' ? { ...place, address: context.stable(place.address) } : place;

function store(context: FunctionContext, place: Place, value: Value, node: ts.Node, wanted: boolean): Value {
  if (!wanted) {
    writePlace(context, place, convertForStore(context, place, value, node), node);
    return { code: constant(0), type: boolean };
  }
  const converted = convert(context, value, place.type, node);
  const kept = { ...converted, code: context.stable(converted.code) };
  writePlace(context, place, kept, node);
  return kept;
}

/** `place = value` or `place op= value`; gives the value stored if it is `wanted`. */
export function lowerAssignment(context: FunctionContext, node: ts.BinaryExpression, wanted: boolean): Value {
  const token = node.operatorToken;
  if (token.kind === ts.SyntaxKind.EqualsToken) {
    const holder: { place?: Place; value?: Value } = {};
    const before = context.capture(() => {
      holder.place = lowerPlace(context, node.left);
    });
    const after = context.capture(() => {
      holder.value = lowerExpression(context, node.right);
    });
    const { place, value } = holder;
    if (place === undefined || value === undefined) throw new CompileError(node, 'an assignment without operands');
    for (const statement of before) context.emit(statement);
    const kept = after.length > 0 || wanted ? stablePlace(context, place) : place;
    for (const statement of after) context.emit(statement);
    return store(context, kept, value, node.right, wanted);
  }
  const operator = compoundOperators.get(token.kind);
  if (operator === undefined) {
    throw new CompileError(token, `the operator \`${token.getText()}\``, 'write an if statement');
  }
  const place = stablePlace(context, lowerPlace(context, node.left));
  const [left, right] = context.operands([() => readPlace(context, place), () => lowerExpression(context, node.right)]);
  if (left === undefined || right === undefined) throw new CompileError(node, 'an assignment without operands');
  return store(context, place, narrow(context, place, arithmetic(operator, left, right, node)), node, wanted);
}

/** A folded constant in `x op= y` is cut like any other result. */
const narrow = (context: FunctionContext, place: Place, value: Value): Value =>
  isNumeric(place.type) && value.code.kind === 'constant' ? cast(context, value, place.type) : value;

/** `x++`, `--x` and the like. */
export function lowerIncrement(
  context: FunctionContext,
  node: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression,
  wanted: boolean,
): Value {
  const place = stablePlace(context, lowerPlace(context, node.operand));
  const isPostfix = ts.isPostfixUnaryExpression(node);
  const read = readPlace(context, place);
  const old = wanted && isPostfix ? { ...read, code: context.temporary(read.code) } : read;
  const operator = node.operator === ts.SyntaxKind.PlusPlusToken ? '+' : '-';
  const changed = arithmetic(operator, old, { code: constant(1), type: i64 }, node);
  const stored = store(context, place, changed, node, wanted && !isPostfix);
  return isPostfix ? old : stored;
}
