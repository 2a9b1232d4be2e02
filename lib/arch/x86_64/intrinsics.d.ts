/**
 * Intrinsics that kernel and server share: each is one static inline C function of the same name in intrinsics.h
 * (one instruction natively) and one function of the simulated machine in host tests. The compiler itself emits the
 * loads and stores for every field access. Only files in a folder named arch/x86_64 may call them.
 */

/** Reads of 8, 16, 32 and 64 bits, zero-extended. */
declare function load8(address: u64): u8;
declare function load16(address: u64): u16;
declare function load32(address: u64): u32;
declare function load64(address: u64): u64;

/** Writes of the low 8, 16, 32 and 64 bits of `value`. */
declare function store8(address: u64, value: u64): void;
declare function store16(address: u64, value: u64): void;
declare function store32(address: u64, value: u64): void;
declare function store64(address: u64, value: u64): void;

/**
 * The same as exactly one access, in the order of the program: for device registers, and for memory that others write
 * (what was checked is what is used). A plain load may be repeated, moved or left out.
 */
declare function loadOnce8(address: u64): u8;
declare function loadOnce16(address: u64): u16;
declare function loadOnce32(address: u64): u32;
declare function loadOnce64(address: u64): u64;
declare function storeOnce8(address: u64, value: u64): void;
declare function storeOnce16(address: u64, value: u64): void;
declare function storeOnce32(address: u64, value: u64): void;
declare function storeOnce64(address: u64, value: u64): void;

/** Copies `count` bytes upwards, lowest address first (`rep movsb`); the ranges may overlap if destination < source. */
declare function copyBytes(destination: u64, source: u64, count: u64): void;

/** Stores the low byte of `value` into `count` bytes (`rep stosb`). */
declare function fillBytes(destination: u64, value: u64, count: u64): void;

/** The same for `count` 8-byte words (`rep movsq`, `rep stosq`): every repetition counts as one instruction. */
declare function copyWords(destination: u64, source: u64, count: u64): void;
declare function fillWords(destination: u64, value: u64, count: u64): void;
