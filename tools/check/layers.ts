/**
 * Enforces the layers of the tree (docs/dialect.md, "Intrinsics"):
 *   - only files in a folder named arch/x86_64 use intrinsics or turn addresses into references (the other way is harmless);
 *   - kernel and server do not import each other, and lib imports neither.
 */
import { readFileSync } from 'node:fs';
import ts from 'typescript';

export interface Violation {
  file: string;
  line: number;
  text: string;
}

const ADDRESS_BUILTINS = ['reference', 'create', 'bytesOf'];

const isMachineFile = (file: string) => /(^|\/)arch\/x86_64\//.test(file);

/** Names of the functions that a declaration file of intrinsics declares. */
export function declaredFunctions(text: string): string[] {
  const source = ts.createSourceFile('intrinsics.d.ts', text, ts.ScriptTarget.ES2022);
  return source.statements.flatMap((statement) =>
    ts.isFunctionDeclaration(statement) && statement.name !== undefined ? [statement.name.text] : [],
  );
}

/** Checks one dialect source. `file` is its path from the project's root. */
export function checkFile(file: string, text: string, intrinsics: ReadonlySet<string>): Violation[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const violations: Violation[] = [];
  const report = (node: ts.Node, message: string) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    violations.push({ file, line: line + 1, text: message });
  };
  const own = ownNames(source);
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const crossed = crossedBorder(file, node.moduleSpecifier.text);
      if (crossed !== undefined) report(node, crossed);
    }
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && !isMachineFile(file)) {
      const name = node.expression.text;
      if (!own.has(name) && (intrinsics.has(name) || ADDRESS_BUILTINS.includes(name))) {
        report(node, `${name}() belongs in a folder named arch/x86_64`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return violations;
}

/** Functions and imports of the file itself, which hide an intrinsic of the same name. */
function ownNames(source: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  for (const statement of source.statements) {
    if (ts.isFunctionDeclaration(statement) && statement.name !== undefined) names.add(statement.name.text);
    if (!ts.isImportDeclaration(statement)) continue;
    const bindings = statement.importClause?.namedBindings;
    if (bindings !== undefined && ts.isNamedImports(bindings)) {
      for (const element of bindings.elements) names.add(element.name.text);
    }
  }
  return names;
}

function crossedBorder(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return `${specifier} is not part of the project`;
  const target = new URL(specifier, `file:///${file}`).pathname.split('/')[1] ?? '';
  const from = file.split('/')[0] ?? '';
  if (target === from || target === 'lib') return undefined;
  return `${from} must not import ${target}`;
}

/** Every violation in `files`, each read from the current directory. */
export function checkTree(files: string[]): Violation[] {
  const dialect = files.filter((file) => /^(kernel|server|lib|app)\//.test(file) && !/\.test\.ts$/.test(file));
  const intrinsics = new Set(
    dialect
      .filter((file) => file.endsWith('/intrinsics.d.ts'))
      .flatMap((file) => declaredFunctions(readFileSync(file, 'utf8'))),
  );
  return dialect
    .filter((file) => !file.endsWith('.d.ts'))
    .flatMap((file) => checkFile(file, readFileSync(file, 'utf8'), intrinsics));
}
