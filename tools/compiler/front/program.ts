/**
 * From a checked TypeScript program to a lowered one: entry points first, then whatever they reach. Functions are
 * printed callees first, because Porffor's code generation follows calls.
 */
import ts from 'typescript';
import type { LoweredProgram } from '../lowered.js';
import { checkFunction, checkTopLevel } from './check.js';
import { ClassTable } from './classes.js';
import { Compilation, documentationTag } from './compilation.js';
import { CompilationFailed, CompileError, locate } from './errors.js';
import { lowerFunction } from './functions.js';
import { createProgram, programFolder, type Sources } from './host.js';
import type { LoweredFunction } from './ir.js';
import { moduleVariable } from './modules.js';
import { type FunctionNode, Names } from './names.js';
import { printFunction } from './print.js';
import { lowerTopLevelAssertion } from './toplevel.js';
import { describe, TypeReader } from './types.js';

export interface LowerOptions extends Sources {
  /** Lower every function, not only what the entry points reach. */
  readonly everything?: boolean;
  /** Make every exported function an entry point by its readable name, for host tests. */
  readonly exportsAreEntries?: boolean;
}

interface EntryPoint {
  readonly node: ts.FunctionDeclaration;
  /** What assembly calls it; undefined: its own name. */
  readonly symbol: string | undefined;
}

const isExported = (node: ts.FunctionDeclaration): boolean =>
  node.body !== undefined &&
  (node.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword) ?? false);

const hasBody = (node: ts.Node): node is FunctionNode =>
  (ts.isFunctionDeclaration(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isGetAccessorDeclaration(node) ||
    ts.isConstructorDeclaration(node)) &&
  node.body !== undefined;

/** Checks what is outside functions, and finds the entry points and the allocator. */
function survey(compilation: Compilation, files: readonly ts.SourceFile[], exported: boolean): EntryPoint[] {
  const entries: EntryPoint[] = [];
  for (const file of files) {
    for (const statement of file.statements) {
      compilation.attempt(() => {
        checkTopLevel(statement);
        if (ts.isExpressionStatement(statement)) lowerTopLevelAssertion(compilation, statement);
        if (!ts.isFunctionDeclaration(statement)) return;
        if (documentationTag(statement, 'allocator') !== undefined) compilation.allocator = statement;
        if (documentationTag(statement, 'deallocator') !== undefined) compilation.deallocator = statement;
        const symbol = documentationTag(statement, 'entry')?.split(/[\s:]/)[0];
        if (symbol === undefined) {
          if (exported && isExported(statement)) entries.push({ node: statement, symbol: undefined });
          return;
        }
        if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(symbol)) {
          throw new CompileError(statement, 'an entry point without a symbol', 'write /** @entry symbol_name */');
        }
        checkFunction(statement);
        entries.push({ node: statement, symbol });
      });
    }
  }
  return entries;
}

function lowerQueue(compilation: Compilation, entries: ReadonlySet<FunctionNode>): void {
  for (let node = compilation.queue.shift(); node !== undefined; node = compilation.queue.shift()) {
    const current = node;
    compilation.attempt(() => {
      lowerFunction(compilation, current, compilation.functionName(current), entries.has(current));
    });
  }
}

/** Queues every function and evaluates every module variable, for `make check`. */
function queueEverything(compilation: Compilation, files: readonly ts.SourceFile[]): void {
  for (const file of files) {
    for (const statement of file.statements) {
      if (ts.isVariableStatement(statement)) {
        for (const declaration of statement.declarationList.declarations) {
          compilation.attempt(() => moduleVariable(compilation, declaration));
        }
      }
      const members: readonly ts.Node[] = ts.isClassDeclaration(statement) ? statement.members : [statement];
      for (const member of members) if (hasBody(member)) compilation.functionName(member);
    }
  }
}

/** Callees before callers, as far as recursion allows. */
function calleesFirst(functions: readonly LoweredFunction[]): LoweredFunction[] {
  const byName = new Map(functions.map((lowered) => [lowered.name, lowered]));
  const done = new Set<string>();
  const ordered: LoweredFunction[] = [];
  const visit = (lowered: LoweredFunction): void => {
    if (done.has(lowered.name)) return;
    done.add(lowered.name);
    for (const name of lowered.calls) {
      const callee = byName.get(name);
      if (callee !== undefined) visit(callee);
    }
    ordered.push(lowered);
  };
  for (const lowered of functions) visit(lowered);
  return ordered;
}

