/**
 * Calls: functions, methods (static calls with the object first), dispatch over a closed family of classes,
 * intrinsics, and `new`.
 */
import ts from 'typescript';
import { emitTags, lowerBuiltIn } from './builtins.js';
import { type ClassInfo, isAbstract, isStatic, type Method } from './classes.js';
import type { FunctionContext, Value } from './context.js';
import { convert } from './convert.js';
import { dispatcherName } from './dispatch.js';
import { CompileError } from './errors.js';
import { lowerExpression } from './expressions.js';
import { constant, type Expression, local } from './ir.js';
import type { FunctionNode } from './names.js';
import { narrowed } from './places.js';
import { nothing, reference, symbolOf, u64, type ValueType } from './types.js';

/** The declared return type; a constructor and a `never` function return nothing. */
export function returnTypeOf(context: FunctionContext, node: FunctionNode): ValueType {
  if (ts.isConstructorDeclaration(node)) return nothing;
  if (node.type === undefined) {
    throw new CompileError(node.name ?? node, 'a function without a return type', 'write it out: `(): void`');
  }
  if (ts.isTypePredicateNode(node.type)) {
    throw new CompileError(node.type, 'a type predicate', 'return boolean');
  }
  return context.compilation.types.read(node.type);
}

export function parameterTypes(context: FunctionContext, node: ts.SignatureDeclaration): ValueType[] {
  return node.parameters.map((parameter) => {
    const bad = (what: string): never => {
      throw new CompileError(parameter, what, 'write every parameter with its type; pass every argument');
    };
    if (parameter.initializer !== undefined) bad('a default parameter');
    if (parameter.questionToken !== undefined) bad('an optional parameter');
    if (parameter.dotDotDotToken !== undefined) bad('a rest parameter');
    if (!ts.isIdentifier(parameter.name)) bad('a destructured parameter');
    if (parameter.modifiers !== undefined) bad('a parameter property');
    if (parameter.type === undefined) return bad('a parameter without a type');
    const type = context.compilation.types.read(parameter.type);
    if (type.kind === 'table') return bad('a table as a parameter');
    return type;
  });
}

/** A call's value has, for references, the class that the checker sees where it is used. */
function result(context: FunctionContext, node: ts.Expression, code: Expression, type: ValueType): Value {
  return { code, type: narrowed(context, node, type) };
}

function argumentThunks(
  context: FunctionContext,
  node: ts.CallExpression | ts.NewExpression,
  types: readonly ValueType[],
): (() => Value)[] {
  const values = node.arguments ?? [];
  if (values.length !== types.length) {
    throw new CompileError(node, `${values.length} arguments for ${types.length} parameters`, 'pass every argument');
  }
  return types.map((type, index) => () => {
    const value = values[index];
    if (value === undefined) throw new CompileError(node, 'a missing argument', 'pass every argument');
    if (ts.isSpreadElement(value)) throw new CompileError(value, 'a spread argument', 'pass every argument');
    return convert(context, lowerExpression(context, value), type, value);
  });
}

const codes = (values: readonly Value[]): Expression[] => values.map((value) => value.code);

function callFunction(context: FunctionContext, node: ts.CallExpression, target: FunctionNode): Value {
  const values = context.operands(argumentThunks(context, node, parameterTypes(context, target)));
  const name = context.compilation.functionName(target);
  return result(context, node, context.callFunction(name, codes(values)), returnTypeOf(context, target));
}

function callIntrinsic(context: FunctionContext, node: ts.CallExpression, target: ts.FunctionDeclaration): Value {
  const file = target.getSourceFile();
  if (!file.isDeclarationFile || !file.fileName.includes('/arch/x86_64/')) {
    throw new CompileError(
      node,
      'a call of a declared function',
      'intrinsics are declared in .d.ts files of arch/x86_64',
    );
  }
  context.compilation.requireArchitectureFolder(node, `the intrinsic ${target.name?.text ?? ''}`);
  const types = parameterTypes(context, target);
  const values = context.operands(argumentThunks(context, node, types));
  const type = returnTypeOf(context, target);
  const name = target.name?.text ?? '';
  return { code: context.callIntrinsic(name, types.length, type.kind !== 'void', codes(values)), type };
}

