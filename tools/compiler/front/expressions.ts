/**
 * Expressions. `lowerExpression` gives a value; `lowerCondition` may give a bare comparison, which only an `if` may
 * test. Operands are evaluated left to right; `&&`, `||` and `?:` evaluate what JavaScript does.
 */
import ts from 'typescript';
import { lowerAssignment, lowerIncrement } from './assignments.js';
import { conditional, instanceOf, logical } from './branches.js';
import { callMethod, lowerCall, lowerNew, selfCode } from './calls.js';
import { rejectExpression } from './check.js';
import { isStatic } from './classes.js';
import type { FunctionContext, Value } from './context.js';
import { cast, convert } from './convert.js';
import { CompileError, ConsequentError } from './errors.js';
import { add, binary, call, constant, local, not, one, zero } from './ir.js';
import { asciiText, evaluateConstant, moduleVariable } from './modules.js';
import { arithmetic, equality, ordering, unary } from './operators.js';
import { fieldDeclaration, lowerPlace, moduleDeclaration, readPlace, tableOf } from './places.js';
import { boolean, describe, i64, isNumeric, reference, string, symbolOf, u64, type ValueType } from './types.js';

/** The value of an expression. */
export function lowerExpression(context: FunctionContext, node: ts.Expression): Value {
  const value = lower(context, node);
  return value.code.kind === 'compare' ? { ...value, code: context.materialize(value.code) } : value;
}

/** A boolean for an `if` to test. */
export function lowerCondition(context: FunctionContext, node: ts.Expression): Value {
  const value = lower(context, node);
  if (value.type.kind === 'boolean') return value;
  throw new CompileError(
    node,
    `a condition of type ${describe(value.type)}`,
    'write the comparison: `x !== 0`, `x !== null`',
  );
}

function lower(context: FunctionContext, node: ts.Expression): Value {
  if (ts.isParenthesizedExpression(node)) return lower(context, node.expression);
  if (ts.isNonNullExpression(node)) return withClass(context, node, lower(context, node.expression));
  if (ts.isNumericLiteral(node)) return literal(node);
  if (ts.isStringLiteralLike(node)) return stringConstant(context, node);
  if (ts.isIdentifier(node)) return identifier(context, node);
  if (ts.isPropertyAccessExpression(node)) return property(context, node);
  if (ts.isElementAccessExpression(node)) return element(context, node);
  if (ts.isBinaryExpression(node)) return binaryExpression(context, node);
  if (ts.isPrefixUnaryExpression(node)) return prefix(context, node);
  if (ts.isPostfixUnaryExpression(node)) return lowerIncrement(context, node, true);
  if (ts.isConditionalExpression(node)) return conditional(context, node);
  if (ts.isCallExpression(node)) return lowerCall(context, node);
  if (ts.isNewExpression(node)) return lowerNew(context, node);
  if (ts.isAsExpression(node)) return asExpression(context, node);
  switch (node.kind) {
    case ts.SyntaxKind.TrueKeyword:
      return { code: one, type: boolean, bits: 1 };
    case ts.SyntaxKind.FalseKeyword:
      return { code: zero, type: boolean, bits: 1 };
    case ts.SyntaxKind.NullKeyword:
      return { code: zero, type: reference() };
    case ts.SyntaxKind.ThisKeyword:
      return { code: selfCode(context, node), type: reference(context.compilation.types.classOfExpression(node)) };
  }
  return rejectExpression(node);
}

/** The literal's exact value, from its text: tsc's own number is rounded above 2^53. */
function literal(node: ts.NumericLiteral): Value {
  const text = node.getText().replaceAll('_', '');
  if (!/^(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|[0-9]+)$/.test(text)) {
    throw new CompileError(node, `the literal ${text}`, 'there are no fractions: write an integer');
  }
  const value = BigInt(text);
  if (value >= 1n << 64n) throw new CompileError(node, `the literal ${text}`, 'it does not fit 64 bits');
  return { code: constant(value), type: value < 1n << 63n ? i64 : u64 };
}

function stringConstant(context: FunctionContext, node: ts.StringLiteralLike): Value {
  return { code: add(call('__rodata', []), context.compilation.data.string(asciiText(node))), type: string };
}

/** A reference's class is the one that the checker has narrowed it to. */
function withClass(context: FunctionContext, node: ts.Expression, value: Value): Value {
  if (value.type.kind !== 'reference') return value;
  const found = context.compilation.types.classOfExpression(node);
  return found === undefined ? value : { ...value, type: reference(found) };
}

