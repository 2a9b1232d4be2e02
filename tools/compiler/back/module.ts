// Reads a WebAssembly module as far as the C emitter needs it: types, imports, functions, globals, exports, names.
// (WebAssembly core specification, section 5.5.) Tables, memories, data and start functions are errors: the integer
// subset has none, and what the emitter does not see it could not translate.

import { ByteReader } from './binary.js';
import { I64, Op } from './opcodes.js';

export interface FunctionType {
  parameters: number[];
  results: number[];
}

export interface WasmFunction {
  /** In the index space that calls use: imports come first. */
  index: number;
  name: string;
  type: FunctionType;
  locals: number[];
  code: ByteReader;
}

export interface WasmGlobal {
  name: string;
  type: number;
  initial: bigint;
}

export interface WasmModule {
  types: FunctionType[];
  imports: { name: string; type: FunctionType }[];
  functions: WasmFunction[];
  globals: WasmGlobal[];
  /** Function index -> names under which it is exported. */
  exports: Map<number, string[]>;
  /** Functions that dropForwarders removed: index -> what to call instead. */
  forwards: Map<number, number>;
}

export class MalformedModule extends Error {}

export function readModule(bytes: Uint8Array): WasmModule {
  const reader = new ByteReader(bytes);
  const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  if (magic.some((value) => reader.byte() !== value)) throw new MalformedModule('not a WebAssembly module');
  const module: WasmModule = {
    types: [],
    imports: [],
    functions: [],
    globals: [],
    exports: new Map(),
    forwards: new Map(),
  };
  let functionTypes: FunctionType[] = [];
  const functionNames = new Map<number, string>();
  const globalNames = new Map<number, string>();
  const typeAt = (index: number): FunctionType => {
    const type = module.types[index];
    if (type === undefined) throw new MalformedModule(`no type ${index}`);
    return type;
  };

  while (!reader.done) {
    const id = reader.byte();
    const section = reader.slice(reader.unsigned());
    switch (id) {
      case 0:
        if (section.name() === 'name') readNames(section, functionNames, globalNames);
        break;
      case 1:
        module.types = section.list(readFunctionType);
        break;
      case 2:
        module.imports = section.list((entry) => {
          entry.name();
          const name = entry.name();
          if (entry.byte() !== 0) throw new MalformedModule(`import ${name} is not a function`);
          return { name, type: typeAt(entry.unsigned()) };
        });
        break;
      case 3:
        functionTypes = section.list((entry) => typeAt(entry.unsigned()));
        break;
      case 6:
        module.globals = section.list(readGlobal);
        break;
      case 7:
        for (const { name, index } of section.list(readExport)) {
          module.exports.set(index, [...(module.exports.get(index) ?? []), name]);
        }
        break;
      case 10:
        module.functions = section
          .list((entry) => entry.slice(entry.unsigned()))
          .map((code, position) => {
            const type = functionTypes[position];
            if (type === undefined) throw new MalformedModule('more bodies than functions');
            const locals = code.list((run) => ({ count: run.unsigned(), type: run.byte() }));
            return {
              index: module.imports.length + position,
              name: '',
              type,
              locals: locals.flatMap(({ count, type: local }) => Array<number>(count).fill(local)),
              code,
            };
          });
        break;
      default:
        throw new MalformedModule(`section ${id} has no meaning in the integer subset`);
    }
  }
  for (const func of module.functions) func.name = functionNames.get(func.index) ?? `function${func.index}`;
  module.globals.forEach((global, index) => {
    global.name = globalNames.get(index) ?? `global${index}`;
  });
  return module;
}

function readFunctionType(reader: ByteReader): FunctionType {
  if (reader.byte() !== 0x60) throw new MalformedModule('not a function type');
  return { parameters: reader.list((entry) => entry.byte()), results: reader.list((entry) => entry.byte()) };
}

function readGlobal(reader: ByteReader): WasmGlobal {
  const type = reader.byte();
  reader.byte(); // mutability
  const operation = reader.byte();
  if (operation !== Op.i64Const && operation !== Op.i32Const) throw new MalformedModule('global without a constant');
  const initial = reader.signed();
  reader.byte();
  return { name: '', type, initial: type === I64 ? BigInt.asUintN(64, initial) : BigInt.asUintN(32, initial) };
}

function readExport(reader: ByteReader): { name: string; index: number } {
  const name = reader.name();
  if (reader.byte() !== 0) throw new MalformedModule(`export ${name} is not a function`);
  return { name, index: reader.unsigned() };
}

function readNames(section: ByteReader, functions: Map<number, string>, globals: Map<number, string>): void {
  while (!section.done) {
    const id = section.byte();
    const content = section.slice(section.unsigned());
    const target = id === 1 ? functions : id === 7 ? globals : undefined;
    if (target)
      for (const [index, name] of content.list((entry) => [entry.unsigned(), entry.name()] as const))
        target.set(index, name);
  }
}

/** The function that `func` does nothing but call, with its own arguments, if that is so: an entry's wrapper. */
export function forwardsTo(module: WasmModule, func: WasmFunction): WasmFunction | undefined {
  const code = func.code.fork();
  for (let index = 0; index < func.type.parameters.length; index++) {
    if (code.byte() !== Op.localGet || code.unsigned() !== index) return undefined;
  }
  if (code.byte() !== Op.call) return undefined;
  const target = module.functions[code.unsigned() - module.imports.length];
  if (target === undefined || target === func || code.byte() !== Op.end) return undefined;
  const same =
    target.type.parameters.join() === func.type.parameters.join() &&
    target.type.results.join() === func.type.results.join();
  return same ? target : undefined;
}

/**
 * Removes wrappers that are left with nothing to do: what they call takes over their exports, and calls of them (the
 * optimizer merges equal functions) go to it directly.
 */
export function dropForwarders(module: WasmModule): void {
  const resolve = (index: number): number => {
    const next = module.forwards.get(index);
    return next === undefined ? index : resolve(next);
  };
  for (const [index, symbols] of [...module.exports]) {
    const func = module.functions[index - module.imports.length];
    const forwarded = func && forwardsTo(module, func);
    if (forwarded === undefined) continue;
    const target = resolve(forwarded.index);
    if (target === index) continue; // functions that only call each other
    module.exports.delete(index);
    module.exports.set(target, [...(module.exports.get(target) ?? []), ...symbols]);
    module.forwards.set(index, target);
  }
}
