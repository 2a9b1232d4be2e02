// Translates one WebAssembly function to C. The operand stack becomes C expressions: a value without side effects is
// kept as text until it is used, and is put into a variable before anything that could change it (an assignment to a
// local or global it mentions, a call) or that separates it from its use (a block). All arithmetic is on uint64_t and
// uint32_t, where it wraps; signed comparison and division cast. Division by zero traps, as in WebAssembly.

import { binaryText, literal64, unaryText } from './c-operators.js';
import type { FunctionType, WasmFunction, WasmModule } from './module.js';
import { BINARY, I32, I64, Op, UNARY, VOID_BLOCK } from './opcodes.js';

export class UnsupportedInstruction extends Error {}

/** How the emitter names things; the caller decides what is static, extern or an intrinsic. */
export interface Names {
  functionName(index: number): string;
  globalName(index: number): string;
  /** C text of an import that is a constant expression (the base addresses), if it is one. */
  constantImport(index: number): string | undefined;
}

interface Value {
  text: string;
  type: number;
  locals: ReadonlySet<number>;
  globals: ReadonlySet<number>;
  /** Neither variables nor calls: need never be put into a variable. */
  constant: boolean;
}

interface Frame {
  operation: number;
  label: string;
  labelUsed: boolean;
  results: { name: string; type: number }[];
  height: number;
  elseSeen: boolean;
}

const NONE: ReadonlySet<number> = new Set();
const C_TYPE = new Map([
  [I32, 'uint32_t'],
  [I64, 'uint64_t'],
]);

export function cType(type: number): string {
  const name = C_TYPE.get(type);
  if (name === undefined) throw new UnsupportedInstruction(`value type 0x${type.toString(16)}`);
  return name;
}

export function cResult(type: FunctionType, name: string): string {
  if (type.results.length > 1) throw new UnsupportedInstruction(`${name} has ${type.results.length} results`);
  return type.results[0] === undefined ? 'void' : cType(type.results[0]);
}

export function cParameters(type: FunctionType): string {
  return type.parameters.map((parameter, index) => `${cType(parameter)} p${index}`).join(', ') || 'void';
}

/** The statements of `func`'s body, indented. */
export function emitBody(module: WasmModule, func: WasmFunction, names: Names): string {
  return new BodyEmitter(module, func, names).emit();
}

class BodyEmitter {
  private readonly lines: string[] = [];
  private stack: Value[] = [];
  private readonly frames: Frame[] = [];
  private readonly types: number[];
  private temporaries = 0;
  private labels = 0;
  private indent = 1;

  constructor(
    private readonly module: WasmModule,
    private readonly func: WasmFunction,
    private readonly names: Names,
  ) {
    this.types = [...func.type.parameters, ...func.locals];
  }

  emit(): string {
    const { code } = this.func;
    this.func.locals.forEach((type, index) => {
      this.line(`${cType(type)} ${this.local(this.func.type.parameters.length + index)} = 0;`);
    });
    this.frames.push(this.frame(Op.block, this.func.type.results));
    while (this.frames.length > 0) this.instruction(code.byte());
    return this.lines.join('\n');
  }

  private line(text: string): void {
    this.lines.push('  '.repeat(this.indent) + text);
  }

  private local(index: number): string {
    return index < this.func.type.parameters.length ? `p${index}` : `l${index}`;
  }

  private push(text: string, type: number, ...parts: Value[]): void {
    const mentions = (pick: (value: Value) => ReadonlySet<number>) => {
      const sets = parts.map(pick).filter((set) => set.size > 0);
      return sets.length === 0
        ? NONE
        : sets.length === 1
          ? (sets[0] as ReadonlySet<number>)
          : new Set(sets.flatMap((set) => [...set]));
    };
    const constant = parts.length > 0 && parts.every((part) => part.constant);
    this.stack.push({ text, type, locals: mentions((v) => v.locals), globals: mentions((v) => v.globals), constant });
  }

  private pop(): Value {
    const value = this.stack.pop();
    if (value === undefined) throw new UnsupportedInstruction(`operand stack of ${this.func.name} is empty`);
    return value;
  }

  private constant(text: string, type: number): Value {
    return { text, type, locals: NONE, globals: NONE, constant: true };
  }

  /** Puts the value at `position` of the stack into a variable of its own. */
  private settle(position: number): void {
    const value = this.stack[position] as Value;
    if (value.constant) return;
    const name = `t${this.temporaries++}`;
    this.line(`${cType(value.type)} ${name} = ${value.text};`);
    this.stack[position] = this.constant(name, value.type);
  }

  private settleWhere(affected: (value: Value) => boolean): void {
    this.stack.forEach((value, position) => {
      if (affected(value)) this.settle(position);
    });
  }

  private frame(operation: number, results: readonly number[]): Frame {
    const named = results.map((type, index) => ({ name: `r${this.labels}_${index}`, type }));
    return {
      operation,
      label: `L${this.labels++}`,
      labelUsed: false,
      results: named,
      height: this.stack.length,
      elseSeen: false,
    };
  }

