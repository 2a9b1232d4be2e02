/**
 * Names of compiled functions and variables: `folder_file_function`, `folder_file_Class_method`, so that backtraces,
 * debuggers and profiles read like the source. They are C identifiers and unique in the program.
 */
import path from 'node:path';
import ts from 'typescript';
import type { Method } from './classes.js';

export type FunctionNode = ts.FunctionDeclaration | Method | ts.ConstructorDeclaration;

export class Names {
  private readonly taken = new Set<string>();

  /** `root` is the folder of the project, `program` the folder whose name is left out (`kernel` or `server`). */
  constructor(
    private readonly root: string,
    private readonly program: string,
  ) {}

  private ofFile(file: ts.SourceFile): string {
    const parts = path.relative(this.root, file.fileName).replace(/\.ts$/, '').split(path.sep);
    if (parts[0] === this.program && parts.length > 1) parts.shift();
    return parts.filter((part) => part !== '..').join('_');
  }

  /** A unique name for what `node` declares; `detail` is its name within the file. */
  unique(node: ts.Node, detail: string): string {
    const wanted = `${this.ofFile(node.getSourceFile())}_${detail}`.replace(/[^A-Za-z0-9_]/g, '_');
    let name = wanted;
    for (let count = 2; this.taken.has(name); count++) name = `${wanted}_${count}`;
    this.taken.add(name);
    return name;
  }

  ofFunction(node: FunctionNode): string {
    const owner = ts.isClassDeclaration(node.parent) ? `${node.parent.name?.text ?? 'default'}_` : '';
    const own = ts.isConstructorDeclaration(node) ? 'constructor' : (node.name?.getText() ?? 'default');
    return this.unique(node, owner + own);
  }
}
