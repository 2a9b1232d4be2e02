/**
 * Dispatch over a closed family of classes: a function that compares the object's tag with the ranges of the classes
 * that share an implementation. GCC makes a jump of the chain.
 */
import ts from 'typescript';
import { parameterTypes, returnTypeOf } from './calls.js';
import { type ClassInfo, isAbstract, type Method } from './classes.js';
import { FunctionContext } from './context.js';
import { CompileError } from './errors.js';
import { compare, constant, type Expression, local } from './ir.js';

/** From this many callees on, a function that only chooses among them should save no registers for them. */
export const JUMP_TABLE_CALLS = 4;

interface Choice {
  readonly tags: number[];
  readonly method: Method;
}

function choices(context: FunctionContext, from: ClassInfo, name: string): Choice[] {
  const { classes } = context.compilation;
  const found = new Map<Method, number[]>();
  for (const info of classes.descendants(from)) {
    const tag = classes.tagRange(info)?.first;
    const method = classes.implementation(info, name);
    if (isAbstract(info.declaration) || tag === undefined || method === undefined || isAbstract(method)) continue;
    found.set(method, [...(found.get(method) ?? []), tag]);
  }
  return [...found].map(([method, tags]) => ({ method, tags }));
}

/** The lowered name of the dispatcher of `method` for receivers that derive from `from`. */
export function dispatcherName(caller: FunctionContext, method: Method, from: ClassInfo): string {
  const { compilation } = caller;
  const methodName = method.name.getText();
  const known = compilation.dispatchers.get(`${methodName} ${compilation.classIndex(from)}`);
  if (known !== undefined) return known;
  const name = compilation.names.unique(from.declaration, `${from.name}_${methodName}_dispatch`);
  compilation.dispatchers.set(`${methodName} ${compilation.classIndex(from)}`, name);
  const context = new FunctionContext(compilation, returnTypeOf(caller, method), undefined);
  const types = ts.isMethodDeclaration(method) ? parameterTypes(context, method) : [];
  const parameters = ['this_0', ...types.map((_, index) => `argument_${index}`)];
  const returns = context.returnType.kind !== 'void';
  const all = choices(context, from, methodName);
  if (all.length >= JUMP_TABLE_CALLS) {
    for (const { method: target } of all) compilation.outOfLine.add(compilation.functionName(target));
  }
  const last = all.pop();
  if (last === undefined) throw new CompileError(method, 'a method that no class implements', 'add a class');

  const body = context.capture(() => {
    const invoke = (target: Method): void => {
      const code = context.callFunction(compilation.functionName(target), parameters.map(local));
      if (returns) context.emit({ kind: 'return', value: code });
      else context.emit({ kind: 'evaluate', value: code });
      if (!returns) context.emit({ kind: 'return', value: undefined });
    };
    const tag = context.temporary(context.callIntrinsic('load32', 1, true, [local('this_0')]));
    for (const choice of all) {
      for (const number of choice.tags) {
        const condition: Expression = compare('===', tag, constant(number));
        context.emit({
          kind: 'if',
          condition,
          consequent: context.capture(() => invoke(choice.method)),
          alternate: [],
        });
      }
    }
    invoke(last.method);
  });
  compilation.functions.push({ name, parameters, returns, body, calls: context.calls });
  return name;
}
