/**
 * `switch` becomes an if chain, which GCC makes a jump table of. A case shares its body with the empty cases before it
 * and never falls into the next.
 */
import ts from 'typescript';
import type { FunctionContext, Value } from './context.js';
import { JUMP_TABLE_CALLS } from './dispatch.js';
import { CompileError } from './errors.js';
import { lowerExpression } from './expressions.js';
import { type Expression, local, one, zero } from './ir.js';
import { equality } from './operators.js';
import { emitIf, lowerStatements } from './statements.js';
import { describe } from './types.js';

/** True if control can reach the end of a statement. */
function canComplete(context: FunctionContext, node: ts.Statement | undefined): boolean {
  if (node === undefined) return true;
  if (ts.isReturnStatement(node) || ts.isBreakOrContinueStatement(node)) return false;
  if (ts.isBlock(node)) return canComplete(context, node.statements.at(-1));
  if (ts.isIfStatement(node)) {
    if (node.elseStatement === undefined) return true;
    return canComplete(context, node.thenStatement) || canComplete(context, node.elseStatement);
  }
  if (ts.isWhileStatement(node)) return node.expression.kind !== ts.SyntaxKind.TrueKeyword;
  if (ts.isExpressionStatement(node)) {
    const type = context.compilation.checker.getTypeAtLocation(node.expression);
    return (type.flags & ts.TypeFlags.Never) === 0;
  }
  if (ts.isSwitchStatement(node)) {
    const { clauses } = node.caseBlock;
    return !clauses.some(ts.isDefaultClause) || clauses.some((clause) => clauseCompletes(context, clause));
  }
  return true;
}

const clauseCompletes = (context: FunctionContext, clause: ts.CaseOrDefaultClause): boolean =>
  clause.statements.length > 0 && (canComplete(context, clause.statements.at(-1)) || containsBreak(clause));

function containsBreak(node: ts.Node): boolean {
  if (ts.isBreakStatement(node)) return true;
  if (ts.isIterationStatement(node, false) || ts.isSwitchStatement(node)) return false;
  return ts.forEachChild(node, containsBreak) ?? false;
}

interface Case {
  readonly tests: ts.Expression[];
  readonly isDefault: boolean;
  readonly body: readonly ts.Statement[];
}

/** Cases with the tests that lead to them; one that falls into the next is an error. */
function gatherCases(context: FunctionContext, node: ts.SwitchStatement): Case[] {
  const cases: Case[] = [];
  let tests: ts.Expression[] = [];
  let isDefault = false;
  const { clauses } = node.caseBlock;
  clauses.forEach((clause, index) => {
    if (ts.isCaseClause(clause)) tests.push(clause.expression);
    else isDefault = true;
    const isLast = index === clauses.length - 1;
    if (clause.statements.length === 0 && !isLast) return;
    if (!isLast && canComplete(context, clause.statements.at(-1))) {
      throw new CompileError(clause, 'a case that falls into the next', 'end it with break, return or continue');
    }
    cases.push({ tests, isDefault, body: clause.statements });
    tests = [];
    isDefault = false;
  });
  return cases;
}

/** A body without the break that ends it, which needs no jump. */
function withoutBreak(body: readonly ts.Statement[]): readonly ts.Statement[] {
  const last = body.at(-1);
  if (last === undefined) return body;
  if (ts.isBreakStatement(last) && last.label === undefined) return body.slice(0, -1);
  if (body.length === 1 && ts.isBlock(last)) return withoutBreak(last.statements);
  return body;
}

export function lowerSwitch(context: FunctionContext, node: ts.SwitchStatement, labels: readonly string[]): void {
  const subject = lowerExpression(context, node.expression);
  if (subject.type.kind !== 'integer' && subject.type.kind !== 'enum') {
    throw new CompileError(
      node.expression,
      `a switch over ${describe(subject.type)}`,
      'switch over an integer or enum',
    );
  }
  const value = { ...subject, code: context.stable(subject.code) };
  const cases = gatherCases(context, node);
  const label = context.fresh('switch');
  let jumps = false;
  const statements = context.capture(() => {
    jumps = context.withTarget({ names: labels, breakLabel: label, continueLabel: undefined }, () => {
      lowerCases(context, value, cases);
    });
  });
  if (jumps) context.emit({ kind: 'loop', label, body: [...statements, { kind: 'break', label }] });
  else for (const statement of statements) context.emit(statement);
}

function lowerCases(context: FunctionContext, subject: Value, cases: readonly Case[]): void {
  keepOutOfLine(context, cases);
  const fallback = cases.find((candidate) => candidate.isDefault);
  let alternate = context.capture(() => fallback && lowerStatements(context, withoutBreak(fallback.body)));
  for (const candidate of [...cases].reverse()) {
    if (candidate.isDefault) continue;
    const chain = alternate;
    const consequent = context.capture(() => lowerStatements(context, withoutBreak(candidate.body)));
    alternate = context.capture(() => {
      const conditions = candidate.tests.map((test) => caseCondition(context, subject, test));
      emitIf(context, anyOf(context, conditions), consequent, chain);
    });
  }
  for (const statement of alternate) context.emit(statement);
}

/** Functions that the cases of a jump table return the results of. */
function keepOutOfLine(context: FunctionContext, cases: readonly Case[]): void {
  const { compilation } = context;
  const targets = cases.flatMap(({ body }) => {
    const only = body.length === 1 ? body[0] : undefined;
    if (only === undefined || !ts.isReturnStatement(only) || only.expression === undefined) return [];
    if (!ts.isCallExpression(only.expression)) return [];
    const target = compilation.checker.getResolvedSignature(only.expression)?.declaration;
    return target !== undefined && ts.isFunctionDeclaration(target) && target.body !== undefined ? [target] : [];
  });
  if (targets.length < JUMP_TABLE_CALLS) return;
  for (const target of targets) compilation.outOfLine.add(compilation.functionName(target));
}

function caseCondition(context: FunctionContext, subject: Value, test: ts.Expression): Expression {
  const value = lowerExpression(context, test);
  if (value.code.kind !== 'constant') throw new CompileError(test, 'a case that is not constant', 'write an if chain');
  return equality('===', subject, value, test).code;
}

/** One condition that holds if any of several does; they have no effects. */
function anyOf(context: FunctionContext, conditions: readonly Expression[]): Expression {
  const [only, ...others] = conditions;
  if (only === undefined) return zero;
  if (others.length === 0) return only;
  const name = context.fresh('t');
  context.emit({ kind: 'let', name, value: zero });
  for (const condition of conditions) {
    context.emit({ kind: 'if', condition, consequent: [{ kind: 'set', name, value: one }], alternate: [] });
  }
  return local(name);
}
