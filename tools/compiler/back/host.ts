// Runs a compiled program under Node: the same optimized WebAssembly that becomes the native object file, with
// simulated memory and with the machine's other intrinsics supplied by the test.
//
//   const program = new HostProgram(lowered, wasm, { windows: [{ base: RAM, size: 1 << 24 }], intrinsics: { … } });
//   program.call('kernel_sched_enqueue', thread);
//   program.field('Tcb', 'state', thread);
//
// Values are 64-bit and unsigned on both sides; numbers may be given where they are exact.

import type { ClassLayout, LoweredProgram } from '../lowered.js';
import { type OutsideAccess, SimulatedMemory, type Window } from './host-memory.js';

export { MemoryFault, SimulatedMemory, type Window } from './host-memory.js';

export type Integer = bigint | number | boolean;
export type HostIntrinsic = (...given: bigint[]) => Integer | undefined;

export interface HostOptions {
  /** Simulated RAM. The image (constants, static storage) has a window of its own. */
  windows?: readonly Window[];
  /** Intrinsics other than memory accesses. One that is not supplied throws when it is called. */
  intrinsics?: Record<string, HostIntrinsic>;
  /** Accesses outside all windows; default: throw MemoryFault. */
  outside?: OutsideAccess;
  /** Where constants and static storage appear. */
  imageBase?: bigint;
}

/** The top 2 GB, where the kernel is linked. */
const DEFAULT_IMAGE = 0xffff_ffff_8000_0000n;
const ALIGNMENT = 64;

const modules = new WeakMap<Uint8Array, WebAssembly.Module>();

export class HostProgram {
  readonly memory: SimulatedMemory;
  /** Addresses of the read-only data and of the static storage. */
  readonly constants: bigint;
  readonly statics: bigint;
  private readonly functions: Record<string, CallableFunction>;
  private readonly layouts: Map<string, ClassLayout>;
  private readonly places = new Map<string, { offset: bigint; size: number }>();

  constructor(
    program: Pick<LoweredProgram, 'readOnlyData' | 'staticBytes' | 'layouts' | 'intrinsics'>,
    wasm: Uint8Array,
    options: HostOptions = {},
  ) {
    const image = options.imageBase ?? DEFAULT_IMAGE;
    const staticsOffset = Math.ceil(program.readOnlyData.length / ALIGNMENT) * ALIGNMENT;
    const imageWindow = { base: image, size: staticsOffset + program.staticBytes + ALIGNMENT };
    this.memory = new SimulatedMemory([imageWindow, ...(options.windows ?? [])], options.outside);
    this.constants = image;
    this.statics = image + BigInt(staticsOffset);
    this.memory.span(image, program.readOnlyData.length).set(program.readOnlyData);
    this.layouts = new Map(program.layouts.map((layout) => [layout.class, layout]));
    this.functions = this.instantiate(wasm, options.intrinsics ?? {});
  }

  private instantiate(wasm: Uint8Array, supplied: Record<string, HostIntrinsic>): Record<string, CallableFunction> {
    let module = modules.get(wasm);
    if (module === undefined) {
      module = new WebAssembly.Module(wasm);
      modules.set(wasm, module);
    }
    const { memory } = this;
    const standard: Record<string, CallableFunction> = {
      ...memory.exports,
      ...onceAccesses(memory.exports),
      __rodata: () => this.constants,
      __statics: () => this.statics,
      copyBytes: (to: bigint, from: bigint, count: bigint) => memory.copy(to, from, length(count)),
      fillBytes: (to: bigint, value: bigint, count: bigint) => memory.fill(to, value, length(count)),
      copyWords: (to: bigint, from: bigint, count: bigint) => memory.copy(to, from, length(count) * 8),
      fillWords: (to: bigint, value: bigint, count: bigint) => {
        for (let i = 0n; i < count; i++) memory.store(to + i * 8n, 8, value);
      },
    };
    const env: Record<string, CallableFunction> = {};
    for (const { name } of WebAssembly.Module.imports(module)) {
      const given = supplied[name];
      if (given !== undefined) env[name] = (...values: bigint[]) => integer(given(...values.map(unsigned)) ?? 0n);
      else env[name] = standard[name] ?? missing(name);
    }
    const instance = new WebAssembly.Instance(module, { env });
    return instance.exports as Record<string, CallableFunction>;
  }

  /** Calls an entry by its symbol; a function without a result gives 0. */
  call(symbol: string, ...given: Integer[]): bigint {
    const target = this.functions[symbol];
    if (target === undefined) throw new Error(`the program has no entry "${symbol}"`);
    if (given.length !== target.length)
      throw new Error(`"${symbol}" takes ${target.length} arguments, not ${given.length}`);
    const result: unknown = target(...given.map(integer));
    return typeof result === 'bigint' ? unsigned(result) : 0n;
  }

  private fieldPlace(className: string, fieldName: string): { offset: bigint; size: number } {
    const key = `${className}.${fieldName}`;
    const known = this.places.get(key);
    if (known !== undefined) return known;
    const field = this.layouts.get(className)?.fields.find(({ name }) => name === fieldName);
    if (field === undefined) throw new Error(`${className} has no field "${fieldName}"`);
    const place = { offset: BigInt(field.offset), size: field.size };
    this.places.set(key, place);
    return place;
  }

  /** The value of a scalar field of the object at `address`. */
  field(className: string, fieldName: string, address: Integer): bigint {
    const { offset, size } = this.fieldPlace(className, fieldName);
    return this.memory.load(integer(address) + offset, scalar(size));
  }

  setField(className: string, fieldName: string, address: Integer, value: Integer): void {
    const { offset, size } = this.fieldPlace(className, fieldName);
    this.memory.store(integer(address) + offset, scalar(size), integer(value));
  }

  /** The address of a field that is an array or an object in place. */
  fieldAddress(className: string, fieldName: string, address: Integer): bigint {
    return integer(address) + this.fieldPlace(className, fieldName).offset;
  }

  sizeOf(className: string): number {
    const layout = this.layouts.get(className);
    if (layout === undefined) throw new Error(`no class "${className}"`);
    return layout.size;
  }
}

/** loadOnce and storeOnce, which differ from plain accesses only where there are devices and other writers. */
function onceAccesses(plain: Record<string, CallableFunction>): Record<string, CallableFunction> {
  const names = Object.keys(plain).filter((name) => /^(load|store)\d+$/.test(name));
  return Object.fromEntries(names.map((name) => [name.replace(/(?=\d)/, 'Once'), plain[name] as CallableFunction]));
}

function integer(value: Integer): bigint {
  return typeof value === 'bigint' ? value : BigInt(value);
}

function unsigned(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

function length(count: bigint): number {
  return Number(unsigned(count));
}

function scalar(size: number): 1 | 2 | 4 | 8 {
  if (size === 1 || size === 2 || size === 4 || size === 8) return size;
  throw new Error(`a field of ${size} bytes is no scalar`);
}

function missing(name: string): () => never {
  return () => {
    throw new Error(`the test supplies no intrinsic "${name}"`);
  };
}
