/**
 * The types that the lowering computes with. tsc erases `type u64 = number`, so they are read from the declared type
 * nodes: an alias keeps the width and sign that was written.
 */
import ts from 'typescript';
import { CompileError } from './errors.js';

export interface IntegerType {
  readonly kind: 'integer';
  readonly bits: 8 | 16 | 32 | 64;
  readonly signed: boolean;
}

export type ClassNode = ts.ClassDeclaration;

export type ValueType =
  | IntegerType
  | { readonly kind: 'boolean' }
  | { readonly kind: 'enum'; readonly declaration: ts.EnumDeclaration; readonly bits: 8 | 32 }
  | { readonly kind: 'reference'; readonly class: ClassNode | undefined }
  | { readonly kind: 'inline'; readonly class: ClassNode }
  | { readonly kind: 'fixed'; readonly element: ValueType; readonly length: bigint }
  | { readonly kind: 'table'; readonly element: ValueType }
  | { readonly kind: 'string' }
  | { readonly kind: 'void' };

const integer = (bits: 8 | 16 | 32 | 64, signed: boolean): IntegerType => ({ kind: 'integer', bits, signed });

export const u64 = integer(64, false);
export const i64 = integer(64, true);
export const boolean: ValueType = { kind: 'boolean' };
export const string: ValueType = { kind: 'string' };
export const nothing: ValueType = { kind: 'void' };
export const reference = (declaration?: ClassNode): ValueType => ({ kind: 'reference', class: declaration });

const aliases: ReadonlyMap<string, IntegerType> = new Map([
  ['u8', integer(8, false)],
  ['u16', integer(16, false)],
  ['u32', integer(32, false)],
  ['u64', u64],
  ['i8', integer(8, true)],
  ['i16', integer(16, true)],
  ['i32', integer(32, true)],
  ['i64', i64],
]);

export const isDialectDeclaration = (node: ts.Node): boolean =>
  node.getSourceFile().fileName.endsWith('/lib/dialect.d.ts');

/** The declaration that a name stands for, through imports. */
export function symbolOf(checker: ts.TypeChecker, node: ts.Node): ts.Symbol | undefined {
  const symbol = checker.getSymbolAtLocation(node);
  if (symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0) return checker.getAliasedSymbol(symbol);
  return symbol;
}

/** Reads type nodes. One instance serves a compilation. */
export class TypeReader {
  constructor(private readonly checker: ts.TypeChecker) {}

  /** What a declared type means; an error if the dialect has no such type. */
  read(node: ts.TypeNode): ValueType {
    switch (node.kind) {
      case ts.SyntaxKind.NumberKeyword:
        return i64;
      case ts.SyntaxKind.BooleanKeyword:
        return boolean;
      case ts.SyntaxKind.StringKeyword:
        return string;
      case ts.SyntaxKind.VoidKeyword:
      case ts.SyntaxKind.NeverKeyword:
        return nothing;
    }
    if (ts.isParenthesizedTypeNode(node)) return this.read(node.type);
    if (ts.isTypeReferenceNode(node)) return this.readReference(node);
    if (ts.isUnionTypeNode(node)) return this.readUnion(node);
    if (ts.isLiteralTypeNode(node) && node.literal.kind === ts.SyntaxKind.NullKeyword) return reference();
    if (ts.isTypeQueryNode(node)) return this.readQuery(node);
    if (node.kind === ts.SyntaxKind.ThisType) return reference(this.classAt(node));
    if (
      ts.isTypeOperatorNode(node) &&
      node.operator === ts.SyntaxKind.ReadonlyKeyword &&
      ts.isArrayTypeNode(node.type)
    ) {
      return { kind: 'table', element: this.read(node.type.elementType) };
    }
    if (ts.isArrayTypeNode(node)) {
      throw new CompileError(
        node,
        'an array type',
        'write Fixed<T, N> for storage or readonly T[] for a constant table',
      );
    }
    if (node.kind === ts.SyntaxKind.AnyKeyword || node.kind === ts.SyntaxKind.UnknownKeyword) {
      throw new CompileError(node, `the type ${node.getText()}`, 'every value has a sized type');
    }
    if (ts.isFunctionTypeNode(node)) {
      throw new CompileError(node, 'a function type', 'there are no function values: use an abstract method');
    }
    throw new CompileError(
      node,
      `the type \`${node.getText()}\``,
      'use an integer, boolean, enum, class or string type',
    );
  }

  private readUnion(node: ts.UnionTypeNode): ValueType {
    const members = node.types.filter(
      (type) => !(ts.isLiteralTypeNode(type) && type.literal.kind === ts.SyntaxKind.NullKeyword),
    );
    const types = members.map((type) => this.read(type));
    const first = types[0];
    if (first?.kind === 'reference' || first?.kind === 'fixed' || first?.kind === 'string') {
      if (types.length === 1) return first;
      if (types.every((type) => type.kind === 'reference')) return reference();
    }
    throw new CompileError(
      node,
      `the union type \`${node.getText()}\``,
      'only a class, a Fixed or string may be `| null`',
    );
  }

