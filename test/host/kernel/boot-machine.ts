// The boot half of the kernel under Node: loader information and firmware tables in simulated RAM, the kernel's own
// page tables in a simulated image. A test writes physical memory, calls a parser, and reads what it understood.

import type { HostProgram } from '../../../tools/compiler/back/host.js';
import { compileForHost, instantiate } from '../program.js';

const HARNESS = `
import { initializeAcpi } from './acpi.js';
import { powerTimerPort, readPowerHardware } from './acpi-power.js';
import { detectFeatures } from './cpu-features.js';
import { mapDevice, mapMemory, mapForReading, protectImage } from './kernel-map.js';
import { madt, readMadt } from './madt.js';
import { daysSince1970 } from './time.js';
import { bootRecord } from '../../boot/boot-record.js';
import { bootOptions, parseCommandLine } from '../../boot/command-line.js';
import { addMemory, memoryRange, memoryRangeCount, removeMemory, takeBootPage, totalMemory } from '../../boot/memory-map.js';
import { takeOverMemory } from '../../boot/memory.js';
import { readMultiboot2Information } from '../../boot/multiboot2.js';
import { readPvhInformation } from '../../boot/pvh.js';
export function start(): void { detectFeatures(); protectImage(); }
export function pvh(physical: u64): boolean { return readPvhInformation(physical); }
export function multiboot2(physical: u64): boolean { return readMultiboot2Information(physical); }
export function acpi(): void { initializeAcpi(); readMadt(); readPowerHardware(); }
export function takeOver(): void { takeOverMemory(); }
export function words(): void { parseCommandLine(); }
export function add(start: u64, bytes: u64): void { addMemory(start, bytes); }
export function remove(start: u64, bytes: u64): void { removeMemory(start, bytes); }
export function rangeCount(): u64 { return memoryRangeCount(); }
export function rangeStart(index: u64): u64 { return memoryRange(index).start; }
export function rangeEnd(index: u64): u64 { return memoryRange(index).end; }
export function total(): u64 { return totalMemory(); }
export function takePage(limit: u64): u64 { return takeBootPage(limit); }
export function record(): u64 { return addressOf(bootRecord); }
export function options(): u64 { return addressOf(bootOptions); }
export function madtRecord(): u64 { return addressOf(madt); }
export function timerPort(): u64 { return powerTimerPort(); }
export function days(year: u64, month: u64, day: u64): u64 { return daysSince1970(year, month, day); }
export function mapRam(start: u64, end: u64): void { mapMemory(start, end); }
export function mapRegisters(physical: u64, bytes: u64): boolean { return mapDevice(physical, bytes); }
export function mapTable(physical: u64, bytes: u64): boolean { return mapForReading(physical, bytes); }
`;

const compiled = compileForHost('kernel-boot', 'kernel/arch/x86_64/host-harness.ts', HARNESS);

export const DIRECT_MAP = 0xffff_8000_0000_0000n;
export const KERNEL_BASE = 0xffff_ffff_8000_0000n;
export const RAM_BYTES = 4 << 20;
const IMAGE = 0xffff_ffff_9000_0000n;
const NO_EXECUTE = 1n << 20n;

/** Where the simulated image has its parts. */
export const image = {
  start: IMAGE - 0x10000n,
  textEnd: IMAGE - 0xc000n,
  constantsEnd: IMAGE,
  guard: IMAGE + 0x100000n,
  end: IMAGE + 0x200000n,
};
const ROOT_TABLE = IMAGE + 0x1000n;
const CPU = IMAGE + 0x90000n;

export class BootMachine {
  private constructor(readonly host: HostProgram) {}

  static async create(): Promise<BootMachine> {
    const host = instantiate(await compiled, {
      imageBase: 0xffff_ffff_8010_0000n,
      windows: [
        { base: DIRECT_MAP, size: RAM_BYTES },
        { base: IMAGE, size: 2 << 20 },
      ],
      intrinsics: {
        cpuidEdx: (leaf = 0n) => (leaf === 0x8000_0001n ? NO_EXECUTE : 0n),
        cpuSelf: () => CPU,
        imageStart: () => image.start,
        textEnd: () => image.textEnd,
        constantsEnd: () => image.constantsEnd,
        imageEnd: () => image.end,
        bootStackGuard: () => image.guard,
        kernelRootTable: () => ROOT_TABLE,
        tableReserve: () => ROOT_TABLE + 0x1000n,
        tableReserveEnd: () => CPU,
      },
    });
    const machine = new BootMachine(host);
    machine.call('start');
    return machine;
  }

  call(name: string, ...given: (bigint | number)[]): bigint {
    return this.host.call(`arch_x86_64_host_harness_${name}`, ...given);
  }

  /** Writes bytes into physical memory. */
  write(physical: number, bytes: Uint8Array): void {
    this.host.memory.span(DIRECT_MAP + BigInt(physical), bytes.length).set(bytes);
  }

  /** A field of the boot record. */
  record(field: string): bigint {
    return this.host.field('BootRecord', field, this.call('record'));
  }

  /** What PVH and multiboot2 give as the boot module. */
  setModule(physical: bigint | number, length: bigint | number): void {
    this.host.setField('BootRecord', 'modulePhysical', this.call('record'), physical);
    this.host.setField('BootRecord', 'moduleBytes', this.call('record'), length);
  }

  option(field: string): bigint {
    return this.host.field('BootOptions', field, this.call('options'));
  }

  madt(field: string): bigint {
    return this.host.field('MadtRecord', field, this.call('madtRecord'));
  }

  commandLine(): string {
    const at = this.host.fieldAddress('BootRecord', 'commandLine', this.call('record'));
    return Buffer.from(this.host.memory.span(at, Number(this.record('commandLineLength')))).toString('latin1');
  }

  setCommandLine(text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    const record = this.call('record');
    this.host.memory.span(this.host.fieldAddress('BootRecord', 'commandLine', record), bytes.length).set(bytes);
    this.host.setField('BootRecord', 'commandLineLength', record, bytes.length);
  }

  /** The memory map as [start, end) pairs. */
  ranges(): [number, number][] {
    return Array.from({ length: Number(this.call('rangeCount')) }, (_, index) => [
      Number(this.call('rangeStart', index)),
      Number(this.call('rangeEnd', index)),
    ]);
  }

  /** The leaf that maps `address` in the kernel's tables (a 2M or 1G entry counts as the leaf), or 0. */
  leaf(address: bigint): bigint {
    let table = ROOT_TABLE;
    for (const shift of [39n, 30n, 21n, 12n]) {
      const entry = this.host.memory.load(table + ((address >> shift) & 511n) * 8n, 8);
      if ((entry & 1n) === 0n) return 0n;
      if (shift === 12n || (entry & 0x80n) !== 0n) return BigInt.asUintN(64, entry);
      table = KERNEL_BASE + (entry & 0x000f_ffff_ffff_f000n);
    }
    return 0n;
  }
}

/** Little-endian numbers and text, one after the other: [width in bytes, value] or a string. */
export function bytes(...parts: ([number, number | bigint] | string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.map((part) => {
      if (typeof part === 'string') return Buffer.from(part, 'latin1');
      if (part instanceof Uint8Array) return Buffer.from(part);
      const [width, value] = part;
      const buffer = Buffer.alloc(8);
      buffer.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
      return buffer.subarray(0, width);
    }),
  );
}
