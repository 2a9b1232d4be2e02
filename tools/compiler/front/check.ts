/**
 * Constructs of TypeScript that are outside the dialect, with what to write instead.
 */
import ts from 'typescript';
import { CompileError } from './errors.js';

const { SyntaxKind } = ts;

const expressions: ReadonlyMap<ts.SyntaxKind, readonly [string, string]> = new Map([
  [SyntaxKind.ArrowFunction, ['a function value', 'there are no closures: use an abstract method']],
  [SyntaxKind.FunctionExpression, ['a function value', 'there are no closures: use an abstract method']],
  [SyntaxKind.ClassExpression, ['a class expression', 'write a class declaration']],
  [SyntaxKind.ObjectLiteralExpression, ['an object literal', 'write a class, and reserve() or new']],
  [
    SyntaxKind.ArrayLiteralExpression,
    ['an array literal', 'a constant table is a module constant; storage is Fixed<T, N>'],
  ],
  [SyntaxKind.TemplateExpression, ['a template string', 'strings are constants: write the parts one by one']],
  [SyntaxKind.TaggedTemplateExpression, ['a tagged template', 'strings are constants']],
  [SyntaxKind.RegularExpressionLiteral, ['a regular expression', 'compare characters']],
  [SyntaxKind.BigIntLiteral, ['a bigint literal', 'every number is 64 bits wide: leave out the n']],
  [SyntaxKind.AwaitExpression, ['await', 'there is no event loop']],
  [SyntaxKind.YieldExpression, ['yield', 'there are no generators']],
  [SyntaxKind.DeleteExpression, ['delete', 'fields are fixed']],
  [SyntaxKind.TypeOfExpression, ['typeof', 'types are known when the program is built']],
  [SyntaxKind.VoidExpression, ['void', 'write a statement']],
  [SyntaxKind.SpreadElement, ['a spread', 'pass every argument']],
  [SyntaxKind.SatisfiesExpression, ['satisfies', 'declare the type']],
  [SyntaxKind.TypeAssertionExpression, ['a type assertion in angle brackets', 'write `x as T`']],
  [SyntaxKind.MetaProperty, ['a meta property', 'not an expression of the dialect']],
]);

const statements: ReadonlyMap<ts.SyntaxKind, readonly [string, string]> = new Map([
  [SyntaxKind.TryStatement, ['try', 'there are no exceptions: return an error number']],
  [SyntaxKind.ThrowStatement, ['throw', 'there are no exceptions: return an error number, or panic']],
  [SyntaxKind.ForInStatement, ['for-in', 'use for-of or an index']],
  [SyntaxKind.WithStatement, ['with', 'name the object']],
  [SyntaxKind.DebuggerStatement, ['debugger', 'use make debug']],
  [SyntaxKind.FunctionDeclaration, ['a nested function', 'declare it at module level']],
  [SyntaxKind.ClassDeclaration, ['a nested class', 'declare it at module level']],
  [SyntaxKind.EnumDeclaration, ['a nested enum', 'declare it at module level']],
  [SyntaxKind.InterfaceDeclaration, ['a nested interface', 'declare a class at module level']],
]);

export function rejectExpression(node: ts.Expression): never {
  const [what, hint] = expressions.get(node.kind) ?? [`the expression \`${node.getText()}\``, 'not in the dialect'];
  throw new CompileError(node, what, hint);
}

export function rejectStatement(node: ts.Statement): never {
  const [what, hint] = statements.get(node.kind) ?? [`a ${SyntaxKind[node.kind]}`, 'not in the dialect'];
  throw new CompileError(node, what, hint);
}

/** A function that the dialect has: named, with a body, and neither async nor a generator. */
export function checkFunction(node: ts.FunctionLikeDeclaration): void {
  const isAsync = node.modifiers?.some((modifier) => modifier.kind === SyntaxKind.AsyncKeyword) ?? false;
  if (isAsync) throw new CompileError(node, 'an async function', 'there is no event loop');
  if (node.asteriskToken !== undefined) throw new CompileError(node, 'a generator', 'write a loop');
}

