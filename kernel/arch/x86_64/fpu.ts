/**
 * x87, SSE and AVX state of threads. It stays in the registers until another thread that uses the FPU resumes; the
 * kernel itself never touches it. Where XSAVE is present it keeps x87, SSE and AVX, else FXSAVE keeps the first two.
 * What a server writes into a state is sanitised before it can reach the processor, whose FXRSTOR and XRSTOR fault on
 * reserved bits (SDM 1, 10.5.1.1 and 13.8.1).
 */
import type { Tcb } from '../../object/tcb.js';
import { currentCpu } from './cpu.js';
import { features } from './cpu-features.js';

/** Legacy area, header and AVX, in the standard form: 512 + 64 + 256 bytes. The processor wants it 64-byte aligned. */
export class FpuState {
  control!: u16;
  status!: u16;
  tag!: u16;
  opcode!: u16;
  instruction!: u64;
  data!: u64;
  mxcsr!: u32;
  mxcsrMask!: u32;
  registers!: Fixed<u64, 60>;
  /** XSTATE_BV: which states are not in their initial configuration. */
  present!: u64;
  /** XCOMP_BV and reserved words: zero, or XRSTOR faults. */
  header!: Fixed<u64, 7>;
  avx!: Fixed<u64, 32>;
}

staticAssert(sizeOf<FpuState>() === 832, 'the areas follow each other as XSAVE lays them out');

const INITIAL_CONTROL = 0x37f; // FNINIT
const INITIAL_MXCSR = 0x1f80;
/** The bits MXCSR has when FXSAVE reports a mask of zero (SDM 1, 11.6.6). */
const MXCSR_DEFAULT_MASK = 0xffbf;

/** Where FXSAVE says which bits this processor's MXCSR has. */
const probe: FpuState = reserve();
let mxcsrMask: u64 = 0;

function settableBits(): u64 {
  if (mxcsrMask === 0) {
    saveFpu(addressOf(probe));
    mxcsrMask = probe.mxcsrMask === 0 ? MXCSR_DEFAULT_MASK : probe.mxcsrMask;
  }
  return mxcsrMask;
}

/** Gives `state` the power-on configuration. */
export function resetFpu(state: FpuState): void {
  fillWords(addressOf(state), 0, sizeOf<FpuState>() >>> 3);
  state.control = INITIAL_CONTROL;
  state.mxcsr = INITIAL_MXCSR;
  state.present = 3;
}

/** Makes a state that came from ring 3 one that the processor will take. */
export function sanitizeFpu(state: FpuState): void {
  state.mxcsr &= settableBits();
  state.present &= features.xsaveMask;
  for (let word = 0; word < 7; word++) {
    state.header[word] = 0;
  }
}

/** Puts the registers into `state`, without changing them. */
function saveFpuState(state: FpuState): void {
  if (features.xsaveMask !== 0) {
    saveExtended(addressOf(state), features.xsaveMask);
  } else {
    saveFpu(addressOf(state));
  }
}

/** Loads the registers from `state`. */
function loadFpuState(state: FpuState): void {
  if (features.xsaveMask !== 0) {
    restoreExtended(addressOf(state), features.xsaveMask);
  } else {
    restoreFpu(addressOf(state));
  }
}

/** Makes the FPU registers `thread`'s. */
export function switchFpu(thread: Tcb): void {
  const cpu = currentCpu();
  const owner = cpu.fpuOwner;
  if (owner !== null) {
    saveFpuState(owner.fpu);
  }
  loadFpuState(thread.fpu);
  cpu.fpuOwner = thread;
}

/** Brings `thread.fpu` up to date, so that it can be read or copied. */
export function flushFpu(thread: Tcb): void {
  if (currentCpu().fpuOwner === thread) {
    saveFpuState(thread.fpu);
  }
}

/** Forgets what the registers hold of `thread`: its `fpu` was rewritten, or it is about to go. */
export function discardFpu(thread: Tcb): void {
  const cpu = currentCpu();
  if (cpu.fpuOwner === thread) {
    cpu.fpuOwner = null;
  }
}