/** The name to call for `method` on an object of a class that derives from `receiver`. */
function methodTarget(context: FunctionContext, method: Method, receiver: ClassInfo | undefined): string {
  const { compilation } = context;
  const owner = method.parent;
  if (!ts.isClassDeclaration(owner)) throw new CompileError(method, 'a method outside a class declaration');
  const { classes } = compilation;
  const from = receiver ?? classes.info(owner);
  const name = method.name.getText();
  const implementations = new Set<Method>();
  for (const info of classes.descendants(from)) {
    if (isAbstract(info.declaration)) continue;
    const found = classes.implementation(info, name);
    if (found !== undefined && !isAbstract(found)) implementations.add(found);
  }
  const [only, ...others] = implementations;
  if (only === undefined) {
    if (isAbstract(method))
      throw new CompileError(method, 'an abstract method that no class implements', 'add a class');
    return compilation.functionName(method);
  }
  return others.length === 0 ? compilation.functionName(only) : dispatcherName(context, method, from);
}

export function callMethod(
  context: FunctionContext,
  node: ts.Expression,
  object: Value,
  method: Method,
  rest: readonly Value[],
): Value {
  const declaration = object.type.kind === 'reference' || object.type.kind === 'inline' ? object.type.class : undefined;
  const receiver = declaration === undefined ? undefined : context.compilation.classes.info(declaration);
  const name = methodTarget(context, method, receiver);
  const code = context.callFunction(name, [object.code, ...codes(rest)]);
  return result(context, node, code, returnTypeOf(context, method));
}

function callThroughProperty(
  context: FunctionContext,
  node: ts.CallExpression,
  callee: ts.PropertyAccessExpression,
  target: ts.MethodDeclaration,
): Value {
  if (isStatic(target)) return callFunction(context, node, target);
  if (callee.expression.kind === ts.SyntaxKind.SuperKeyword) {
    const values = context.operands(argumentThunks(context, node, parameterTypes(context, target)));
    const name = context.compilation.functionName(target);
    return result(
      context,
      node,
      context.callFunction(name, [selfCode(context, node), ...codes(values)]),
      returnTypeOf(context, target),
    );
  }
  const [object, ...rest] = context.operands([
    () => lowerExpression(context, callee.expression),
    ...argumentThunks(context, node, parameterTypes(context, target)),
  ]);
  if (object === undefined) throw new CompileError(node, 'a call without an object');
  return callMethod(context, node, object, target, rest);
}

export function selfCode(context: FunctionContext, node: ts.Node): Expression {
  if (context.self === undefined) throw new CompileError(node, '`this` outside a method', '');
  return local(context.self);
}

function callSuperConstructor(context: FunctionContext, node: ts.CallExpression): Value {
  const target = context.compilation.checker.getResolvedSignature(node)?.declaration;
  if (target === undefined || !ts.isConstructorDeclaration(target)) {
    if (node.arguments.length > 0) throw new CompileError(node, 'arguments for a base class without a constructor');
    return { code: constant(0), type: nothing };
  }
  const values = context.operands(argumentThunks(context, node, parameterTypes(context, target)));
  const name = context.compilation.functionName(target);
  return { code: context.callFunction(name, [selfCode(context, node), ...codes(values)]), type: nothing };
}

