// Prepares the syntax tree of the lowered source for Porffor's code generator, in place:
//  - refuses every node that is outside the integer subset, so that nothing reaches the parts of Porffor that mean
//    floating point, strings or objects;
//  - prefixes every name, so that none is one of Porffor's built-ins (`name`, `length`, `toString`, `Math`, …);
//  - gives every expression the type "number", so that Porffor emits no run-time type tests;
//  - states what each function returns;
//  - replaces what Porffor gets wrong for 64-bit integers: `~` (cut to 32 bits), `!` (float), loop conditions (cut to
//    32 bits), literals of more than 32 bits (the instruction list takes a BigInt, which our assembler encodes exactly).
// It also counts: a call must give every argument, and a name is declared once per function.

import type { LoweredProgram } from '../lowered.js';
import { BASES, BUILT_IN, Op } from './opcodes.js';

export interface SyntaxNode {
  type: string;
  [key: string]: unknown;
}

export const PREFIX = '$';
const MAXIMUM = (1n << 64n) - 1n;

export class UnsupportedSource extends Error {}

interface Signature {
  parameters: number;
  returns: boolean;
}

const BINARY_OPERATORS = new Set('+ - * / % & | ^ << >> >>> === !== < <= > >='.split(' '));
const COMPARISONS = new Set('=== !== < <= > >='.split(' '));
const ASSIGNMENTS = new Set('= += -= *= /= %= &= |= ^= <<= >>= >>>='.split(' '));

/** One pass over the program; `signatures` ends up holding every function that may be called. */
class Preparation {
  readonly signatures = new Map<string, Signature>();
  readonly globals = new Set<string>();
  private functionName = '';
  private locals = new Set<string>();
  private loopDepth = 0;
  private readonly numberType: unknown;

  constructor(program: Pick<LoweredProgram, 'intrinsics'>, numberTag: number) {
    this.numberType = [[Op.i32Const, numberTag]];
    for (const [name, operation] of BUILT_IN) this.signatures.set(name, operation);
    for (const name of BASES) this.signatures.set(name, { parameters: 0, returns: true });
    for (const intrinsic of program.intrinsics) this.signatures.set(intrinsic.name, intrinsic);
  }

  fail(node: SyntaxNode, what: string): never {
    throw new UnsupportedSource(`${what} (${node.type} in ${this.functionName || 'the module'})`);
  }

  program(root: SyntaxNode): void {
    const functions: SyntaxNode[] = [];
    for (const statement of list(root.body)) {
      if (statement.type !== 'VariableDeclaration') this.fail(statement, 'only declarations may stand at top level');
      for (const declarator of list(statement.declarations)) {
        const id = declarator.id as SyntaxNode;
        const name = this.identifierName(id);
        const init = declarator.init as SyntaxNode | null;
        if (this.signatures.has(name) || this.globals.has(name)) this.fail(declarator, `"${name}" is declared twice`);
        id.name = PREFIX + name;
        if (init?.type === 'ArrowFunctionExpression') {
          const returns = returnsValue(init.body as SyntaxNode);
          this.signatures.set(name, { parameters: list(init.params).length, returns });
          functions.push(declarator);
        } else if (statement.kind === 'let' && init !== null && init.type === 'Literal' && init.value === 0) {
          this.globals.add(name);
          init._type = this.numberType;
        } else {
          this.fail(declarator, `"${name}" must be an arrow function or "let ${name} = 0"`);
        }
      }
    }
    for (const declarator of functions) this.function(declarator);
  }

  private function(declarator: SyntaxNode): void {
    const name = ((declarator.id as SyntaxNode).name as string).slice(PREFIX.length);
    const init = declarator.init as SyntaxNode;
    this.functionName = name;
    this.locals = new Set();
    this.loopDepth = 0;
    for (const parameter of list(init.params)) this.declare(parameter);
    if (this.signatures.get(name)?.returns) {
      init.returnType = { typeAnnotation: { type: 'TSTypeReference', typeName: { name: 'i64' } } };
    } else {
      init.returnType = { typeAnnotation: { type: 'TSVoidKeyword' } };
    }
    const body = init.body as SyntaxNode;
    if (body.type === 'BlockStatement') this.statement(body);
    else init.body = this.expression(body);
  }

  private identifierName(node: SyntaxNode): string {
    if (node.type !== 'Identifier') this.fail(node, 'a name is expected');
    return node.name as string;
  }

  private declare(node: SyntaxNode): void {
    const name = this.identifierName(node);
    if (this.locals.has(name) || this.globals.has(name) || this.signatures.has(name)) {
      this.fail(node, `"${name}" is declared twice`);
    }
    this.locals.add(name);
    node.name = PREFIX + name;
    node._type = this.numberType;
  }