function identifier(context: FunctionContext, node: ts.Identifier): Value {
  const symbol = symbolOf(context.compilation.checker, node);
  const variable = symbol === undefined ? undefined : context.locals.get(symbol);
  if (variable !== undefined) return withClass(context, node, { code: local(variable.name), type: variable.type });
  if (symbol !== undefined && context.failed.has(symbol)) throw new ConsequentError(node, node.text);
  const declaration = moduleDeclaration(symbol);
  if (declaration === undefined) {
    const kind = symbol?.valueDeclaration;
    if (kind !== undefined && (ts.isFunctionDeclaration(kind) || ts.isClassDeclaration(kind))) {
      throw new CompileError(
        node,
        `\`${node.text}\` as a value`,
        'there are no function values: use an abstract method',
      );
    }
    throw new CompileError(node, `the name \`${node.text}\``, 'it is nothing that the program declares');
  }
  const found = moduleVariable(context.compilation, declaration);
  switch (found.kind) {
    case 'constant':
    case 'static':
      return found.value;
    case 'global':
      return withClass(context, node, { code: { kind: 'global', name: found.name }, type: found.type });
    case 'table':
      throw new CompileError(node, 'a table as a value', 'index it, or read its length');
  }
}

function property(context: FunctionContext, node: ts.PropertyAccessExpression): Value {
  if (node.questionDotToken !== undefined) throw new CompileError(node, 'optional chaining', 'compare with null first');
  const { checker } = context.compilation;
  const declaration = symbolOf(checker, node.name)?.declarations?.[0];
  if (declaration !== undefined && ts.isEnumMember(declaration)) return enumMember(context, declaration);
  if (declaration !== undefined && ts.isGetAccessorDeclaration(declaration)) return getter(context, node, declaration);
  if (declaration !== undefined && ts.isMethodDeclaration(declaration)) {
    throw new CompileError(node, `the method \`${node.getText()}\` as a value`, 'call it');
  }
  const field = fieldDeclaration(context, node);
  if (field !== undefined && isStatic(field)) return staticConstant(context, field);
  if (field !== undefined) return readPlace(context, lowerPlace(context, node));
  if (node.name.text === 'length') return length(context, node);
  throw new CompileError(node, `the property \`${node.getText()}\``, 'only fields, getters, enum members and length');
}

function enumMember(context: FunctionContext, declaration: ts.EnumMember): Value {
  const type = context.compilation.types.enumType(declaration.parent);
  const value = context.compilation.checker.getConstantValue(declaration);
  if (typeof value !== 'number') throw new CompileError(declaration, 'an enum member that is no number');
  return { code: constant(value), type };
}

function getter(context: FunctionContext, node: ts.PropertyAccessExpression, target: ts.GetAccessorDeclaration): Value {
  if (isStatic(target)) throw new CompileError(node, 'a static getter', 'write a function');
  return callMethod(context, node, lowerExpression(context, node.expression), target, []);
}

function staticConstant(context: FunctionContext, field: ts.PropertyDeclaration): Value {
  const isReadonly = field.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.ReadonlyKeyword) ?? false;
  if (!isReadonly || field.initializer === undefined) {
    throw new CompileError(field, 'a static field', 'write a module variable');
  }
  const value = evaluateConstant(context.compilation, field.initializer, 'a static readonly field is a constant');
  if (field.type === undefined) return value;
  return convert(context, value, context.compilation.types.read(field.type), field.initializer);
}

function length(context: FunctionContext, node: ts.PropertyAccessExpression): Value {
  const table = tableOf(context, node.expression);
  if (table !== undefined) return { code: constant(table.length), type: i64 };
  const object = lowerExpression(context, node.expression);
  if (object.type.kind === 'fixed') {
    // The length is known, but what computes the object may have effects.
    if (object.code.kind === 'call' && context.calls.has(object.code.name)) context.temporary(object.code);
    return { code: constant(object.type.length), type: i64 };
  }
  if (object.type.kind === 'string') {
    const code = context.callIntrinsic('load32', 1, true, [add(object.code, -4)]);
    return { code, type: { kind: 'integer', bits: 32, signed: false } };
  }
  throw new CompileError(node, `the length of ${describe(object.type)}`, 'Fixed, constant tables and strings have one');
}