export function lowerCall(context: FunctionContext, node: ts.CallExpression): Value {
  const builtIn = lowerBuiltIn(context, node);
  if (builtIn !== undefined) return builtIn;
  const callee = node.expression;
  const isOptional = ts.isPropertyAccessExpression(callee) && callee.questionDotToken !== undefined;
  if (isOptional || node.questionDotToken !== undefined) {
    throw new CompileError(node, 'optional chaining', 'compare with null first');
  }
  if (callee.kind === ts.SyntaxKind.SuperKeyword) return callSuperConstructor(context, node);
  if (ts.isPropertyAccessExpression(callee)) {
    const text = stringMethod(context, node, callee);
    if (text !== undefined) return text;
  }
  const target = context.compilation.checker.getResolvedSignature(node)?.declaration;
  if (target !== undefined && ts.isFunctionDeclaration(target) && ts.isIdentifier(callee)) {
    const symbol = symbolOf(context.compilation.checker, callee);
    if (symbol?.valueDeclaration === undefined || !ts.isFunctionDeclaration(symbol.valueDeclaration)) {
      throw new CompileError(node, 'a call of a function value', 'call a function by its name');
    }
    if ((symbol.declarations?.length ?? 0) > 1)
      throw new CompileError(node, 'an overloaded function', 'give each its name');
    return target.body === undefined ? callIntrinsic(context, node, target) : callFunction(context, node, target);
  }
  if (target !== undefined && ts.isMethodDeclaration(target) && ts.isPropertyAccessExpression(callee)) {
    if (ts.isClassDeclaration(target.parent)) return callThroughProperty(context, node, callee, target);
  }
  throw new CompileError(
    node,
    `the call \`${callee.getText()}()\``,
    'only functions and methods of the program can be called',
  );
}

function stringMethod(
  context: FunctionContext,
  node: ts.CallExpression,
  callee: ts.PropertyAccessExpression,
): Value | undefined {
  const type = context.compilation.checker.getTypeAtLocation(callee.expression);
  if ((type.flags & ts.TypeFlags.StringLike) === 0) return undefined;
  const [index] = node.arguments;
  if (callee.name.text !== 'charCodeAt' || index === undefined) {
    throw new CompileError(node, `the string method ${callee.name.text}`, 'strings have length and charCodeAt(index)');
  }
  const [text, at] = context.operands([
    () => lowerExpression(context, callee.expression),
    () => convert(context, lowerExpression(context, index), u64, index),
  ]);
  if (text === undefined || at === undefined) throw new CompileError(node, 'charCodeAt without an index');
  const address: Expression = { kind: 'binary', operator: '+', left: text.code, right: at.code };
  const code = context.callIntrinsic('load8', 1, true, [address]);
  return { code, type: { kind: 'integer', bits: 8, signed: false } };
}

/** `new C(arguments)`: memory from the program's allocator, the tag, the constructor. */
export function lowerNew(context: FunctionContext, node: ts.NewExpression): Value {
  const { compilation } = context;
  const declaration = symbolOf(compilation.checker, node.expression)?.declarations?.find(ts.isClassDeclaration);
  if (declaration === undefined) {
    throw new CompileError(node, `\`new ${node.expression.getText()}\``, 'only classes of the program can be made');
  }
  if (compilation.allocator === undefined) {
    throw new CompileError(node, '`new` in a program without an allocator', 'mark a function `/** @allocator */`');
  }
  const allocate = compilation.functionName(compilation.allocator);
  const size = compilation.classes.size(declaration);
  const target = compilation.checker.getResolvedSignature(node)?.declaration;
  const types = target !== undefined && ts.isConstructorDeclaration(target) ? parameterTypes(context, target) : [];
  const values = context.operands(argumentThunks(context, node, types)).map((value) => context.stable(value.code));
  const object = context.temporary(context.callFunction(allocate, [constant(size)]));
  emitTags(context, object, declaration, node);
  if (target !== undefined && ts.isConstructorDeclaration(target)) {
    const code = context.callFunction(compilation.functionName(target), [object, ...values]);
    context.emit({ kind: 'evaluate', value: code });
  }
  return { code: object, type: reference(declaration) };
}

/** `x instanceof C`: the tag is in the range of C and its descendants; null is no instance. */
export function instanceTags(context: FunctionContext, node: ts.BinaryExpression): { first: number; last: number } {
  const { checker, classes } = context.compilation;
  const declaration = symbolOf(checker, node.right)?.declarations?.find(ts.isClassDeclaration);
  const range = declaration === undefined ? undefined : classes.tagRange(classes.info(declaration));
  if (range === undefined) {
    throw new CompileError(
      node,
      `instanceof ${node.right.getText()}`,
      'the class has no tag: only families with an abstract or overridden method have one',
    );
  }
  return range;
}
