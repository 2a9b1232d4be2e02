/**
 * Compile errors: where, which construct, and what to write instead. One error ends the statement it is in, not the
 * compilation, so that one run reports as many as it can.
 */
import path from 'node:path';
import ts from 'typescript';

export interface Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint: string;
}

/** Thrown by the lowering where `node` is outside the dialect. */
export class CompileError extends Error {
  constructor(
    readonly node: ts.Node,
    readonly problem: string,
    readonly hint = '',
  ) {
    super(problem);
  }
}

/** Thrown where `node` cannot be compiled because of an error that has been reported. */
export class ConsequentError extends CompileError {}

export function locate(node: ts.Node, message: string, hint: string): Diagnostic {
  const source = node.getSourceFile();
  const { line, character } = source.getLineAndCharacterOfPosition(node.getStart(source));
  return { file: source.fileName, line: line + 1, column: character + 1, message, hint };
}

export function fromTypeScript(diagnostic: ts.Diagnostic): Diagnostic {
  const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n  ');
  if (diagnostic.file === undefined || diagnostic.start === undefined) {
    return { file: '', line: 0, column: 0, message, hint: '' };
  }
  const { line, character } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start);
  return { file: diagnostic.file.fileName, line: line + 1, column: character + 1, message, hint: '' };
}

/** `path:line:column: message (hint)`, with the path relative to `root`. */
function formatDiagnostic(diagnostic: Diagnostic, root: string): string {
  const place =
    diagnostic.file === '' ? '' : `${path.relative(root, diagnostic.file)}:${diagnostic.line}:${diagnostic.column}: `;
  return `${place}${diagnostic.message}${diagnostic.hint === '' ? '' : ` (${diagnostic.hint})`}`;
}

/** What a failed compilation throws to its caller. */
export class CompilationFailed extends Error {
  constructor(
    readonly diagnostics: readonly Diagnostic[],
    root: string,
  ) {
    super(diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, root)).join('\n'));
  }
}
