/**
 * The functions of lib/dialect.d.ts: constants about layouts, and the border between references and addresses.
 */
import ts from 'typescript';
import type { Compilation } from './compilation.js';
import type { FunctionContext, Value } from './context.js';
import { convert } from './convert.js';
import { CompileError } from './errors.js';
import { lowerExpression } from './expressions.js';
import { add, constant, type Expression } from './ir.js';
import { evaluateConstant } from './modules.js';
import {
  type ClassNode,
  i64,
  isDialectDeclaration,
  nothing,
  reference,
  symbolOf,
  u64,
  type ValueType,
} from './types.js';

/** Objects up to this many bytes are zeroed by stores, larger ones by fillBytes. */
const ZEROED_BY_STORES = 64;

function builtInName(compilation: Compilation, node: ts.CallExpression): string | undefined {
  if (!ts.isIdentifier(node.expression)) return undefined;
  const declaration = symbolOf(compilation.checker, node.expression)?.declarations?.[0];
  if (declaration === undefined || !isDialectDeclaration(declaration)) return undefined;
  return node.expression.text;
}

export const isBuiltIn = (compilation: Compilation, node: ts.CallExpression, name: string): boolean =>
  builtInName(compilation, node) === name;

function typeArgument(context: FunctionContext, node: ts.CallExpression): ValueType {
  const argument = node.typeArguments?.[0];
  if (argument === undefined) {
    throw new CompileError(node, `${node.expression.getText()} without a type`, 'write the type: sizeOf<C>()');
  }
  return context.compilation.types.read(argument);
}

function classArgument(context: FunctionContext, node: ts.CallExpression): ClassNode {
  const type = typeArgument(context, node);
  if (type.kind === 'reference' && type.class !== undefined) return type.class;
  throw new CompileError(node, `${node.expression.getText()} of something that is no class`, 'name a class');
}

/** Bytes of what a type names: of the object, for a class. */
function sizeOf(context: FunctionContext, node: ts.CallExpression): number {
  const type = typeArgument(context, node);
  if (type.kind === 'reference' && type.class !== undefined) return context.compilation.classes.size(type.class);
  return context.compilation.classes.storage(type).size;
}

function offsetOf(context: FunctionContext, node: ts.CallExpression): number {
  const declaration = classArgument(context, node);
  const name = node.arguments[0];
  if (name === undefined || !ts.isStringLiteralLike(name)) {
    throw new CompileError(node, 'offsetOf without a field name', "write offsetOf<C>('field')");
  }
  const { classes } = context.compilation;
  const field = classes.fields(classes.info(declaration)).find((candidate) => candidate.name === name.text);
  if (field === undefined) throw new CompileError(name, `no field ${name.text}`, 'name a field of the class');
  return field.offset;
}

/** Emits stores that zero `size` bytes at a stable address. */
function emitZero(context: FunctionContext, address: Expression, size: number): void {
  if (size > ZEROED_BY_STORES) {
    const value = context.callIntrinsic('fillBytes', 3, false, [address, constant(0), constant(size)]);
    context.emit({ kind: 'evaluate', value });
    return;
  }
  let offset = 0;
  for (const width of [8, 4, 2, 1]) {
    while (size - offset >= width) {
      const value = context.callIntrinsic(`store${width * 8}`, 2, false, [add(address, offset), constant(0)]);
      context.emit({ kind: 'evaluate', value });
      offset += width;
    }
  }
}

/** Emits the stores that tell the class of an object and of what is embedded in it. */
export function emitTags(context: FunctionContext, address: Expression, declaration: ClassNode, node: ts.Node): void {
  const { classes } = context.compilation;
  const info = classes.info(declaration);
  const range = classes.tagRange(info);
  if (range !== undefined) {
    const value = context.callIntrinsic('store32', 2, false, [address, constant(range.first)]);
    context.emit({ kind: 'evaluate', value });
  }
  for (const field of classes.fields(info)) {
    if (field.type.kind === 'inline') emitTags(context, add(address, field.offset), field.type.class, node);
    if (field.type.kind === 'fixed' && field.type.element.kind === 'inline') {
      if (classes.tagRange(classes.info(field.type.element.class)) !== undefined) {
        throw new CompileError(node, `tagged objects in the array ${field.name}`, 'create<C>() each of them');
      }
    }
  }
}

