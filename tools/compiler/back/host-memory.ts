// Simulated memory for programs that run under Node. A program's 64-bit addresses fall into a few windows (the image,
// simulated RAM, …); a small WebAssembly module, generated for these windows, checks each access and makes it a load or
// store of one linear memory. Every other address goes to `outside`, which is where tests put devices; by default such
// an access throws, so that a stray pointer fails the test that follows it.

import { ByteWriter } from './binary.js';
import { I32, I64, Op } from './opcodes.js';

export interface Window {
  base: bigint;
  size: number;
}

/** An access outside all windows. Returns what a load reads. `value` is undefined for a load. */
export type OutsideAccess = (address: bigint, width: number, value: bigint | undefined) => bigint;

export class MemoryFault extends Error {
  constructor(
    readonly address: bigint,
    readonly width: number,
    readonly write: boolean,
  ) {
    super(`${write ? 'store' : 'load'} of ${width} bytes at 0x${BigInt.asUintN(64, address).toString(16)}`);
  }
}

interface PlacedWindow extends Window {
  start: number;
}

interface Access {
  name: string;
  width: number;
  opcode: number;
  store: boolean;
}

// i64.load8_u, i64.load16_u, i64.load32_u, i64.load, i64.store8, i64.store16, i64.store32, i64.store
const ACCESSES: readonly Access[] = [
  { name: 'load8', width: 1, opcode: 0x31, store: false },
  { name: 'load16', width: 2, opcode: 0x33, store: false },
  { name: 'load32', width: 4, opcode: 0x35, store: false },
  { name: 'load64', width: 8, opcode: 0x29, store: false },
  { name: 'store8', width: 1, opcode: 0x3c, store: true },
  { name: 'store16', width: 2, opcode: 0x3d, store: true },
  { name: 'store32', width: 4, opcode: 0x3e, store: true },
  { name: 'store64', width: 8, opcode: 0x37, store: true },
];

const PAGE = 65536;
const I64_LE_U = 0x58;
const I64_SUB = 0x7d;
const I32_WRAP_I64 = 0xa7;

export class SimulatedMemory {
  readonly exports: Record<string, CallableFunction>;
  private readonly windows: PlacedWindow[] = [];
  private readonly buffer: ArrayBuffer;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(windows: readonly Window[], outside: OutsideAccess = faultOutside) {
    let start = 0;
    for (const window of windows) {
      this.windows.push({ base: BigInt.asUintN(64, window.base), size: window.size, start });
      start += Math.ceil(window.size / 64) * 64;
    }
    const pages = Math.max(1, Math.ceil(start / PAGE));
    const instance = new WebAssembly.Instance(new WebAssembly.Module(accessModule(this.windows, pages)), {
      env: {
        outsideLoad: (address: bigint, width: number) => outside(BigInt.asUintN(64, address), width, undefined),
        outsideStore: (address: bigint, width: number, value: bigint) => {
          outside(BigInt.asUintN(64, address), width, BigInt.asUintN(64, value));
        },
      },
    });
    this.exports = instance.exports as Record<string, CallableFunction>;
    this.buffer = (instance.exports.memory as WebAssembly.Memory).buffer;
    this.bytes = new Uint8Array(this.buffer);
    this.view = new DataView(this.buffer);
  }

  private place(address: bigint, count: number, write: boolean): number {
    const unsigned = BigInt.asUintN(64, address);
    for (const { base, size, start } of this.windows) {
      const offset = unsigned - base;
      if (offset >= 0n && offset + BigInt(count) <= BigInt(size)) return start + Number(offset);
    }
    throw new MemoryFault(unsigned, count, write);
  }

  /** The bytes themselves, not a copy. */
  span(address: bigint, count: number): Uint8Array {
    const start = this.place(address, count, true);
    return this.bytes.subarray(start, start + count);
  }

  load(address: bigint, width: 1 | 2 | 4 | 8): bigint {
    const at = this.place(address, width, false);
    switch (width) {
      case 1:
        return BigInt(this.view.getUint8(at));
      case 2:
        return BigInt(this.view.getUint16(at, true));
      case 4:
        return BigInt(this.view.getUint32(at, true));
      case 8:
        return this.view.getBigUint64(at, true);
    }
  }