  private statement(node: SyntaxNode): void {
    switch (node.type) {
      case 'BlockStatement':
        for (const inner of list(node.body)) this.statement(inner);
        return;
      case 'EmptyStatement':
        return;
      case 'ExpressionStatement':
        node.expression = this.expression(node.expression as SyntaxNode);
        return;
      case 'VariableDeclaration':
        for (const declarator of list(node.declarations)) {
          if (declarator.init) declarator.init = this.expression(declarator.init as SyntaxNode);
          else if (this.loopDepth > 0) this.fail(node, 'a variable declared in a loop needs a value');
          this.declare(declarator.id as SyntaxNode);
        }
        return;
      case 'IfStatement':
        node.test = this.expression(node.test as SyntaxNode);
        this.statement(node.consequent as SyntaxNode);
        if (node.alternate) this.statement(node.alternate as SyntaxNode);
        return;
      case 'ForStatement': {
        const init = node.init as SyntaxNode | null;
        if (init?.type === 'VariableDeclaration') this.statement(init);
        else if (init) node.init = this.expression(init);
        if (node.test) node.test = this.condition(node.test as SyntaxNode);
        if (node.update) node.update = this.expression(node.update as SyntaxNode);
        this.loop(node.body as SyntaxNode);
        return;
      }
      case 'WhileStatement':
      case 'DoWhileStatement':
        node.test = this.condition(node.test as SyntaxNode);
        this.loop(node.body as SyntaxNode);
        return;
      case 'LabeledStatement': {
        const body = node.body as SyntaxNode;
        if (!['ForStatement', 'WhileStatement', 'DoWhileStatement'].includes(body.type)) {
          this.fail(node, 'only a loop may have a label');
        }
        this.statement(body);
        return;
      }
      case 'BreakStatement':
      case 'ContinueStatement':
        return;
      case 'ReturnStatement':
        if (node.argument) node.argument = this.expression(node.argument as SyntaxNode);
        else if (this.signatures.get(this.functionName)?.returns) this.fail(node, 'the function returns a value');
        return;
      default:
        this.fail(node, 'the statement is outside the subset');
    }
  }

  private loop(body: SyntaxNode): void {
    this.loopDepth++;
    this.statement(body);
    this.loopDepth--;
  }

  /** A loop's condition: Porffor keeps its low 32 bits, so it becomes 0 or 1 here. */
  private condition(node: SyntaxNode): SyntaxNode {
    const isComparison = node.type === 'BinaryExpression' && COMPARISONS.has(node.operator as string);
    const test = this.expression(node);
    return isComparison ? test : this.binary('!==', test, this.constant(0n));
  }

  private typed(node: SyntaxNode): SyntaxNode {
    node._type = this.numberType;
    return node;
  }

  private binary(operator: string, left: SyntaxNode, right: SyntaxNode): SyntaxNode {
    return this.typed({ type: 'BinaryExpression', operator, left, right });
  }

  private constant(value: bigint): SyntaxNode {
    return this.typed({ type: 'Wasm', wasm: [[Op.i64Const, value]] });
  }

  private literal(node: SyntaxNode, sign: bigint): SyntaxNode {
    if (typeof node.value === 'boolean') return this.constant(node.value ? sign : 0n);
    if (typeof node.value === 'number') {
      if (!Number.isSafeInteger(node.value)) this.fail(node, `${String(node.raw)} needs the suffix n`);
      return this.constant(sign * BigInt(node.value));
    }
    if (typeof node.value !== 'bigint') this.fail(node, 'only integers may be literals');
    if (node.value > MAXIMUM) this.fail(node, `${node.value} does not fit 64 bits`);
    return this.constant(BigInt.asIntN(64, sign * node.value));
  }

  private variable(node: SyntaxNode): SyntaxNode {
    const name = this.identifierName(node);
    if (!this.locals.has(name) && !this.globals.has(name)) this.fail(node, `"${name}" is not declared`);
    node.name = PREFIX + name;
    return this.typed(node);
  }