function assemble(compilation: Compilation, entries: readonly EntryPoint[]): LoweredProgram {
  const functions = calleesFirst(compilation.functions);
  const byName = new Map(functions.map((lowered) => [lowered.name, lowered]));
  const globals = compilation.globals.map((variable) => `let ${variable.name} = 0;`);
  return {
    source: `${[...globals, ...functions.map(printFunction)].join('\n')}\n`,
    intrinsics: [...compilation.intrinsics]
      .filter(([name]) => !name.startsWith('__'))
      .map(([name, shape]) => ({ name, ...shape })),
    entries: entries.map(({ node, symbol }) => {
      const name = compilation.functionName(node);
      const lowered = byName.get(name);
      return {
        name,
        symbol: symbol ?? name,
        parameters: lowered?.parameters.length ?? 0,
        returns: lowered?.returns ?? false,
      };
    }),
    symbols: new Map(functions.map((lowered) => [lowered.name, lowered.name])),
    readOnlyData: compilation.data.readOnly(),
    staticBytes: compilation.data.staticBytes,
    initialGlobals: new Map(
      compilation.globals.filter((variable) => variable.initial !== 0n).map(({ name, initial }) => [name, initial]),
    ),
    cold: compilation.cold,
    inlined: compilation.inlined,
    outOfLine: compilation.outOfLine,
    layouts: compilation.classes.all().map((info) => ({
      class: info.name,
      size: compilation.classes.size(info.declaration),
      fields: compilation.classes.fields(info).map(({ name, offset, size }) => ({ name, offset, size })),
    })),
  };
}

/** Overriding methods take and return what the overridden one does: the caller converts by the base's types. */
function checkOverrides(compilation: Compilation): void {
  const { classes, types } = compilation;
  for (const info of classes.all()) {
    for (const member of info.declaration.members) {
      if (info.base === undefined || !ts.isMethodDeclaration(member)) continue;
      const overridden = classes.implementation(info.base, member.name.getText());
      if (overridden === undefined || !ts.isMethodDeclaration(overridden)) continue;
      compilation.attempt(() => {
        if (member.type !== undefined && overridden.type !== undefined) {
          const [own, base] = [types.read(member.type), types.read(overridden.type)];
          if (own.kind !== 'reference' && describe(own) !== describe(base)) {
            throw new CompileError(
              member.type,
              `${describe(own)} where the overridden method gives ${describe(base)}`,
              'repeat its types',
            );
          }
        }
        member.parameters.forEach((parameter, index) => {
          const other = overridden.parameters[index]?.type;
          if (parameter.type === undefined || other === undefined) return;
          const [own, base] = [types.read(parameter.type), types.read(other)];
          if (own.kind !== 'reference' && describe(own) !== describe(base)) {
            throw new CompileError(
              parameter,
              `${describe(own)} where the overridden method has ${describe(base)}`,
              'repeat its types',
            );
          }
        });
      });
    }
  }
}

/** Lowers a program; throws CompilationFailed with every error found. */
export function lowerProgram(options: LowerOptions): LoweredProgram {
  const { program, diagnostics } = createProgram(options);
  if (diagnostics.length > 0 && options.everything !== true) throw new CompilationFailed(diagnostics, options.root);
  const checker = program.getTypeChecker();
  const files = program.getSourceFiles().filter((file) => !file.isDeclarationFile);
  const types = new TypeReader(checker);
  const folder = programFolder(options);
  try {
    const classes = new ClassTable(checker, types, files);
    const compilation = new Compilation(
      checker,
      types,
      classes,
      new Names(options.root, folder),
      diagnostics.length > 0,
    );
    const entries = survey(compilation, files, options.exportsAreEntries === true);
    checkOverrides(compilation);
    for (const { node } of entries) compilation.functionName(node);
    if (options.everything === true) queueEverything(compilation, files);
    lowerQueue(compilation, new Set(entries.map(({ node }) => node)));
    const found = [...diagnostics, ...compilation.diagnostics];
    if (found.length > 0) throw new CompilationFailed(found, options.root);
    return assemble(compilation, entries);
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    throw new CompilationFailed([locate(error.node, error.problem, error.hint)], options.root);
  }
}