function element(context: FunctionContext, node: ts.ElementAccessExpression): Value {
  if (node.questionDotToken !== undefined) throw new CompileError(node, 'optional chaining', 'compare with null first');
  const place = lowerPlace(context, node);
  const value = readPlace(context, place);
  if (place.type.kind !== 'string' || tableOf(context, node.expression) === undefined || place.kind !== 'memory') {
    return value;
  }
  const offset = context.callIntrinsic('load32', 1, true, [place.address]);
  return { code: binary('+', call('__rodata', []), offset), type: string };
}

function prefix(context: FunctionContext, node: ts.PrefixUnaryExpression): Value {
  if (node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken) {
    return lowerIncrement(context, node, true);
  }
  if (node.operator === ts.SyntaxKind.ExclamationToken) {
    return { code: not(lowerCondition(context, node.operand).code), type: boolean, bits: 1 };
  }
  return unary(node.operator, lowerExpression(context, node.operand), node);
}

function binaryExpression(context: FunctionContext, node: ts.BinaryExpression): Value {
  const operator = node.operatorToken.kind;
  if (operator >= ts.SyntaxKind.FirstAssignment && operator <= ts.SyntaxKind.LastAssignment) {
    return lowerAssignment(context, node, true);
  }
  switch (operator) {
    case ts.SyntaxKind.AmpersandAmpersandToken:
    case ts.SyntaxKind.BarBarToken:
      return logical(context, node);
    case ts.SyntaxKind.InstanceOfKeyword:
      return instanceOf(context, node);
    case ts.SyntaxKind.EqualsEqualsToken:
    case ts.SyntaxKind.ExclamationEqualsToken:
      throw new CompileError(
        node.operatorToken,
        `the operator \`${node.operatorToken.getText()}\``,
        'write === or !==',
      );
    case ts.SyntaxKind.CommaToken:
      throw new CompileError(node, 'the comma operator', 'write two statements');
    case ts.SyntaxKind.InKeyword:
      throw new CompileError(node, 'the operator `in`', 'which fields there are is known when the program is built');
    case ts.SyntaxKind.QuestionQuestionToken:
      throw new CompileError(node, 'the operator `??`', 'compare with null: `x !== null ? x : y`');
  }
  const [left, right] = context.operands([
    () => lowerExpression(context, node.left),
    () => lowerExpression(context, node.right),
  ]);
  if (left === undefined || right === undefined) throw new CompileError(node, 'an operator without operands');
  switch (operator) {
    case ts.SyntaxKind.EqualsEqualsEqualsToken:
      return equality('===', left, right, node);
    case ts.SyntaxKind.ExclamationEqualsEqualsToken:
      return equality('!==', left, right, node);
    case ts.SyntaxKind.LessThanToken:
      return ordering('<', left, right, node);
    case ts.SyntaxKind.LessThanEqualsToken:
      return ordering('<=', left, right, node);
    case ts.SyntaxKind.GreaterThanToken:
      return ordering('>', left, right, node);
    case ts.SyntaxKind.GreaterThanEqualsToken:
      return ordering('>=', left, right, node);
    default:
      return arithmetic(node.operatorToken.getText(), left, right, node);
  }
}

function asExpression(context: FunctionContext, node: ts.AsExpression): Value {
  const value = lowerExpression(context, node.expression);
  if (ts.isConstTypeReference(node.type)) return value;
  const type = context.compilation.types.read(node.type);
  if (isNumeric(type)) {
    if (!isNumeric(value.type)) throw new CompileError(node, `${describe(value.type)} as ${describe(type)}`, '');
    return cast(context, value, type);
  }
  if (type.kind === 'reference' && (value.type.kind === 'reference' || value.type.kind === 'inline')) {
    return castReference(context, node, value, type);
  }
  return convert(context, value, type, node);
}

/** A cast along one line of descent, up or down; the program vouches for a cast down. */
function castReference(context: FunctionContext, node: ts.AsExpression, value: Value, type: ValueType): Value {
  const from = value.type.kind === 'reference' || value.type.kind === 'inline' ? value.type.class : undefined;
  const to = type.kind === 'reference' ? type.class : undefined;
  if (from !== undefined && to !== undefined) {
    const { classes } = context.compilation;
    const [left, right] = [classes.info(from), classes.info(to)];
    if (!classes.derives(left, right) && !classes.derives(right, left)) {
      throw new CompileError(
        node,
        `a cast from ${describe(value.type)} to ${describe(type)}`,
        'neither derives from the other',
      );
    }
  }
  return { ...value, type };
}
