/**
 * The classes of a program: who derives from whom, which families need a tag, and where each field lies.
 *
 * A family is a base class with all that derives from it. If any method in it is abstract or overridden the family is
 * tagged: a u32 at offset 0 holds the number of the concrete class. Numbers are given in preorder, so that the
 * descendants of a class are one range.
 */
import ts from 'typescript';
import { CompileError } from './errors.js';
import { type ClassNode, symbolOf, type TypeReader, type ValueType } from './types.js';

export interface Field {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  readonly type: ValueType;
}

export interface ClassInfo {
  readonly declaration: ClassNode;
  readonly name: string;
  readonly base: ClassInfo | undefined;
  readonly derived: ClassInfo[];
}

interface Layout {
  readonly end: number;
  readonly size: number;
  readonly alignment: number;
  readonly fields: ReadonlyMap<ts.PropertyDeclaration, Field>;
}

/** Inclusive range of tags. */
interface TagRange {
  readonly first: number;
  readonly last: number;
}

const TAG_BYTES = 4;
const roundUp = (value: number, alignment: number): number => Math.ceil(value / alignment) * alignment;

const hasModifier = (node: ts.HasModifiers, kind: ts.SyntaxKind): boolean =>
  node.modifiers?.some((modifier) => modifier.kind === kind) ?? false;
export const isStatic = (node: ts.HasModifiers): boolean => hasModifier(node, ts.SyntaxKind.StaticKeyword);
export const isAbstract = (node: ts.HasModifiers): boolean => hasModifier(node, ts.SyntaxKind.AbstractKeyword);

export type Method = ts.MethodDeclaration | ts.GetAccessorDeclaration;
const isInstanceMethod = (member: ts.ClassElement): member is Method =>
  (ts.isMethodDeclaration(member) || ts.isGetAccessorDeclaration(member)) && !isStatic(member);

export class ClassTable {
  private readonly infos = new Map<ClassNode, ClassInfo>();
  private readonly layouts = new Map<ClassNode, Layout | 'running'>();
  private readonly tags = new Map<ClassInfo, TagRange>();

  constructor(
    private readonly checker: ts.TypeChecker,
    private readonly types: TypeReader,
    files: readonly ts.SourceFile[],
  ) {
    for (const file of files) {
      for (const statement of file.statements) if (ts.isClassDeclaration(statement)) this.info(statement);
    }
    for (const info of this.all()) if (info.base === undefined && this.needsTag(info)) this.numberFamily(info, 1);
  }

  all(): ClassInfo[] {
    return [...this.infos.values()];
  }

  info(declaration: ClassNode): ClassInfo {
    const known = this.infos.get(declaration);
    if (known !== undefined) return known;
    const clause = declaration.heritageClauses?.find((heritage) => heritage.token === ts.SyntaxKind.ExtendsKeyword);
    const parent = clause?.types[0];
    let base: ClassInfo | undefined;
    if (parent !== undefined) {
      const found = symbolOf(this.checker, parent.expression)?.declarations?.find(ts.isClassDeclaration);
      if (found === undefined) throw new CompileError(parent, 'an unknown base class', 'extend a class of the program');
      base = this.info(found);
    }
    const info: ClassInfo = { declaration, name: declaration.name?.text ?? 'default', base, derived: [] };
    base?.derived.push(info);
    this.infos.set(declaration, info);
    return info;
  }

  /** True if `info` is `ancestor` or derives from it. */
  derives(info: ClassInfo, ancestor: ClassInfo): boolean {
    for (let at: ClassInfo | undefined = info; at !== undefined; at = at.base) if (at === ancestor) return true;
    return false;
  }

  descendants(info: ClassInfo): ClassInfo[] {
    return [info, ...info.derived.flatMap((derived) => this.descendants(derived))];
  }

  private methodNames(info: ClassInfo): string[] {
    return info.declaration.members.filter(isInstanceMethod).map((member) => member.name.getText());
  }

  private needsTag(root: ClassInfo): boolean {
    const overrides = (info: ClassInfo, inherited: ReadonlySet<string>): boolean => {
      const own = this.methodNames(info);
      if (info.declaration.members.some((member) => isInstanceMethod(member) && isAbstract(member))) return true;
      if (own.some((name) => inherited.has(name))) return true;
      const all = new Set([...inherited, ...own]);
      return info.derived.some((derived) => overrides(derived, all));
    };
    return overrides(root, new Set());
  }

  private numberFamily(info: ClassInfo, first: number): number {
    let next = first + 1;
    for (const derived of info.derived) next = this.numberFamily(derived, next);
    this.tags.set(info, { first, last: next - 1 });
    return next;
  }

