/**
 * Ring 0 instructions, one static inline C function each in privileged.h beside this file. Only files in a folder named
 * arch/x86_64 may call them. What each does is in the Intel SDM volume 2 under the instruction's name.
 */

/** IN and OUT. */
declare function in8(port: u64): u8;
declare function in16(port: u64): u16;
declare function in32(port: u64): u32;
declare function out8(port: u64, value: u64): void;
declare function out16(port: u64, value: u64): void;
declare function out32(port: u64, value: u64): void;

/** REP INSB/INSW/INSD and REP OUTSB/OUTSW/OUTSD: `count` units at `address`. */
declare function inString8(port: u64, address: u64, count: u64): void;
declare function inString16(port: u64, address: u64, count: u64): void;
declare function inString32(port: u64, address: u64, count: u64): void;
declare function outString8(port: u64, address: u64, count: u64): void;
declare function outString16(port: u64, address: u64, count: u64): void;
declare function outString32(port: u64, address: u64, count: u64): void;

/** RDMSR, WRMSR, XSETBV. */
declare function readMsr(register: u64): u64;
declare function writeMsr(register: u64, value: u64): void;
declare function writeExtendedControl(register: u64, value: u64): void;

/** MOV to and from control registers. */
declare function readCr0(): u64;
declare function readCr2(): u64;
declare function readCr3(): u64;
declare function readCr4(): u64;
declare function writeCr0(value: u64): void;
declare function writeCr3(value: u64): void;
declare function writeCr4(value: u64): void;

/** CPUID, one result register each. */
declare function cpuidEax(leaf: u64, subleaf: u64): u32;
declare function cpuidEbx(leaf: u64, subleaf: u64): u32;
declare function cpuidEcx(leaf: u64, subleaf: u64): u32;
declare function cpuidEdx(leaf: u64, subleaf: u64): u32;

/** RDTSC, ordered after earlier loads (LFENCE). */
declare function readTimeStamp(): u64;
/** The same, not ordered with what stands before it: for accounting. */
declare function readTimeStampRoughly(): u64;

/** INVLPG. */
declare function invalidatePage(address: u64): void;

/** LGDT, LIDT of the 10-byte operand at `address`; LTR. */
declare function loadGdt(address: u64): void;
declare function loadIdt(address: u64): void;
declare function loadTaskRegister(selector: u64): void;

/** A far return to the next instruction in `code`, and `data` into ss; ds, es, fs, gs become null. */
declare function loadSegments(code: u64, data: u64): void;

/** Makes the user's fs and gs selectors null; their bases are then unspecified, the kernel's GS base is unchanged. */
declare function clearUserSegments(): void;

/** FNINIT and LDMXCSR of the power-on value, FXSAVE64, FXRSTOR64, XSAVE64, XRSTOR64 of the states in `mask`. */
declare function initializeFpu(): void;
declare function saveFpu(address: u64): void;
declare function restoreFpu(address: u64): void;
declare function saveExtended(address: u64, mask: u64): void;
declare function restoreExtended(address: u64, mask: u64): void;

/** PAUSE; CLI and HLT. */
declare function spinHint(): void;
declare function haltForever(): never;

/** An exception without an IDT: the processor shuts down, which chipsets turn into a reset (SDM 3A 6.15, #DF). */
declare function faultForever(): never;

/** The word at GS:0, which is `self` of this CPU's Cpu. */
declare function cpuSelf(): u64;

/** The caller's frame pointer (rbp). */
declare function framePointer(): u64;

/** Stores the registers as they are to a Frame (lib/abi/frame.ts) at `address`; its first and `original` word stay. */
declare function storeRegisters(address: u64): void;

/** What linker.ld and the assembly files name. */
declare function imageStart(): u64;
declare function textEnd(): u64;
declare function constantsEnd(): u64;
declare function imageEnd(): u64;
declare function kernelRootTable(): u64;
declare function tableReserve(): u64;
declare function tableReserveEnd(): u64;
declare function bootStackGuard(): u64;
declare function bootStackTop(): u64;
declare function emergencyStacks(): u64;
declare function interruptStubs(): u64;
declare function systemCallEntry(): u64;
declare function symbolTable(): u64;
declare function serverImageStart(): u64;
declare function serverImageEnd(): u64;

/** Leaves the kernel for the current thread at once, without returning to the assembly that entered it. */
declare function leaveKernel(): void;