  private readReference(node: ts.TypeReferenceNode): ValueType {
    const symbol = symbolOf(this.checker, node.typeName);
    const declaration = symbol?.declarations?.[0];
    if (symbol === undefined || declaration === undefined) throw new CompileError(node, 'an unknown type');
    if (isDialectDeclaration(declaration)) return this.readBuiltIn(node, symbol.name);
    if (ts.isClassDeclaration(declaration)) return reference(declaration);
    if (ts.isEnumDeclaration(declaration)) return this.enumType(declaration);
    if (ts.isEnumMember(declaration)) return this.enumType(declaration.parent);
    if (ts.isTypeParameterDeclaration(declaration)) return this.readTypeParameter(declaration);
    if (ts.isTypeAliasDeclaration(declaration) && declaration.typeParameters === undefined) {
      return this.read(declaration.type);
    }
    throw new CompileError(
      node,
      `the type \`${node.getText()}\``,
      ts.isInterfaceDeclaration(declaration)
        ? 'write a class: an interface has no layout'
        : 'not a type of the dialect',
    );
  }

  /** `typeof variable`, for references: an integer's width is in its declaration, which should be repeated. */
  private readQuery(node: ts.TypeQueryNode): ValueType {
    const found = this.classOfType(this.checker.getNonNullableType(this.checker.getTypeFromTypeNode(node)));
    if (found === undefined) throw new CompileError(node, `the type \`${node.getText()}\``, 'write the type itself');
    return reference(found);
  }

  private readTypeParameter(declaration: ts.TypeParameterDeclaration): ValueType {
    const constraint = declaration.constraint;
    if (constraint === undefined) {
      throw new CompileError(
        declaration,
        'a type parameter without a bound',
        'generics are over references: write `T extends SomeClass`',
      );
    }
    if (constraint.kind === ts.SyntaxKind.ObjectKeyword) return reference();
    const bound = this.read(constraint);
    if (bound.kind !== 'reference') {
      throw new CompileError(
        declaration,
        'a type parameter over values',
        'generics are over references: write `T extends SomeClass`',
      );
    }
    return bound;
  }

  private readBuiltIn(node: ts.TypeReferenceNode, name: string): ValueType {
    const alias = aliases.get(name);
    if (alias !== undefined) return alias;
    const [first, second] = node.typeArguments ?? [];
    if (name === 'Inline' && first !== undefined) {
      const inner = this.read(first);
      if (inner.kind !== 'reference' || inner.class === undefined || ts.isUnionTypeNode(first)) {
        throw new CompileError(node, `\`${node.getText()}\``, 'Inline takes a class');
      }
      return { kind: 'inline', class: inner.class };
    }
    if (name === 'Fixed' && first !== undefined && second !== undefined) {
      const length = this.checker.getTypeFromTypeNode(second);
      if (!length.isNumberLiteral()) {
        throw new CompileError(second, 'a Fixed whose length is no constant', 'write a literal or `typeof CONSTANT`');
      }
      return { kind: 'fixed', element: this.read(first), length: BigInt(length.value) };
    }
    throw new CompileError(node, `the type \`${node.getText()}\``, 'not a type of the dialect');
  }

  enumType(declaration: ts.EnumDeclaration): ValueType {
    let small = true;
    for (const member of declaration.members) {
      const value = this.checker.getConstantValue(member);
      if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
        throw new CompileError(member, 'an enum member that is no 32-bit unsigned constant', 'give it a number');
      }
      small &&= value <= 255;
    }
    return { kind: 'enum', declaration, bits: small ? 8 : 32 };
  }

  private classAt(node: ts.Node): ClassNode | undefined {
    const found = ts.findAncestor(node, ts.isClassDeclaration);
    return found === undefined ? undefined : found;
  }

  /** The class that the checker sees in an expression, null removed; undefined if it is none or several. */
  classOfExpression(node: ts.Expression): ClassNode | undefined {
    return this.classOfType(this.checker.getNonNullableType(this.checker.getTypeAtLocation(node)));
  }

  classOfType(type: ts.Type): ClassNode | undefined {
    if ((type.flags & ts.TypeFlags.TypeParameter) !== 0) {
      const constraint = this.checker.getBaseConstraintOfType(type);
      return constraint === undefined || constraint === type ? undefined : this.classOfType(constraint);
    }
    if (type.isIntersection()) {
      const classes = type.types.map((member) => this.classOfType(member)).filter((found) => found !== undefined);
      return classes[classes.length - 1];
    }
    return type.getSymbol()?.declarations?.find(ts.isClassDeclaration);
  }
}

/** The width in bits of a value in its declared range, if that range is unsigned and narrower than a register. */
export function knownBits(type: ValueType): number | undefined {
  switch (type.kind) {
    case 'integer':
      return !type.signed && type.bits < 64 ? type.bits : undefined;
    case 'boolean':
      return 1;
    case 'enum':
      return type.bits;
    default:
      return undefined;
  }
}

export const isNumeric = (type: ValueType): boolean => type.kind === 'integer' || type.kind === 'enum';
export const isUnsigned64 = (type: ValueType): boolean => type.kind === 'integer' && type.bits === 64 && !type.signed;

export function describe(type: ValueType): string {
  switch (type.kind) {
    case 'integer':
      return `${type.signed ? 'i' : 'u'}${type.bits}`;
    case 'enum':
      return type.declaration.name.text;
    case 'reference':
    case 'inline':
      return type.class?.name?.text ?? 'a reference';
    case 'fixed':
      return `Fixed<${describe(type.element)}, ${type.length}>`;
    case 'table':
      return `readonly ${describe(type.element)}[]`;
    default:
      return type.kind;
  }
}
