/**
 * Statements. Every loop becomes `while` with labelled jumps, and `switch` becomes an if chain, because these are
 * what Porffor compiles right; Binaryen and GCC find the loops and jump tables again.
 */
import ts from 'typescript';
import { lowerAssignment, lowerIncrement } from './assignments.js';
import { rejectStatement } from './check.js';
import type { FunctionContext, Value } from './context.js';
import { convert } from './convert.js';
import { CompileError } from './errors.js';
import { lowerCondition, lowerExpression } from './expressions.js';
import { type Expression, not, type Statement, zero } from './ir.js';
import { lowerSwitch } from './switches.js';
import { lowerForOf } from './tables.js';
import { describe, i64, type ValueType } from './types.js';

/** Lowers statements; an error ends the statement it is in. */
export function lowerStatements(context: FunctionContext, nodes: readonly ts.Statement[]): void {
  for (const node of nodes) context.compilation.attempt(() => lowerStatement(context, node, []));
}

export function lowerStatement(context: FunctionContext, node: ts.Statement, labels: readonly string[]): void {
  if (ts.isBlock(node)) lowerStatements(context, node.statements);
  else if (ts.isVariableStatement(node)) lowerVariables(context, node.declarationList);
  else if (ts.isExpressionStatement(node)) lowerEffect(context, node.expression);
  else if (ts.isIfStatement(node)) lowerIf(context, node);
  else if (ts.isReturnStatement(node)) lowerReturn(context, node);
  else if (ts.isWhileStatement(node)) lowerWhile(context, node, labels);
  else if (ts.isDoStatement(node)) lowerDo(context, node, labels);
  else if (ts.isForStatement(node)) lowerFor(context, node, labels);
  else if (ts.isForOfStatement(node)) lowerForOf(context, node, labels);
  else if (ts.isSwitchStatement(node)) lowerSwitch(context, node, labels);
  else if (ts.isBreakOrContinueStatement(node)) lowerJump(context, node);
  else if (ts.isLabeledStatement(node)) lowerStatement(context, node.statement, [...labels, node.label.text]);
  else if (node.kind !== ts.SyntaxKind.EmptyStatement) rejectStatement(node);
}

function lowerVariables(context: FunctionContext, list: ts.VariableDeclarationList): void {
  if ((list.flags & ts.NodeFlags.BlockScoped) === 0) throw new CompileError(list, 'var', 'write let or const');
  for (const node of list.declarations) lowerVariable(context, node, (list.flags & ts.NodeFlags.Const) !== 0);
}

function lowerVariable(context: FunctionContext, node: ts.VariableDeclaration, isConstant: boolean): void {
  if (!ts.isIdentifier(node.name)) throw new CompileError(node.name, 'destructuring', 'name each value');
  const symbol = context.compilation.checker.getSymbolAtLocation(node.name);
  if (symbol === undefined) throw new CompileError(node, 'a variable without a name');
  const declared = node.type === undefined ? undefined : context.compilation.types.read(node.type);
  if (node.initializer === undefined) {
    if (declared === undefined) throw new CompileError(node, 'a variable without type and value', 'write its type');
    context.emit({ kind: 'let', name: context.declare(symbol, declared, false).name, value: zero });
    return;
  }
  const value = initialValue(context, symbol, node.initializer);
  const type = declared ?? inferred(value, isConstant, node);
  const converted = convert(context, value, type, node.initializer);
  const variable = context.declare(symbol, type, isConstant);
  context.emit({ kind: 'let', name: variable.name, value: converted.code });
}

/** The initializer's value; if it cannot be compiled, uses of the variable are no errors of their own. */
function initialValue(context: FunctionContext, symbol: ts.Symbol, initializer: ts.Expression): Value {
  try {
    return lowerExpression(context, initializer);
  } catch (error) {
    context.failed.add(symbol);
    throw error;
  }
}

/** A constant keeps its initializer's type; a variable that will be assigned is u64 or i64. */
function inferred(value: Value, isConstant: boolean, node: ts.Node): ValueType {
  const { type } = value;
  if (type.kind === 'void' || type.kind === 'table')
    throw new CompileError(node, `a variable of type ${describe(type)}`);
  if (type.kind === 'inline') return { kind: 'reference', class: type.class };
  if (isConstant || type.kind !== 'integer') return type;
  return type.bits === 64 ? type : i64;
}

/** An expression for its effect. */
function lowerEffect(context: FunctionContext, node: ts.Expression): void {
  if (ts.isParenthesizedExpression(node)) {
    lowerEffect(context, node.expression);
    return;
  }
  if (ts.isBinaryExpression(node)) {
    const operator = node.operatorToken.kind;
    if (operator >= ts.SyntaxKind.FirstAssignment && operator <= ts.SyntaxKind.LastAssignment) {
      lowerAssignment(context, node, false);
      return;
    }
  }
  if (ts.isPostfixUnaryExpression(node) || ts.isPrefixUnaryExpression(node)) {
    if (node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken) {
      lowerIncrement(context, node, false);
      return;
    }
  }
  const { code } = lowerExpression(context, node);
  if (code.kind === 'call') context.emit({ kind: 'evaluate', value: code });
  else if (!context.isStable(code)) context.temporary(code);
}

/** Emits an if; a condition that is constant leaves only its branch. */
export function emitIf(
  context: FunctionContext,
  condition: Expression,
  consequent: readonly Statement[],
  alternate: readonly Statement[],
): void {
  if (condition.kind === 'constant') {
    for (const statement of condition.value === 0n ? alternate : consequent) context.emit(statement);
    return;
  }
  if (consequent.length === 0 && alternate.length === 0) {
    if (condition.kind === 'call') context.temporary(condition);
    else if (condition.kind === 'compare') context.emit({ kind: 'if', condition, consequent, alternate });
    return;
  }
  if (consequent.length === 0)
    context.emit({ kind: 'if', condition: not(condition), consequent: alternate, alternate: [] });
  else context.emit({ kind: 'if', condition, consequent, alternate });
}

