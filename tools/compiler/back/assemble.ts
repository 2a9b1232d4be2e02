// Writes what Porffor's code generator produced as a WebAssembly module. Porffor's own assembler is not used: it
// encodes 64-bit constants, more than 127 types or imports and deep branches wrongly, and it exports functions with
// their type tags. Here
//  - every instruction must be one of the integer instructions of opcodes.ts, else the compilation fails;
//  - calls of built-in operations become those operations, calls of intrinsics stay imports (`env.name`);
//  - every entry gets a wrapper without type tags under its symbol, the only kind of export, so that `wasm-opt` finds
//    that the tags of all other functions are unused;
//  - the name section gives every function its lowered name.

import type { LoweredProgram } from '../lowered.js';
import { ByteWriter } from './binary.js';
import { BINARY, BUILT_IN, I64, Op, UNARY } from './opcodes.js';
import { PREFIX } from './syntax.js';

/** An instruction of Porffor's: number, then immediates; branches carry LEB128 bytes, everything else plain values. */
export type GeneratedInstruction = readonly (number | bigint)[];

export interface GeneratedFunction {
  name: string;
  index: number;
  params: number[];
  returns: number[];
  locals: Record<string, { idx: number; type: number }>;
  wasm: GeneratedInstruction[];
  /** One of Porffor's own library functions: there must be none that is used. */
  internal?: boolean;
}

export interface GeneratedModule {
  funcs: GeneratedFunction[];
  globals: Record<string, { idx: number; type: number }>;
}

export class UnexpectedCode extends Error {}

const F64_ABS = 0x99;
const F64_CONST = 0x44;
const F64_GT = 0x64;
const MAIN = '#main';

interface Imported {
  name: string;
  parameters: number;
  returns: boolean;
}

/** `importNames[i]` is the prefixed name of the function that Porffor knows by the index `i`. */
export function assemble(
  module: GeneratedModule,
  importNames: readonly string[],
  program: Pick<LoweredProgram, 'intrinsics' | 'entries' | 'initialGlobals'>,
  numberTag: number,
): Uint8Array {
  return new Assembler(module, importNames, program, numberTag).assemble();
}

class Assembler {
  private readonly types: { key: string; parameters: number[]; results: number[] }[] = [];
  private readonly typeIndex = new Map<string, number>();
  private readonly imports: Imported[] = [];
  private readonly importIndex = new Map<string, number>();
  private readonly intrinsics = new Map<string, Imported>();

  constructor(
    private readonly module: GeneratedModule,
    private readonly importNames: readonly string[],
    private readonly program: Pick<LoweredProgram, 'intrinsics' | 'entries' | 'initialGlobals'>,
    private readonly numberTag: number,
  ) {
    for (const intrinsic of program.intrinsics) this.intrinsics.set(intrinsic.name, intrinsic);
    for (const name of ['__rodata', '__statics']) this.intrinsics.set(name, { name, parameters: 0, returns: true });
  }

