// The kernel in a box: the whole of it as WebAssembly, with simulated RAM and a machine that does nothing. A small module
// in the dialect sets up one trusted thread with a capability table and one Untyped, as root-task.ts does on the real
// machine, and lets the test issue operations for whichever thread is current.

import type { HostProgram } from '../../../tools/compiler/back/host.js';
import { type CompiledProgram, compileForHost, instantiate } from '../program.js';

export const DIRECT_MAP = 0xffff_8000_0000_0000n;
/** Physical addresses of the box. */
export const RAM_BYTES = 0x10_0000;
export const ROOT_TABLE = 0x1000n;
export const ROOT_CNODE = 0x4000n;
export const ROOT_RADIX = 7n;
export const ROOT_TCB = 0x8000n;
export const ROOT_SPACE = 0x9000n;
export const UNTYPED = 0x8_0000n;
export const UNTYPED_BITS = 19n;

/** Slots of the root CNode. */
export const SLOT = { cnode: 1, tcb: 2, space: 3, irqControl: 4, ports: 5, clock: 6, untyped: 8, free: 9 };

const HARNESS = `
import { ObjectKind } from '../../../lib/abi/object-kind.js';
import { RIGHTS_ALL } from '../../../lib/abi/rights.js';
import { nativeOperation } from '../../ipc/fast-path.js';
import type { Capability } from '../../object/capability.js';
import type { CNode } from '../../object/cnode.js';
import { clockSlot } from '../../object/clock.js';
import { makeObject } from '../../object/create.js';
import { irqLines } from '../../object/irq.js';
import { type Tcb, ThreadSlot, ThreadState } from '../../object/tcb.js';
import { bindSlot } from '../../object/thread-slots.js';
import { makeMemoryCapability } from '../../object/untyped.js';
import { idleThread, initializeIdle } from '../../sched/idle.js';
import { initializeScheduler, scheduler, switchTo } from '../../sched/scheduler.js';
import { timerInterrupt } from '../../sched/timer.js';
import { bootCpu } from './cpu.js';
import { features } from './cpu-features.js';

const bootstrap: Capability = reserve();

export function setUp(cnode: u64, radix: u64, tcb: u64, space: u64, untyped: u64, untypedBits: u64): void {
  bootCpu.self = addressOf(bootCpu);
  features.tscDeadline = true;
  makeObject(bootstrap, ObjectKind.CNode, radix + 6, cnode);
  const table = bootstrap.object as CNode;
  const own = table.slots[1];
  own.kind = bootstrap.kind;
  own.rights = bootstrap.rights;
  own.bits = bootstrap.bits;
  own.guardBits = bootstrap.guardBits;
  own.object = bootstrap.object;
  makeObject(table.slots[2], ObjectKind.Tcb, 11, tcb);
  makeObject(table.slots[3], ObjectKind.VSpace, 12, space);
  plain(table.slots[4], ObjectKind.IrqControl);
  plain(table.slots[5], ObjectKind.PortRange);
  table.slots[5].word = 0xffff_0000;
  plain(table.slots[6], ObjectKind.Clock);
  makeMemoryCapability(table.slots[8], ObjectKind.Untyped, untypedBits, untyped, RIGHTS_ALL);
  const thread = table.slots[2].object as Tcb;
  bindSlot(thread, ThreadSlot.CSpace, own);
  bindSlot(thread, ThreadSlot.VSpace, table.slots[3]);
  thread.usesFpu = false;
  thread.slowFlags = 0;
  thread.priority = 100;
  thread.maximumPriority = 255;
  thread.state = ThreadState.Ready;
  initializeIdle();
  initializeScheduler(1000);
  bootCpu.current = idleThread;
  switchTo(bootCpu, thread);
}

function plain(slot: Capability, kind: ObjectKind): void {
  slot.kind = kind;
  slot.rights = RIGHTS_ALL;
}

export function cpuAddress(): u64 { return addressOf(bootCpu); }
export function currentThread(): Tcb { return bootCpu.current; }
export function idle(): Tcb { return idleThread; }
export function schedulerAddress(): u64 { return addressOf(scheduler); }
export function tick(): void { timerInterrupt(); }
export function clockSlotAddress(): u64 { return addressOf(clockSlot); }
export function irqLineAddress(line: u64): u64 { return addressOf(irqLines[line]); }
`;
const PREFIX = 'arch_x86_64_host_harness_';

let compiled: Promise<CompiledProgram> | undefined;

/** Compiled once for each process. */
export function compileKernel(name: string): Promise<CompiledProgram> {
  compiled ??= compileForHost(name, 'kernel/arch/x86_64/host-harness.ts', HARNESS.trimStart());
  return compiled;
}

export interface Registers {
  operation: bigint;
  pointer: bigint;
  message: bigint;
  words: readonly [bigint, bigint, bigint, bigint];
}

export class KernelBox {
  readonly program: HostProgram;
  /** Slots of the kernel's own: the Clock's and the interrupt lines' notifications. */
  readonly kernelSlots: readonly bigint[];
  private time = 1000n;

  constructor(kernel: CompiledProgram) {
    let cpu = 0n;
    this.program = instantiate(kernel, {
      windows: [{ base: DIRECT_MAP, size: RAM_BYTES }],
      intrinsics: {
        cpuSelf: () => cpu,
        kernelRootTable: () => DIRECT_MAP + ROOT_TABLE,
        readTimeStamp: () => {
          this.time += 7n;
          return this.time;
        },
      },
    });
    cpu = this.call('cpuAddress');
    const lines = Array.from({ length: 64 }, (_, line) => this.call('irqLineAddress', line));
    this.kernelSlots = [this.call('clockSlotAddress'), ...lines];
    this.call('setUp', ROOT_CNODE, ROOT_RADIX, ROOT_TCB, ROOT_SPACE, UNTYPED, UNTYPED_BITS);
  }

  call(name: string, ...given: (bigint | number)[]): bigint {
    return this.program.call(PREFIX + name, ...given);
  }

  get current(): bigint {
    return this.call('currentThread');
  }

  /** What the current thread's `syscall` instruction does. */
  operate({ operation, pointer, message, words }: Registers): void {
    this.program.call('kernel_native_operation', pointer, message, ...words, operation);
  }

  /** A foreign thread's `syscall` instruction; the number is what its frame has in rax. */
  systemCall(): void {
    const thread = this.current;
    this.program.call('kernel_foreign_system_call', thread, this.field('Tcb', 'registers', thread));
  }

  /** The current thread faults. */
  fault(vector: bigint, errorCode: bigint, address: bigint): void {
    this.program.call('kernel_fault', this.current, vector, errorCode, address);
  }

  /** Time passes and the timer interrupts. */
  tick(): void {
    this.time += 5000n;
    this.call('tick');
  }

  field(className: string, name: string, address: bigint): bigint {
    return this.program.field(className, name, address);
  }

  /** All of RAM, as it is. */
  get ram(): Uint8Array {
    return this.program.memory.span(DIRECT_MAP, RAM_BYTES);
  }
}
