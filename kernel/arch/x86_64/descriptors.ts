/**
 * Segments and gates of one CPU: the GDT that SYSCALL and SYSRET dictate, the task state segment, and the IDT that all
 * CPUs share. boot/constants.inc has the same selectors, boot/interrupts.asm the stubs.
 */
import { type Cpu, TASK_STATE_BYTES } from './cpu.js';

export const KERNEL_CODE: u64 = 0x08;
export const KERNEL_DATA: u64 = 0x10;
export const USER_DATA: u64 = 0x1b;
const TASK_STATE: u64 = 0x28;

/** Vectors of SDM 3A table 6-1 that the kernel treats apart. */
export const VECTOR_NMI = 2;
const VECTOR_BREAKPOINT = 3;
const VECTOR_OVERFLOW = 4;
const VECTOR_DOUBLE_FAULT = 8;
export const VECTOR_GENERAL_PROTECTION = 13;
const VECTOR_MACHINE_CHECK = 18;

const STUB_BYTES: u64 = 16;
const EMERGENCY_STACK_BYTES: u64 = 4096;

/** Limit and base, as LGDT and LIDT read them: ten bytes, the base at offset 2. */
class TableRegister {
  pad0!: u32;
  pad1!: u16;
  limit!: u16;
  base!: u64;
}

const interruptGates: Fixed<u64, 512> = reserve();
const tableRegister: TableRegister = reserve();

/** Builds the IDT: interrupt gates to the stubs; ring 3 may execute INT3 and INTO only; three have their own stack. */
export function buildInterruptTable(): void {
  const stubs = interruptStubs();
  for (let vector = 0; vector < 256; vector++) {
    const target = stubs + (vector as u64) * STUB_BYTES;
    let stack: u64 = 0;
    if (vector === VECTOR_NMI) {
      stack = 1;
    } else if (vector === VECTOR_DOUBLE_FAULT) {
      stack = 2;
    } else if (vector === VECTOR_MACHINE_CHECK) {
      stack = 3;
    }
    const ring: u64 = vector === VECTOR_BREAKPOINT || vector === VECTOR_OVERFLOW ? 3 : 0;
    // SDM 3A figure 6-8: present, DPL, type 14 (interrupt gate, which clears IF).
    interruptGates[vector * 2] =
      (target & 0xffff) |
      (KERNEL_CODE << 16) |
      (stack << 32) |
      (0xe << 40) |
      (ring << 45) |
      (1 << 47) |
      (((target >>> 16) & 0xffff) << 48);
    interruptGates[vector * 2 + 1] = target >>> 32;
  }
}

/** Loads the GDT with this CPU's task state, the task register and the shared IDT. */
export function loadDescriptorTables(cpu: Cpu): void {
  const task = addressOf(cpu) + offsetOf<Cpu>('taskReserved');
  cpu.ioMapBase = TASK_STATE_BYTES; // beyond the limit: no port is open to ring 3
  for (let stack = 0; stack < 3; stack++) {
    cpu.interruptStack[stack] = emergencyStacks() + ((stack + 1) as u64) * EMERGENCY_STACK_BYTES;
  }
  // SDM 3A figure 3-8; limit and base are ignored in 64-bit code and data segments.
  cpu.descriptors[0] = 0;
  cpu.descriptors[1] = (0x00af_9b00 << 32) | 0xffff;
  cpu.descriptors[2] = (0x00cf_9300 << 32) | 0xffff;
  cpu.descriptors[3] = (0x00cf_f300 << 32) | 0xffff;
  cpu.descriptors[4] = (0x00af_fb00 << 32) | 0xffff;
  // Figure 8-4: an available 64-bit TSS.
  cpu.descriptors[5] =
    (TASK_STATE_BYTES - 1) | ((task & 0xff_ffff) << 16) | (0x89 << 40) | (((task >>> 24) & 0xff) << 56);
  cpu.descriptors[6] = task >>> 32;

  loadTable(addressOf(cpu.descriptors), 7 * 8, true);
  loadSegments(KERNEL_CODE, KERNEL_DATA);
  loadTaskRegister(TASK_STATE);
  loadTable(addressOf(interruptGates), 512 * 8, false);
}

function loadTable(base: u64, bytes: u64, isGdt: boolean): void {
  tableRegister.limit = bytes - 1;
  tableRegister.base = base;
  const operand = addressOf(tableRegister) + offsetOf<TableRegister>('limit');
  if (isGdt) {
    loadGdt(operand);
  } else {
    loadIdt(operand);
  }
}
