/**
 * The state of one compilation: the checker, class layouts, constant data, names, and the queue of functions that
 * are reachable from the entry points.
 */
import ts from 'typescript';
import type { ClassInfo, ClassTable } from './classes.js';
import { Data } from './data.js';
import { CompileError, ConsequentError, type Diagnostic, locate } from './errors.js';
import type { LoweredFunction } from './ir.js';
import type { ModuleVariable } from './modules.js';
import type { FunctionNode, Names } from './names.js';
import type { TypeReader } from './types.js';

export class Compilation {
  readonly data = new Data();
  readonly diagnostics: Diagnostic[] = [];
  readonly functions: LoweredFunction[] = [];
  readonly intrinsics = new Map<string, { parameters: number; returns: boolean }>();
  readonly globals: { name: string; initial: bigint }[] = [];
  /** Module constants and variables, as far as they were needed. */
  readonly variables = new Map<ts.VariableDeclaration, ModuleVariable | 'running'>();
  /** Lowered names of functions that never return or are marked @cold. */
  readonly cold = new Set<string>();
  /** Lowered names of functions marked @inline. */
  readonly inlined = new Set<string>();
  /** Lowered names of functions that a jump table leads to. */
  readonly outOfLine = new Set<string>();
  /** The function marked @allocator, if the program has one. */
  allocator: ts.FunctionDeclaration | undefined;
  /** The function marked @deallocator, if the program has one. */
  deallocator: ts.FunctionDeclaration | undefined;
  readonly queue: FunctionNode[] = [];
  /** Dispatcher names by `method class-number`. */
  readonly dispatchers = new Map<string, string>();
  private readonly functionNames = new Map<FunctionNode, string>();

  constructor(
    readonly checker: ts.TypeChecker,
    readonly types: TypeReader,
    readonly classes: ClassTable,
    readonly names: Names,
    private readonly hasTypeErrors: boolean,
  ) {}

  /** The lowered name of a function, which thereby becomes part of the program. */
  functionName(node: FunctionNode): string {
    let name = this.functionNames.get(node);
    if (name === undefined) {
      name = this.names.ofFunction(node);
      this.functionNames.set(node, name);
      this.queue.push(node);
    }
    return name;
  }

  classIndex(info: ClassInfo): number {
    return this.classes.all().indexOf(info);
  }

  useIntrinsic(name: string, parameters: number, returns: boolean): void {
    this.intrinsics.set(name, { parameters, returns });
  }

  /** Runs `body`; an error in it is recorded and does not end the compilation. */
  attempt(body: () => void): void {
    try {
      body();
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      if (error instanceof ConsequentError || this.isConsequence(error.node)) return;
      const found = locate(error.node, error.problem, error.hint);
      const same = (other: Diagnostic): boolean =>
        other.file === found.file && other.line === found.line && other.message === found.message;
      if (!this.diagnostics.some(same)) this.diagnostics.push(found);
    }
  }

  /** True if tsc has reported what is wrong with `node` or something in it: its type is an error there. */
  private isConsequence(node: ts.Node): boolean {
    if (!this.hasTypeErrors) return false;
    const isAny = (part: ts.Node): boolean =>
      (ts.isExpression(part) || ts.isTypeNode(part)) &&
      (this.checker.getTypeAtLocation(part).flags & ts.TypeFlags.Any) !== 0;
    const search = (part: ts.Node): boolean => isAny(part) || (ts.forEachChild(part, search) ?? false);
    return search(node);
  }

  /** An error unless `node` is in a folder named arch/x86_64. */
  requireArchitectureFolder(node: ts.Node, what: string): void {
    if (node.getSourceFile().fileName.includes('/arch/x86_64/')) return;
    throw new CompileError(node, `${what} outside a folder named arch/x86_64`, 'wrap it in a function there');
  }
}

/** The text of a JSDoc tag such as `@entry symbol`, or undefined. */
export function documentationTag(node: ts.Node, name: string): string | undefined {
  const tag = ts.getJSDocTags(node).find((candidate) => candidate.tagName.text === name);
  if (tag === undefined) return undefined;
  return (ts.getTextOfJSDocComment(tag.comment) ?? '').trim();
}
