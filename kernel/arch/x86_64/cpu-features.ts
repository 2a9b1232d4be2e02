/**
 * What this processor can do, and switching it on: protection (WP, NX, SMEP, SMAP, UMIP), page sizes, XSAVE, x2APIC, TSC
 * deadline. All of it is optional but what x86_64 itself promises; FSGSBASE stays off, so that FS and GS bases change
 * only by system call (docs/kernel.md).
 */

/** CPUID leaf 1, ecx. */
const LEAF1_ECX_X2APIC = 1 << 21;
const LEAF1_ECX_TSC_DEADLINE = 1 << 24;
const LEAF1_ECX_XSAVE = 1 << 26;
const LEAF1_ECX_HYPERVISOR = 1 << 31;
/** CPUID leaf 1, edx. */
const LEAF1_EDX_MCE = 1 << 7;
const LEAF1_EDX_PGE = 1 << 13;
/** CPUID leaf 7, ebx and ecx. */
const LEAF7_EBX_SMEP = 1 << 7;
const LEAF7_EBX_SMAP = 1 << 20;
const LEAF7_ECX_UMIP = 1 << 2;
/** CPUID leaf 0x80000001, edx. */
const EXTENDED_EDX_NX = 1 << 20;
const EXTENDED_EDX_PAGE_1G = 1 << 26;

const CR0_WRITE_PROTECT: u64 = 1 << 16;
const CR4_PAE: u64 = 1 << 5;
/** Without it a machine check shuts the processor down unsaid (SDM 3A 6.15, #MC). */
const CR4_MACHINE_CHECK: u64 = 1 << 6;
const CR4_GLOBAL_PAGES: u64 = 1 << 7;
const CR4_OSFXSR: u64 = 1 << 9;
const CR4_OSXMMEXCPT: u64 = 1 << 10;
const CR4_UMIP: u64 = 1 << 11;
const CR4_OSXSAVE: u64 = 1 << 18;
const CR4_SMEP: u64 = 1 << 20;
const CR4_SMAP: u64 = 1 << 21;

/** x87, SSE and AVX state: what XSAVE is asked to keep where the processor has it (SDM 1, 13.1). */
const STATE_X87_SSE: u64 = 3;
const STATE_AVX: u64 = 1 << 2;

/** Found once, on the CPU that boots. */
export class CpuFeatures {
  noExecute!: boolean;
  page1G!: boolean;
  globalPages!: boolean;
  machineCheck!: boolean;
  smep!: boolean;
  smap!: boolean;
  umip!: boolean;
  x2apic!: boolean;
  tscDeadline!: boolean;
  hypervisor!: boolean;
  /** XSAVE is on, with these states; 0: FXSAVE. */
  xsaveMask!: u64;
  physicalBits!: u8;
}

export const features: CpuFeatures = reserve();

/** Fills `features`. */
export function detectFeatures(): void {
  const maximumLeaf = cpuidEax(0, 0);
  const maximumExtended = cpuidEax(0x8000_0000, 0);
  const leaf1c = cpuidEcx(1, 0);
  const leaf1d = cpuidEdx(1, 0);
  features.x2apic = (leaf1c & LEAF1_ECX_X2APIC) !== 0;
  features.tscDeadline = (leaf1c & LEAF1_ECX_TSC_DEADLINE) !== 0;
  features.hypervisor = (leaf1c & LEAF1_ECX_HYPERVISOR) !== 0;
  features.machineCheck = (leaf1d & LEAF1_EDX_MCE) !== 0;
  features.globalPages = (leaf1d & LEAF1_EDX_PGE) !== 0;
  if (maximumLeaf >= 7) {
    const leaf7b = cpuidEbx(7, 0);
    features.smep = (leaf7b & LEAF7_EBX_SMEP) !== 0;
    features.smap = (leaf7b & LEAF7_EBX_SMAP) !== 0;
    features.umip = (cpuidEcx(7, 0) & LEAF7_ECX_UMIP) !== 0;
  }
  const extended = cpuidEdx(0x8000_0001, 0);
  features.noExecute = (extended & EXTENDED_EDX_NX) !== 0;
  features.page1G = (extended & EXTENDED_EDX_PAGE_1G) !== 0;
  features.physicalBits = maximumExtended >= 0x8000_0008 ? cpuidEax(0x8000_0008, 0) & 0xff : 36;
  features.xsaveMask = 0;
  if ((leaf1c & LEAF1_ECX_XSAVE) !== 0 && maximumLeaf >= 0xd) {
    features.xsaveMask = STATE_X87_SSE | ((cpuidEax(0xd, 0) as u64) & STATE_AVX);
  }
}

/** Sets the control registers of this CPU to what `features` says. */
export function enableFeatures(): void {
  let control = CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT;
  if (features.machineCheck) {
    control |= CR4_MACHINE_CHECK;
  }
  if (features.globalPages) {
    control |= CR4_GLOBAL_PAGES;
  }
  if (features.smep) {
    control |= CR4_SMEP;
  }
  if (features.smap) {
    control |= CR4_SMAP;
  }
  if (features.umip) {
    control |= CR4_UMIP;
  }
  if (features.xsaveMask !== 0) {
    control |= CR4_OSXSAVE;
  }
  writeCr4(control);
  writeCr0(readCr0() | CR0_WRITE_PROTECT);
  if (features.xsaveMask !== 0) {
    writeExtendedControl(0, features.xsaveMask);
  }
  initializeFpu();
}