/** The only argument, as a u64. */
function lowerAddress(context: FunctionContext, node: ts.CallExpression): Value {
  const [argument] = node.arguments;
  if (argument === undefined) throw new CompileError(node, 'a built-in without an argument');
  return convert(context, lowerExpression(context, argument), u64, argument);
}

function lowerCreate(context: FunctionContext, node: ts.CallExpression): Value {
  const declaration = classArgument(context, node);
  const address = context.stable(lowerAddress(context, node).code);
  emitZero(context, address, context.compilation.classes.size(declaration));
  emitTags(context, address, declaration, node);
  return { code: address, type: reference(declaration) };
}

function staticAssert(context: FunctionContext, node: ts.CallExpression): Value {
  const [condition, why] = node.arguments;
  if (condition === undefined || why === undefined || !ts.isStringLiteralLike(why)) {
    throw new CompileError(node, 'staticAssert without a reason', "write staticAssert(condition, 'why')");
  }
  const value = evaluateConstant(context.compilation, condition, 'staticAssert takes a constant condition');
  if (value.code.kind === 'constant' && value.code.value === 0n) {
    throw new CompileError(node, `assertion failed: ${why.text}`, condition.getText());
  }
  return { code: constant(0), type: nothing };
}

function addressOf(context: FunctionContext, node: ts.CallExpression): Value {
  const [argument] = node.arguments;
  if (argument === undefined) throw new CompileError(node, 'addressOf without an argument');
  const value = lowerExpression(context, argument);
  const { kind } = value.type;
  if (kind !== 'reference' && kind !== 'inline' && kind !== 'fixed') {
    throw new CompileError(argument, 'addressOf of a value', 'only objects and Fixed have an address');
  }
  return { code: value.code, type: u64 };
}

/** A count of bits: one WebAssembly operation. */
function countBits(context: FunctionContext, node: ts.CallExpression, name: string): Value {
  const code = context.callIntrinsic(name, 1, true, [lowerAddress(context, node).code]);
  return { code, type: u64, bits: 7 };
}

/** The mirror of `new`: hands the object's address to the program's deallocator. */
function dispose(context: FunctionContext, node: ts.CallExpression): Value {
  const { deallocator } = context.compilation;
  if (deallocator === undefined) {
    throw new CompileError(node, 'dispose in a program without a deallocator', 'mark a function `/** @deallocator */`');
  }
  const name = context.compilation.functionName(deallocator);
  return { code: context.callFunction(name, [addressOf(context, node).code]), type: nothing };
}

/** The value of a call of a built-in function, or undefined if it is none. */
export function lowerBuiltIn(context: FunctionContext, node: ts.CallExpression): Value | undefined {
  const name = builtInName(context.compilation, node);
  switch (name) {
    case undefined:
      return undefined;
    case 'sizeOf':
      return { code: constant(sizeOf(context, node)), type: i64 };
    case 'offsetOf':
      return { code: constant(offsetOf(context, node)), type: i64 };
    case 'staticAssert':
      return staticAssert(context, node);
    case 'addressOf':
      return addressOf(context, node);
    case 'create':
      context.compilation.requireArchitectureFolder(node, name);
      return lowerCreate(context, node);
    case 'reference':
      context.compilation.requireArchitectureFolder(node, name);
      return { code: lowerAddress(context, node).code, type: typeArgument(context, node) };
    case 'bytesOf': {
      context.compilation.requireArchitectureFolder(node, name);
      const [argument] = node.arguments;
      if (argument === undefined) throw new CompileError(node, 'bytesOf without a string');
      return {
        code: convert(context, lowerExpression(context, argument), { kind: 'string' }, argument).code,
        type: u64,
      };
    }
    case 'trailingZeros':
      return countBits(context, node, '__ctz');
    case 'leadingZeros':
      return countBits(context, node, '__clz');
    case 'populationCount':
      return countBits(context, node, '__popcnt');
    case 'dispose':
      return dispose(context, node);
    case 'reserve':
      throw new CompileError(
        node,
        'reserve() inside a function',
        'declare a module constant: `const x: T = reserve()`',
      );
    default:
      throw new CompileError(node, `the built-in ${name}`, 'not a function of the dialect');
  }
}