  private expression(node: SyntaxNode): SyntaxNode {
    switch (node.type) {
      case 'Literal':
        return this.literal(node, 1n);
      case 'Identifier':
        return this.variable(node);
      case 'UnaryExpression':
        return this.unary(node);
      case 'BinaryExpression':
        if (!BINARY_OPERATORS.has(node.operator as string)) this.fail(node, `no operator ${String(node.operator)}`);
        node.left = this.expression(node.left as SyntaxNode);
        node.right = this.expression(node.right as SyntaxNode);
        return this.typed(node);
      case 'LogicalExpression':
        if (node.operator !== '&&' && node.operator !== '||') this.fail(node, `no operator ${String(node.operator)}`);
        node.left = this.expression(node.left as SyntaxNode);
        node.right = this.expression(node.right as SyntaxNode);
        return this.typed(node);
      case 'ConditionalExpression':
        node.test = this.expression(node.test as SyntaxNode);
        node.consequent = this.expression(node.consequent as SyntaxNode);
        node.alternate = this.expression(node.alternate as SyntaxNode);
        return this.typed(node);
      case 'AssignmentExpression':
        if (!ASSIGNMENTS.has(node.operator as string)) this.fail(node, `no operator ${String(node.operator)}`);
        node.right = this.expression(node.right as SyntaxNode);
        node.left = this.variable(node.left as SyntaxNode);
        return this.typed(node);
      case 'UpdateExpression':
        node.argument = this.variable(node.argument as SyntaxNode);
        return this.typed(node);
      case 'CallExpression':
        return this.call(node);
      default:
        return this.fail(node, 'the expression is outside the subset');
    }
  }

  private unary(node: SyntaxNode): SyntaxNode {
    const argument = node.argument as SyntaxNode;
    if (node.operator === '-' && argument.type === 'Literal') return this.literal(argument, -1n);
    const operand = this.expression(argument);
    switch (node.operator) {
      case '-':
        return this.binary('-', this.constant(0n), operand);
      case '~':
        return this.binary('^', operand, this.constant(-1n));
      case '!':
        return this.binary('===', operand, this.constant(0n));
      case '+':
        return operand;
      default:
        return this.fail(node, `no operator ${String(node.operator)}`);
    }
  }

  private call(node: SyntaxNode): SyntaxNode {
    const callee = node.callee as SyntaxNode;
    const name = this.identifierName(callee);
    const signature = this.signatures.get(name);
    if (signature === undefined) this.fail(node, `"${name}" is not a function or intrinsic`);
    const given = list(node.arguments);
    if (given.length !== signature.parameters) {
      this.fail(node, `"${name}" takes ${signature.parameters} arguments, not ${given.length}`);
    }
    node.arguments = given.map((argument) => this.expression(argument));
    callee.name = PREFIX + name;
    return this.typed(node);
  }
}

function list(value: unknown): SyntaxNode[] {
  return value as SyntaxNode[];
}

/** Does this function body return a value? (No function stands inside another, so every `return` is its own.) */
function returnsValue(node: SyntaxNode): boolean {
  switch (node.type) {
    case 'BlockStatement':
      return list(node.body).some(returnsValue);
    case 'ReturnStatement':
      return Boolean(node.argument);
    case 'IfStatement':
      return (
        returnsValue(node.consequent as SyntaxNode) || (!!node.alternate && returnsValue(node.alternate as SyntaxNode))
      );
    case 'ForStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'LabeledStatement':
      return returnsValue(node.body as SyntaxNode);
    case 'ExpressionStatement':
    case 'VariableDeclaration':
    case 'BreakStatement':
    case 'ContinueStatement':
    case 'EmptyStatement':
      return false;
    default:
      // An arrow function without braces returns its expression; other statements are refused later.
      return !node.type.endsWith('Statement');
  }
}

/**
 * Prepares `root` and appends calls of all entries to it: Porffor generates a function when a call of it is generated,
 * so these calls are what makes the program's code appear. Returns the signature of every function.
 */
export function prepareSyntax(
  root: SyntaxNode,
  program: Pick<LoweredProgram, 'intrinsics' | 'entries'>,
  numberTag: number,
): Map<string, Signature> {
  const preparation = new Preparation(program, numberTag);
  preparation.program(root);
  for (const entry of program.entries) {
    const signature = preparation.signatures.get(entry.name);
    if (signature === undefined) throw new UnsupportedSource(`entry "${entry.name}" is not declared`);
    if (signature.parameters !== entry.parameters || signature.returns !== entry.returns) {
      throw new UnsupportedSource(`entry "${entry.name}" is declared with another signature`);
    }
    const zero = { type: 'Wasm', wasm: [[Op.i64Const, 0n]], _type: [[Op.i32Const, numberTag]] };
    list(root.body).push({
      type: 'ExpressionStatement',
      expression: {
        type: 'CallExpression',
        callee: { type: 'Identifier', name: PREFIX + entry.name },
        arguments: Array.from({ length: entry.parameters }, () => ({ ...zero })),
        _type: [[Op.i32Const, numberTag]],
      },
    });
  }
  return preparation.signatures;
}