  private instruction(operation: number): void {
    const { code } = this.func;
    switch (operation) {
      case Op.nop:
        return;
      case Op.unreachable:
        this.line('__builtin_trap();');
        this.skipDeadCode();
        return;
      case Op.block:
      case Op.loop:
      case Op.if:
        this.open(operation);
        return;
      case Op.else:
        this.otherwise();
        return;
      case Op.end:
        this.close();
        return;
      case Op.br:
        this.line(this.branch(code.unsigned()));
        this.skipDeadCode();
        return;
      case Op.brIf: {
        const condition = this.pop();
        const target = code.unsigned();
        this.keepBranchValues(target);
        this.line(`if (${condition.text}) ${this.branch(target)}`);
        return;
      }
      case Op.brTable:
        this.branchTable();
        return;
      case Op.return:
        this.line(this.returnStatement());
        this.skipDeadCode();
        return;
      case Op.call:
        this.call(code.unsigned());
        return;
      case Op.drop:
        this.pop();
        return;
      case Op.select: {
        const condition = this.pop();
        const otherwise = this.pop();
        const value = this.pop();
        this.push(`(${condition.text} ? ${value.text} : ${otherwise.text})`, value.type, value, otherwise, condition);
        return;
      }
      case Op.localGet: {
        const index = code.unsigned();
        const value = { text: this.local(index), type: this.types[index] as number, globals: NONE, constant: false };
        this.stack.push({ ...value, locals: new Set([index]) });
        return;
      }
      case Op.localSet:
        this.assignLocal(code.unsigned());
        return;
      case Op.localTee: {
        const index = code.unsigned();
        this.assignLocal(index);
        this.stack.push({
          text: this.local(index),
          type: this.types[index] as number,
          locals: new Set([index]),
          globals: NONE,
          constant: false,
        });
        return;
      }
      case Op.globalGet: {
        const index = code.unsigned();
        const type = this.module.globals[index]?.type as number;
        this.stack.push({
          text: this.names.globalName(index),
          type,
          locals: NONE,
          globals: new Set([index]),
          constant: false,
        });
        return;
      }
      case Op.globalSet: {
        const index = code.unsigned();
        const value = this.pop();
        this.settleWhere((other) => other.globals.has(index));
        this.line(`${this.names.globalName(index)} = ${value.text};`);
        return;
      }
      case Op.i32Const:
        this.stack.push(this.constant(`${BigInt.asUintN(32, code.signed())}u`, I32));
        return;
      case Op.i64Const:
        this.stack.push(this.constant(literal64(code.signed()), I64));
        return;
      default:
        this.operator(operation);
    }
  }

  private operator(operation: number): void {
    const unary = UNARY.get(operation);
    if (unary !== undefined) {
      const operand = this.pop();
      this.push(unaryText(unary[0], unary[2], operand.text), unary[1], operand);
      return;
    }
    const binary = BINARY.get(operation);
    if (binary === undefined) {
      throw new UnsupportedInstruction(`instruction 0x${operation.toString(16)} in ${this.func.name}`);
    }
    const right = this.pop();
    const left = this.pop();
    this.push(binaryText(binary[0], binary[2], left.text, right.text), binary[1], left, right);
    // A division traps at its place, even if the quotient is not used.
    if (binary[2].startsWith('div') || binary[2].startsWith('rem')) {
      const quotient = this.pop();
      this.stack.push({ ...quotient, constant: false });
      this.settle(this.stack.length - 1);
    }
  }

  private assignLocal(index: number): void {
    const value = this.pop();
    this.settleWhere((other) => other.locals.has(index));
    this.line(`${this.local(index)} = ${value.text};`);
  }

  private call(index: number): void {
    const type = this.module.imports[index]?.type ?? this.module.functions[index - this.module.imports.length]?.type;
    if (type === undefined) throw new UnsupportedInstruction(`call of function ${index}`);
    const constant = this.names.constantImport(index);
    if (constant !== undefined) {
      this.stack.push(this.constant(constant, I64));
      return;
    }
    const given = type.parameters.map(() => this.pop()).reverse();
    this.settleWhere((value) => value.globals.size > 0);
    const text = `${this.names.functionName(index)}(${given.map((value) => value.text).join(', ')})`;
    const result = type.results[0];
    if (type.results.length > 1) throw new UnsupportedInstruction(`call with ${type.results.length} results`);
    if (result === undefined) {
      this.line(`${text};`);
    } else {
      this.push(text, result);
      this.settle(this.stack.length - 1);
    }
  }

  private open(operation: number): void {
    const type = this.blockType();
    const condition = operation === Op.if ? this.pop() : undefined;
    this.settleWhere(() => true);
    const frame = this.frame(operation, type);
    for (const result of frame.results) this.line(`${cType(result.type)} ${result.name};`);
    this.frames.push(frame);
    if (operation === Op.if) this.line(`if (${condition?.text}) {`);
    else if (operation === Op.loop) this.line(`for (;;) { ${frame.label}:;`);
    else this.line('{');
    this.indent++;
  }

