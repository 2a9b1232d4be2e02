/**
 * The slow part of leaving the kernel (boot/leave.asm): what must be loaded or decided before the current thread may go
 * back to ring 3.
 */
import { deliverFault } from '../../ipc/fault.js';
import { pendingWork } from '../../sched/pending.js';
import { type Cpu, currentCpu } from './cpu.js';
import { VECTOR_GENERAL_PROTECTION } from './descriptors.js';
import { switchFpu } from './fpu.js';
import { Resume, SlowFlag, type UserBases } from './frame.js';

const MSR_FS_BASE: u64 = 0xc000_0100;
const MSR_KERNEL_GS_BASE: u64 = 0xc000_0102; // the user's while the kernel runs (SWAPGS)
const USER_ADDRESS_BITS = 47;

/**
 * @entry kernel_before_resume
 * True: everything of the current thread is loaded, `slowFlags` need not be looked at again. False: start over, perhaps
 * with another thread.
 */
export function beforeResume(): boolean {
  const cpu = currentCpu();
  const thread = cpu.current;
  if ((thread.slowFlags & ~SlowFlag.Fpu) !== 0) {
    pendingWork(thread);
    return false;
  }
  if (thread.resume === Resume.Idle) {
    return true;
  }
  const instruction = thread.registers.rip;
  if (instruction >>> USER_ADDRESS_BITS !== 0) {
    deliverFault(thread, VECTOR_GENERAL_PROTECTION, 0, instruction);
    return false;
  }
  const isNewOwner = thread.usesFpu && cpu.fpuOwner !== thread;
  if (isNewOwner) {
    switchFpu(thread);
  }
  if (thread.foreign) {
    loadBases(cpu, reference<UserBases>(thread.frameEnd), isNewOwner);
  }
  return true;
}

/**
 * Loads FS and GS base. After another thread they are loaded even if they look the same: a thread may have loaded a
 * selector, which changes the base behind the kernel's back (SDM 3A 3.4.4). A base that is no user address becomes 0,
 * since WRMSR faults on a non-canonical one.
 */
function loadBases(cpu: Cpu, bases: UserBases, always: boolean): void {
  const fsBase = bases.fsBase;
  const gsBase = bases.gsBase;
  if (always) {
    clearUserSegments();
  }
  if (always || fsBase !== cpu.loadedFsBase) {
    cpu.loadedFsBase = fsBase;
    writeMsr(MSR_FS_BASE, fsBase >>> USER_ADDRESS_BITS === 0 ? fsBase : 0);
  }
  if (always || gsBase !== cpu.loadedGsBase) {
    cpu.loadedGsBase = gsBase;
    writeMsr(MSR_KERNEL_GS_BASE, gsBase >>> USER_ADDRESS_BITS === 0 ? gsBase : 0);
  }
}