  /** The tags of a class and its descendants; undefined if the family is not tagged. */
  tagRange(info: ClassInfo): TagRange | undefined {
    return this.tags.get(info);
  }

  /** The declaration that a call of `name` on an object of exactly this class runs. */
  implementation(info: ClassInfo, name: string): Method | undefined {
    for (let at: ClassInfo | undefined = info; at !== undefined; at = at.base) {
      for (const member of at.declaration.members) {
        if (isInstanceMethod(member) && member.name.getText() === name) return member;
      }
    }
    return undefined;
  }

  size(declaration: ClassNode): number {
    return this.layout(this.info(declaration)).size;
  }

  field(declaration: ts.PropertyDeclaration): Field {
    const owner = declaration.parent;
    if (!ts.isClassDeclaration(owner))
      throw new CompileError(declaration, 'a class expression', 'write a class declaration');
    const field = this.layout(this.info(owner)).fields.get(declaration);
    if (field === undefined) throw new CompileError(declaration, 'a static field', 'write a module variable');
    return field;
  }

  /** All fields of an object of this class, inherited ones first. */
  fields(info: ClassInfo): Field[] {
    const inherited = info.base === undefined ? [] : this.fields(info.base);
    return [...inherited, ...this.layout(info).fields.values()];
  }

  /** Bytes and alignment of a value of this type in memory. */
  storage(type: ValueType): { size: number; alignment: number } {
    switch (type.kind) {
      case 'integer':
      case 'enum':
        return { size: type.bits / 8, alignment: type.bits / 8 };
      case 'boolean':
        return { size: 1, alignment: 1 };
      case 'reference':
      case 'string':
      case 'table':
        return { size: 8, alignment: 8 };
      case 'inline': {
        const layout = this.layout(this.info(type.class));
        return { size: layout.size, alignment: layout.alignment };
      }
      case 'fixed': {
        const element = this.storage(type.element);
        return { size: element.size * Number(type.length), alignment: element.alignment };
      }
      case 'void':
        return { size: 0, alignment: 1 };
    }
  }

  private layout(info: ClassInfo): Layout {
    const known = this.layouts.get(info.declaration);
    if (known === 'running') {
      throw new CompileError(
        info.declaration,
        `class ${info.name} contains itself`,
        'use a reference instead of Inline',
      );
    }
    if (known !== undefined) return known;
    this.layouts.set(info.declaration, 'running');
    try {
      const layout = this.computeLayout(info);
      this.layouts.set(info.declaration, layout);
      return layout;
    } catch (error) {
      this.layouts.delete(info.declaration);
      throw error;
    }
  }

  private computeLayout(info: ClassInfo): Layout {
    const base = info.base === undefined ? undefined : this.layout(info.base);
    const tag = base === undefined && this.tags.has(info) ? TAG_BYTES : 0;
    let end = base?.end ?? tag;
    let alignment = Math.max(base?.alignment ?? 1, tag, 1);
    const fields = new Map<ts.PropertyDeclaration, Field>();
    for (const member of info.declaration.members) {
      if (!ts.isPropertyDeclaration(member) || isStatic(member)) continue;
      const name = member.name.getText();
      if (info.base !== undefined && this.fields(info.base).some((inherited) => inherited.name === name)) {
        throw new CompileError(
          member,
          `the field ${name}, which a base class has`,
          'it would be stored twice: rename it',
        );
      }
      const field = this.placeField(member, end);
      fields.set(member, field.field);
      end = field.field.offset + field.field.size;
      alignment = Math.max(alignment, field.alignment);
    }
    return { end, size: Math.max(roundUp(end, alignment), 1), alignment, fields };
  }

  private placeField(member: ts.PropertyDeclaration, end: number): { field: Field; alignment: number } {
    if (member.type === undefined) throw new CompileError(member, 'a field without a type', 'write its sized type');
    if (member.initializer !== undefined) {
      throw new CompileError(
        member.initializer,
        'a field initializer',
        'fields start as zero: assign in the constructor',
      );
    }
    const type = this.types.read(member.type);
    if (type.kind === 'table' || type.kind === 'void') {
      throw new CompileError(
        member.type,
        `a field of type \`${member.type.getText()}\``,
        'tables are module constants',
      );
    }
    const storage = this.storage(type);
    const offset = roundUp(end, storage.alignment);
    return { field: { name: member.name.getText(), offset, size: storage.size, type }, alignment: storage.alignment };
  }
}