  assemble(): Uint8Array {
    const { funcs } = this.module;
    // Imports are numbered in order of first use, before all functions, so all code is scanned first.
    for (const func of funcs) {
      if (func.name === MAIN) continue;
      if (func.internal) throw new UnexpectedCode(`the code needs Porffor's library function ${func.name}`);
      for (const instruction of func.wasm) this.noteImport(instruction);
    }
    const bodies = funcs.map((func) => this.body(func));
    const functionTypes = funcs.map((func) => this.type(func.params, func.returns));
    const names = funcs.map((func) => (func.name.startsWith(PREFIX) ? func.name.slice(PREFIX.length) : func.name));
    const exports: { symbol: string; index: number }[] = [];
    for (const entry of this.program.entries) {
      const target = funcs.find((func) => func.name === PREFIX + entry.name);
      if (target === undefined) throw new UnexpectedCode(`entry ${entry.name} was not generated`);
      exports.push({ symbol: entry.symbol, index: this.imports.length + bodies.length });
      bodies.push(this.wrapper(target, entry.returns));
      const parameters = Array.from({ length: entry.parameters }, () => I64);
      functionTypes.push(this.type(parameters, entry.returns ? [I64] : []));
      names.push(`${entry.name}@entry`);
    }
    const importTypes = this.imports.map((imported) =>
      this.type(
        Array.from({ length: imported.parameters }, () => I64),
        imported.returns ? [I64] : [],
      ),
    );

    const out = new ByteWriter();
    out.raw([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
    out.section(1, (section) => {
      section.unsigned(this.types.length);
      for (const type of this.types) {
        section.byte(0x60);
        section.unsigned(type.parameters.length);
        section.raw(type.parameters);
        section.unsigned(type.results.length);
        section.raw(type.results);
      }
    });
    out.section(2, (section) => {
      section.unsigned(this.imports.length);
      this.imports.forEach((imported, index) => {
        section.name('env');
        section.name(imported.name);
        section.byte(0);
        section.unsigned(importTypes[index] as number);
      });
    });
    out.section(3, (section) => {
      section.unsigned(functionTypes.length);
      for (const type of functionTypes) section.unsigned(type);
    });
    out.section(6, (section) => this.globalSection(section));
    out.section(7, (section) => {
      section.unsigned(exports.length);
      for (const { symbol, index } of exports) {
        section.name(symbol);
        section.byte(0);
        section.unsigned(index);
      }
    });
    out.section(10, (section) => {
      section.unsigned(bodies.length);
      for (const body of bodies) section.sized(body);
    });
    out.section(0, (section) => {
      section.name('name');
      section.section(1, (map) => {
        map.unsigned(names.length);
        names.forEach((name, index) => {
          map.unsigned(this.imports.length + index);
          map.name(name);
        });
      });
      section.section(7, (map) => this.globalNames(map));
    });
    return out.toBytes();
  }

  private noteImport(instruction: GeneratedInstruction): void {
    const index = Number(instruction[1]);
    if (instruction[0] !== Op.call || index >= this.importNames.length) return;
    const name = (this.importNames[index] as string).slice(PREFIX.length);
    if (BUILT_IN.has(name) || this.importIndex.has(name)) return;
    const imported = this.intrinsics.get(name);
    if (imported === undefined) throw new UnexpectedCode(`call of the unknown intrinsic ${name}`);
    this.importIndex.set(name, this.imports.length);
    this.imports.push(imported);
  }

  private type(parameters: number[], results: number[]): number {
    const key = `${parameters.join()}>${results.join()}`;
    let index = this.typeIndex.get(key);
    if (index === undefined) {
      index = this.types.push({ key, parameters, results }) - 1;
      this.typeIndex.set(key, index);
    }
    return index;
  }

  private sortedGlobals(): { name: string; idx: number; type: number }[] {
    return Object.entries(this.module.globals)
      .map(([name, global]) => ({ name, ...global }))
      .sort((a, b) => a.idx - b.idx);
  }

  private globalSection(section: ByteWriter): void {
    const globals = this.sortedGlobals();
    section.unsigned(globals.length);
    globals.forEach((global, position) => {
      if (global.idx !== position) throw new UnexpectedCode('globals are not numbered consecutively');
      const value = this.program.initialGlobals.get(global.name.slice(PREFIX.length)) ?? 0n;
      section.raw([global.type, 1, global.type === I64 ? Op.i64Const : Op.i32Const]);
      section.signed(global.type === I64 ? BigInt.asIntN(64, value) : 0n);
      section.byte(Op.end);
    });
  }

  private globalNames(map: ByteWriter): void {
    const globals = this.sortedGlobals();
    map.unsigned(globals.length);
    for (const global of globals) {
      map.unsigned(global.idx);
      map.name(global.name.startsWith(PREFIX) ? global.name.slice(PREFIX.length) : global.name);
    }
  }

  private body(func: GeneratedFunction): ByteWriter {
    const body = new ByteWriter();
    if (func.name === MAIN) {
      body.raw([0, Op.unreachable, Op.end]);
      return body;
    }
    const types: number[] = [];
    for (const local of Object.values(func.locals)) types[local.idx] = local.type;
    const locals = types.slice(func.params.length);
    body.unsigned(locals.length);
    for (const type of locals) body.raw([1, type ?? I64]);
    let depth = 0;
    for (let i = 0; i < func.wasm.length; i++) {
      const instruction = func.wasm[i] as GeneratedInstruction;
      if (isTruthinessTest(func.wasm, i)) {
        // Porffor compares |x| > 0.0; for an integer that is x != 0.
        body.raw([Op.i64Const, 0, Op.i64Ne]);
        i += 2;
        continue;
      }
      const operation = instruction[0];
      if (operation === Op.block || operation === Op.loop || operation === Op.if) depth++;
      if (operation === Op.end) depth--;
      this.instruction(body, instruction, func.name);
    }
    if (depth !== 0) throw new UnexpectedCode(`unbalanced blocks in ${func.name}`);
    body.byte(Op.end);
    return body;
  }

  private instruction(body: ByteWriter, instruction: GeneratedInstruction, where: string): void {
    const operation = instruction[0] as number;
    const immediate = instruction[1];
    switch (operation) {
      case Op.block:
      case Op.loop:
      case Op.if:
        body.raw([operation, Number(immediate)]);
        return;
      case Op.br:
      case Op.brIf:
        body.byte(operation);
        body.raw(instruction.slice(1).map(Number));
        return;
      case Op.localGet:
      case Op.localSet:
      case Op.localTee:
      case Op.globalGet:
      case Op.globalSet:
        body.byte(operation);
        body.unsigned(Number(immediate));
        return;
      case Op.i32Const:
      case Op.i64Const:
        body.byte(operation);
        body.signed(BigInt(immediate as number | bigint));
        return;
      case Op.call:
        this.call(body, Number(immediate));
        return;
      case Op.unreachable:
      case Op.nop:
      case Op.else:
      case Op.end:
      case Op.return:
      case Op.drop:
      case Op.select:
        body.byte(operation);
        return;
      default:
        if (!BINARY.has(operation) && !UNARY.has(operation)) {
          throw new UnexpectedCode(`instruction 0x${Number(operation).toString(16)} in ${where}`);
        }
        body.byte(operation);
    }
  }

  private call(body: ByteWriter, index: number): void {
    const importName = this.importNames[index];
    if (importName === undefined) {
      body.byte(Op.call);
      body.unsigned(index - this.importNames.length + this.imports.length);
      return;
    }
    const name = importName.slice(PREFIX.length);
    const builtIn = BUILT_IN.get(name);
    if (builtIn !== undefined) {
      body.raw(builtIn.instructions);
    } else {
      body.byte(Op.call);
      body.unsigned(this.importIndex.get(name) as number);
    }
  }

  /** `symbol(a, b)` calls `target(a, number, b, number)` and drops the tag of the result, or the whole result. */
  private wrapper(target: GeneratedFunction, returns: boolean): ByteWriter {
    const body = new ByteWriter();
    body.unsigned(0);
    for (let i = 0; i < target.params.length; i++) {
      body.byte(i % 2 === 0 ? Op.localGet : Op.i32Const);
      if (i % 2 === 0) body.unsigned(i / 2);
      else body.signed(BigInt(this.numberTag));
    }
    const position = this.module.funcs.indexOf(target);
    body.byte(Op.call);
    body.unsigned(this.imports.length + position);
    for (let i = returns ? 1 : 0; i < target.returns.length; i++) body.byte(Op.drop);
    body.byte(Op.end);
    return body;
  }
}

function isTruthinessTest(code: readonly GeneratedInstruction[], at: number): boolean {
  return code[at]?.[0] === F64_ABS && code[at + 1]?.[0] === F64_CONST && code[at + 2]?.[0] === F64_GT;
}