  store(address: bigint, width: 1 | 2 | 4 | 8, value: bigint): void {
    const at = this.place(address, width, true);
    const low = BigInt.asUintN(width * 8, value);
    if (width === 8) this.view.setBigUint64(at, low, true);
    else if (width === 4) this.view.setUint32(at, Number(low), true);
    else if (width === 2) this.view.setUint16(at, Number(low), true);
    else this.view.setUint8(at, Number(low));
  }

  /** Copies upwards, byte by byte where the areas overlap, as `rep movs` does. */
  copy(destination: bigint, source: bigint, count: number): void {
    if (count === 0) return;
    const from = this.place(source, count, false);
    const to = this.place(destination, count, true);
    if (to > from && to < from + count) {
      for (let i = 0; i < count; i++) this.bytes[to + i] = this.bytes[from + i] as number;
    } else {
      this.bytes.copyWithin(to, from, from + count);
    }
  }

  fill(destination: bigint, value: bigint, count: number): void {
    if (count === 0) return;
    const to = this.place(destination, count, true);
    this.bytes.fill(Number(BigInt.asUintN(8, value)), to, to + count);
  }
}

function faultOutside(address: bigint, width: number, value: bigint | undefined): bigint {
  throw new MemoryFault(address, width, value !== undefined);
}

/** A module that exports its memory and one function for each access. */
function accessModule(windows: readonly PlacedWindow[], pages: number): Uint8Array {
  const out = new ByteWriter();
  out.raw([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
  out.section(1, (section) => {
    section.unsigned(4);
    section.raw([0x60, 1, I64, 1, I64]); // 0: load
    section.raw([0x60, 2, I64, I64, 0]); // 1: store
    section.raw([0x60, 2, I64, I32, 1, I64]); // 2: outsideLoad
    section.raw([0x60, 3, I64, I32, I64, 0]); // 3: outsideStore
  });
  out.section(2, (section) => {
    section.unsigned(2);
    ['outsideLoad', 'outsideStore'].forEach((name, index) => {
      section.name('env');
      section.name(name);
      section.raw([0, 2 + index]);
    });
  });
  out.section(3, (section) => {
    section.unsigned(ACCESSES.length);
    for (const access of ACCESSES) section.byte(access.store ? 1 : 0);
  });
  out.section(5, (section) => {
    section.raw([1, 0]);
    section.unsigned(pages);
  });
  out.section(7, (section) => {
    section.unsigned(ACCESSES.length + 1);
    section.name('memory');
    section.raw([2, 0]);
    ACCESSES.forEach((access, index) => {
      section.name(access.name);
      section.byte(0);
      section.unsigned(2 + index);
    });
  });
  out.section(10, (section) => {
    section.unsigned(ACCESSES.length);
    for (const access of ACCESSES) section.sized(accessBody(access, windows));
  });
  return out.toBytes();
}

function accessBody(access: Access, windows: readonly PlacedWindow[]): ByteWriter {
  const body = new ByteWriter();
  const offset = access.store ? 2 : 1; // the local behind the parameters
  body.raw([1, 1, I64]);
  for (const window of windows) {
    if (window.size < access.width) continue;
    body.raw([Op.localGet, 0, Op.i64Const]);
    body.signed(BigInt.asIntN(64, window.base));
    body.raw([I64_SUB, Op.localTee, offset, Op.i64Const]);
    body.signed(BigInt(window.size - access.width));
    body.raw([I64_LE_U, Op.if, 0x40, Op.localGet, offset, I32_WRAP_I64]);
    if (access.store) body.raw([Op.localGet, 1]);
    body.raw([access.opcode, 0]);
    body.unsigned(window.start);
    body.raw([Op.return, Op.end]);
  }
  body.raw([Op.localGet, 0, Op.i32Const]);
  body.signed(BigInt(access.width));
  if (access.store) body.raw([Op.localGet, 1]);
  body.raw([Op.call, access.store ? 1 : 0, Op.end]);
  return body;
}
