/**
 * Functions, methods, getters and constructors: parameters become locals, the body becomes statements.
 */
import ts from 'typescript';
import { parameterTypes, returnTypeOf } from './calls.js';
import { checkFunction } from './check.js';
import { isStatic } from './classes.js';
import { type Compilation, documentationTag } from './compilation.js';
import { FunctionContext } from './context.js';
import { cast } from './convert.js';
import { CompileError } from './errors.js';
import { binary, compare, constant, local, type Statement, zero } from './ir.js';
import type { FunctionNode } from './names.js';
import { lowerStatements } from './statements.js';
import { i64, nothing } from './types.js';

const hasSelf = (node: FunctionNode): boolean =>
  !ts.isFunctionDeclaration(node) && !(ts.isMethodDeclaration(node) && isStatic(node));

/** True if control cannot pass the end of these statements. */
function endsInReturn(statements: readonly Statement[]): boolean {
  const last = statements.at(-1);
  if (last?.kind === 'return') return true;
  return last?.kind === 'if' && endsInReturn(last.consequent) && endsInReturn(last.alternate);
}

/** A `never` function that loops is a main loop, whose callees are hot; another one is a kind of panic. */
function loopsForever(node: ts.Node): boolean {
  if (ts.isForStatement(node) && node.condition === undefined) return true;
  if (ts.isWhileStatement(node) && node.expression.kind === ts.SyntaxKind.TrueKeyword) return true;
  return ts.forEachChild(node, loopsForever) ?? false;
}

/** Lowers one function. Assembly may pass anything, so the parameters of an entry are cut to their types. */
export function lowerFunction(compilation: Compilation, node: FunctionNode, name: string, isEntry: boolean): void {
  checkFunction(node);
  const header = new FunctionContext(compilation, nothing, undefined);
  const returnType = returnTypeOf(header, node);
  const self = hasSelf(node) ? 'this_0' : undefined;
  const context = new FunctionContext(compilation, returnType, self);
  const types = parameterTypes(context, node);
  const parameters = self === undefined ? [] : [self];
  const { body } = node;
  if (body === undefined)
    throw new CompileError(node, 'a function without a body', 'declare intrinsics in intrinsics.d.ts');

  const statements = context.capture(() => {
    node.parameters.forEach((parameter, index) => {
      const symbol = compilation.checker.getSymbolAtLocation(parameter.name);
      const type = types[index];
      if (symbol === undefined || type === undefined) throw new CompileError(parameter, 'a parameter without a name');
      const variable = context.declare(symbol, type, false);
      parameters.push(variable.name);
      if (!isEntry) return;
      const raw = { code: local(variable.name), type: i64 };
      const low = binary('&', raw.code, constant(0xff));
      const value =
        type.kind === 'boolean' ? context.materialize(compare('!==', low, zero)) : cast(context, raw, type).code;
      if (value !== raw.code) context.emit({ kind: 'set', name: variable.name, value });
    });
    lowerStatements(context, body.statements);
  });
  const isPanic = node.type?.kind === ts.SyntaxKind.NeverKeyword && !isEntry && !loopsForever(body);
  const isCold = isPanic || documentationTag(node, 'cold') !== undefined;
  if (isCold) compilation.cold.add(name);
  if (documentationTag(node, 'inline') !== undefined) compilation.inlined.add(name);
  const returns = returnType.kind !== 'void';
  if (returns && !endsInReturn(statements)) statements.push({ kind: 'return', value: zero });
  compilation.functions.push({ name, parameters, returns, body: statements, calls: context.calls });
}