function lowerIf(context: FunctionContext, node: ts.IfStatement): void {
  if (node.elseStatement === undefined) {
    whenAll(context, conjuncts(node.expression), () => lowerStatement(context, node.thenStatement, []));
    return;
  }
  const condition = lowerCondition(context, node.expression).code;
  const consequent = context.capture(() => lowerStatement(context, node.thenStatement, []));
  const alternate = context.capture(() => node.elseStatement && lowerStatement(context, node.elseStatement, []));
  emitIf(context, condition, consequent, alternate);
}

/** The conditions of `a && b && c`, in order. */
function conjuncts(node: ts.Expression): ts.Expression[] {
  if (ts.isParenthesizedExpression(node)) return conjuncts(node.expression);
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken) {
    return [...conjuncts(node.left), ...conjuncts(node.right)];
  }
  return [node];
}

/** Runs what `body` emits when all conditions hold: one if inside the other. */
function whenAll(context: FunctionContext, conditions: readonly ts.Expression[], body: () => void): void {
  const [first, ...rest] = conditions;
  if (first === undefined) {
    body();
    return;
  }
  const condition = lowerCondition(context, first).code;
  emitIf(
    context,
    condition,
    context.capture(() => whenAll(context, rest, body)),
    [],
  );
}

/** Leaves the loop `label` unless the condition holds. */
function leaveUnless(context: FunctionContext, node: ts.Expression, label: string): void {
  for (const part of conjuncts(node)) {
    emitIf(context, not(lowerCondition(context, part).code), [{ kind: 'break', label }], []);
  }
}

function lowerReturn(context: FunctionContext, node: ts.ReturnStatement): void {
  if (node.expression === undefined) {
    context.emit({ kind: 'return', value: undefined });
    return;
  }
  const isVoid = context.returnType.kind === 'void';
  const result = lowerExpression(context, node.expression);
  if (result.type.kind === 'void') {
    // `return log();` in a void function, `return panic();` in any.
    context.emit({ kind: 'evaluate', value: result.code });
    context.emit({ kind: 'return', value: isVoid ? undefined : zero });
    return;
  }
  if (isVoid) throw new CompileError(node, 'a value returned from a void function', 'write a statement and `return;`');
  context.emit({ kind: 'return', value: convert(context, result, context.returnType, node.expression).code });
}

function lowerWhile(context: FunctionContext, node: ts.WhileStatement, labels: readonly string[]): void {
  const label = context.fresh('loop');
  const body = context.capture(() => {
    leaveUnless(context, node.expression, label);
    context.withTarget({ names: labels, breakLabel: label, continueLabel: label }, () =>
      lowerStatement(context, node.statement, []),
    );
  });
  context.emit({ kind: 'loop', label, body });
}

/**
 * A loop whose body is followed by more: `continue` leaves an inner loop that runs once, if anything continues.
 * `after` is what comes behind the body in every round.
 */
export function emitLoop(
  context: FunctionContext,
  labels: readonly string[],
  before: (label: string) => void,
  body: () => void,
  after: (label: string) => void,
): void {
  const label = context.fresh('loop');
  const once = context.fresh('once');
  const statements = context.capture(() => {
    before(label);
    let continues = false;
    const inner = context.capture(() => {
      continues = context.withTarget({ names: labels, breakLabel: label, continueLabel: once }, body);
    });
    if (continues) context.emit({ kind: 'loop', label: once, body: [...inner, { kind: 'break', label: once }] });
    else for (const statement of inner) context.emit(statement);
    after(label);
  });
  context.emit({ kind: 'loop', label, body: statements });
}

function lowerDo(context: FunctionContext, node: ts.DoStatement, labels: readonly string[]): void {
  emitLoop(
    context,
    labels,
    () => undefined,
    () => lowerStatement(context, node.statement, []),
    (label) => leaveUnless(context, node.expression, label),
  );
}

function lowerFor(context: FunctionContext, node: ts.ForStatement, labels: readonly string[]): void {
  const { initializer, condition, incrementor } = node;
  if (initializer !== undefined) {
    if (ts.isVariableDeclarationList(initializer)) lowerVariables(context, initializer);
    else lowerEffect(context, initializer);
  }
  emitLoop(
    context,
    labels,
    (label) => condition && leaveUnless(context, condition, label),
    () => lowerStatement(context, node.statement, []),
    () => incrementor && lowerEffect(context, incrementor),
  );
}

function lowerJump(context: FunctionContext, node: ts.BreakOrContinueStatement): void {
  const isBreak = ts.isBreakStatement(node);
  for (const target of [...context.targets].reverse()) {
    if (
      node.label !== undefined
        ? !target.names.includes(node.label.text)
        : !isBreak && target.continueLabel === undefined
    ) {
      continue;
    }
    const label = isBreak ? target.breakLabel : target.continueLabel;
    if (label === undefined) throw new CompileError(node, `continue of a switch`, 'label the loop');
    if (!isBreak || target.continueLabel === undefined) target.used = true;
    const isLoop = !isBreak && label === target.breakLabel;
    context.emit({ kind: isLoop ? 'continue' : 'break', label });
    return;
  }
  throw new CompileError(node, `\`${node.getText()}\` outside a loop`, 'write an if');
}