  private blockType(): readonly number[] {
    const byte = this.func.code.signed();
    if (byte === BigInt(VOID_BLOCK) - 128n) return [];
    if (byte < 0n) return [Number(byte + 128n)];
    const type = this.module.types[Number(byte)];
    if (type === undefined || type.parameters.length > 0) throw new UnsupportedInstruction('block with parameters');
    return type.results;
  }

  private top(): Frame {
    return this.frames[this.frames.length - 1] as Frame;
  }

  private assignResults(frame: Frame): void {
    const values = frame.results.map(() => this.pop()).reverse();
    frame.results.forEach((result, index) => {
      this.line(`${result.name} = ${values[index]?.text};`);
    });
  }

  private otherwise(): void {
    const frame = this.top();
    if (this.stack.length > frame.height) this.assignResults(frame);
    this.beginElse(frame);
  }

  private beginElse(frame: Frame): void {
    this.stack.length = frame.height;
    frame.elseSeen = true;
    this.indent--;
    this.line('} else {');
    this.indent++;
  }

  private close(): void {
    const frame = this.top();
    if (this.frames.length === 1) {
      this.finishFunction(true);
      return;
    }
    if (frame.results.length > 0) this.assignResults(frame);
    if (frame.operation === Op.loop) this.line('break;');
    this.leave(frame);
  }

  private leave(frame: Frame): void {
    this.frames.pop();
    this.indent--;
    this.line('}');
    if (frame.operation !== Op.loop && frame.labelUsed) this.line(`${frame.label}:;`);
    this.stack.length = frame.height;
    for (const result of frame.results) this.stack.push(this.constant(result.name, result.type));
  }

  private finishFunction(reachable: boolean): void {
    this.frames.pop();
    if (reachable && this.func.type.results.length > 0) this.line(`return ${this.pop().text};`);
  }

  private target(depth: number): Frame {
    const frame = this.frames[this.frames.length - 1 - depth];
    if (frame === undefined) throw new UnsupportedInstruction(`branch ${depth} in ${this.func.name}`);
    return frame;
  }

  /** A conditional branch with a value leaves the value on the stack, so it must not be computed twice. */
  private keepBranchValues(depth: number): void {
    const frame = this.target(depth);
    if (frame.operation === Op.loop) return;
    for (let i = 0; i < frame.results.length; i++) this.settle(this.stack.length - 1 - i);
  }

  private branch(depth: number): string {
    const frame = this.target(depth);
    if (frame.operation === Op.loop) return `goto ${frame.label};`;
    if (depth === this.frames.length - 1) return this.returnStatement();
    frame.labelUsed = true;
    const count = frame.results.length;
    if (count === 0) return `goto ${frame.label};`;
    const values = this.stack.slice(-count);
    const assignments = frame.results.map((result, index) => `${result.name} = ${values[index]?.text};`);
    return `{ ${assignments.join(' ')} goto ${frame.label}; }`;
  }

  private returnStatement(): string {
    if (this.func.type.results.length === 0) return 'return;';
    return `return ${(this.stack[this.stack.length - 1] as Value).text};`;
  }

  private branchTable(): void {
    const { code } = this.func;
    const index = this.pop();
    const targets = code.list((entry) => entry.unsigned());
    const fallback = code.unsigned();
    this.keepBranchValues(fallback);
    this.line(`switch (${index.text}) {`);
    targets.forEach((target, position) => {
      if (target !== fallback) this.line(`  case ${position}: ${this.branch(target)}`);
    });
    this.line(`  default: ${this.branch(fallback)}`);
    this.line('}');
    this.skipDeadCode();
  }

  /** Skips what follows an unconditional branch, up to the `else` or `end` of the block that it stands in. */
  private skipDeadCode(): void {
    const { code } = this.func;
    let depth = 0;
    for (;;) {
      const operation = code.byte();
      switch (operation) {
        case Op.block:
        case Op.loop:
        case Op.if:
          depth++;
          code.signed();
          break;
        case Op.br:
        case Op.brIf:
        case Op.call:
        case Op.localGet:
        case Op.localSet:
        case Op.localTee:
        case Op.globalGet:
        case Op.globalSet:
          code.unsigned();
          break;
        case Op.brTable:
          code.list((entry) => entry.unsigned());
          code.unsigned();
          break;
        case Op.i32Const:
        case Op.i64Const:
          code.signed();
          break;
        case Op.else:
          if (depth === 0) {
            this.beginElse(this.top());
            return;
          }
          break;
        case Op.end:
          if (depth === 0) {
            if (this.frames.length === 1) this.finishFunction(false);
            else this.leave(this.top());
            return;
          }
          depth--;
          break;
      }
    }
  }
}
