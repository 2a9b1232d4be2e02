/**
 * Brings one CPU into the state that the kernel assumes: its Cpu object at GS:0, descriptor tables, features, and the
 * SYSCALL instruction.
 */

import { idleThread } from '../../sched/idle.js';
import { bootCpu, type Cpu } from './cpu.js';
import { detectFeatures, enableFeatures } from './cpu-features.js';
import { buildInterruptTable, KERNEL_CODE, loadDescriptorTables, USER_DATA } from './descriptors.js';

const MSR_EFER: u64 = 0xc000_0080;
const MSR_STAR: u64 = 0xc000_0081;
const MSR_LSTAR: u64 = 0xc000_0082;
const MSR_CSTAR: u64 = 0xc000_0083;
const MSR_FMASK: u64 = 0xc000_0084;
const MSR_GS_BASE: u64 = 0xc000_0101;
const MSR_KERNEL_GS_BASE: u64 = 0xc000_0102;
const EFER_SYSCALL: u64 = 1;
/** What SYSCALL clears in rflags: all but the reserved bit 1. */
const FMASK_ALL: u64 = 0x3f_7fd5;

/** Sets up the CPU that booted. */
export function initializeCpu(): void {
  buildInterruptTable();
  setUpCpu(bootCpu, bootStackTop());
  detectFeatures();
  enableFeatures();
}

function setUpCpu(cpu: Cpu, stackTop: u64): void {
  cpu.self = addressOf(cpu);
  cpu.kernelStackTop = stackTop;
  cpu.current = idleThread;
  loadDescriptorTables(cpu);
  // After the selectors: loading GS clears its base.
  writeMsr(MSR_GS_BASE, addressOf(cpu));
  writeMsr(MSR_KERNEL_GS_BASE, 0);
  enableSystemCalls();
}

/** SDM 3A 5.8.8. SYSRET takes cs = base + 16 and ss = base + 8 from STAR[63:48]. */
function enableSystemCalls(): void {
  writeMsr(MSR_STAR, (KERNEL_CODE << 32) | ((USER_DATA - 8) << 48));
  writeMsr(MSR_LSTAR, systemCallEntry());
  writeMsr(MSR_CSTAR, systemCallEntry()); // 32-bit code on AMD; there is none, since no 32-bit code segment exists
  writeMsr(MSR_FMASK, FMASK_ALL);
  writeMsr(MSR_EFER, readMsr(MSR_EFER) | EFER_SYSCALL);
}