/** A top-level statement that the dialect has. */
export function checkTopLevel(node: ts.Statement): void {
  if (ts.isExpressionStatement(node)) {
    if (ts.isCallExpression(node.expression) && node.expression.expression.getText() === 'staticAssert') return;
    throw new CompileError(node, 'a statement at module level', 'nothing runs when a module is loaded');
  }
  if (ts.isImportDeclaration(node)) {
    checkImport(node);
    return;
  }
  if (ts.isExportDeclaration(node)) {
    if (node.exportClause === undefined || ts.isNamespaceExport(node.exportClause)) {
      throw new CompileError(node, 'export *', 'export by name');
    }
    return;
  }
  if (ts.isExportAssignment(node)) throw new CompileError(node, 'a default export', 'export by name');
  if (ts.isInterfaceDeclaration(node))
    throw new CompileError(node, 'an interface', 'write a class: an interface has no layout');
  if (ts.isModuleDeclaration(node)) throw new CompileError(node, 'a namespace', 'a file is a module');
  if (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) {
    const isDefault = node.modifiers?.some((modifier) => modifier.kind === SyntaxKind.DefaultKeyword) ?? false;
    if (isDefault || node.name === undefined) throw new CompileError(node, 'a default export', 'export by name');
    if (ts.isClassDeclaration(node)) checkClass(node);
    return;
  }
  if (ts.isVariableStatement(node)) {
    checkVariables(node);
    return;
  }
  if (ts.isEnumDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
  if (node.kind === SyntaxKind.EmptyStatement) return;
  throw new CompileError(node, 'a statement at module level', 'nothing runs when a module is loaded');
}

function checkVariables(node: ts.VariableStatement): void {
  if ((node.declarationList.flags & ts.NodeFlags.BlockScoped) === 0) {
    throw new CompileError(node, 'var', 'write let or const');
  }
  for (const { name } of node.declarationList.declarations) {
    if (!ts.isIdentifier(name)) throw new CompileError(name, 'destructuring', 'name each value');
  }
}

function checkImport(node: ts.ImportDeclaration): void {
  const clause = node.importClause;
  if (clause === undefined)
    throw new CompileError(node, 'an import for its effects', 'nothing runs when a module is loaded');
  if (clause.name !== undefined) throw new CompileError(node, 'a default import', 'import by name');
  if (clause.namedBindings !== undefined && ts.isNamespaceImport(clause.namedBindings)) {
    throw new CompileError(node, 'import * as', 'import by name');
  }
}

/** What would run when the class is defined, which nothing does. */
function checkDecorators(node: ts.ClassDeclaration | ts.ClassElement): void {
  if (ts.canHaveDecorators(node) && (ts.getDecorators(node) ?? []).length > 0) {
    throw new CompileError(node, 'a decorator', 'nothing runs when a class is declared: call a function');
  }
}

function checkField(node: ts.PropertyDeclaration): void {
  if (node.questionToken !== undefined) {
    throw new CompileError(node, 'an optional field', 'every object has all fields: write `C | null`, or a flag');
  }
  if (node.modifiers?.some((modifier) => modifier.kind === SyntaxKind.AccessorKeyword)) {
    throw new CompileError(node, 'an accessor field', 'write a field, or a getter and a method');
  }
}

function checkMethod(node: ts.MethodDeclaration): void {
  const isAbstract = node.modifiers?.some((modifier) => modifier.kind === SyntaxKind.AbstractKeyword) ?? false;
  if (node.body === undefined && !isAbstract) {
    throw new CompileError(node, 'an overloaded method', 'a name has one list of parameters and one body');
  }
  checkFunction(node);
}

function checkClass(node: ts.ClassDeclaration): void {
  checkDecorators(node);
  for (const clause of node.heritageClauses ?? []) {
    if (clause.token === SyntaxKind.ImplementsKeyword) {
      throw new CompileError(clause, 'implements', 'extend an abstract class');
    }
  }
  for (const member of node.members) {
    checkDecorators(member);
    if (ts.isPropertyDeclaration(member)) checkField(member);
    if (ts.isMethodDeclaration(member)) checkMethod(member);
    if (ts.isSetAccessorDeclaration(member)) throw new CompileError(member, 'a setter', 'write a method');
    if (ts.isIndexSignatureDeclaration(member)) throw new CompileError(member, 'an index signature', 'use Fixed<T, N>');
    if (ts.isClassStaticBlockDeclaration(member))
      throw new CompileError(member, 'a static block', 'nothing runs at load');
    if (member.name !== undefined && !ts.isIdentifier(member.name)) {
      throw new CompileError(
        member.name,
        `the member name ${member.name.getText()}`,
        'use a plain name; hide with `private`',
      );
    }
  }
}
