/**
 * Physical memory as the kernel sees it: the direct map, the image, and moves of whole ranges (docs/kernel.md, "Address
 * space"). Nothing here maps anything: an address may be used only where kernel-map.ts put memory.
 */

/** All RAM, and what is mapped on purpose, is at this plus its physical address. */
export const DIRECT_MAP: u64 = 0xffff_8000_0000_0000;

/** The image, and so every static object, is at this plus its physical address. */
export const KERNEL_BASE: u64 = 0xffff_ffff_8000_0000;

export const PAGE_BITS = 12;
export const PAGE_SIZE: u64 = 4096;

/** Where the kernel sees physical memory. */
export function directAddress(physical: u64): u64 {
  return DIRECT_MAP + physical;
}

/** The physical address behind an address of the direct map or of the image. */
export function physicalOf(address: u64): u64 {
  if (address >= KERNEL_BASE) {
    return address - KERNEL_BASE;
  }
  return address - DIRECT_MAP;
}

/** Clears physical memory; both arguments are multiples of 8. */
export function zeroMemory(physical: u64, bytes: u64): void {
  fillWords(directAddress(physical), 0, bytes >>> 3);
}

/** Clears one page. */
export function zeroPage(physical: u64): void {
  fillWords(directAddress(physical), 0, PAGE_SIZE >>> 3);
}

/** The lowest multiple of `unit` (a power of two) that is at least `value`. */
export function roundUp(value: u64, unit: u64): u64 {
  return (value + unit - 1) & ~(unit - 1);
}

/** The highest multiple of `unit` (a power of two) that is at most `value`. */
export function roundDown(value: u64, unit: u64): u64 {
  return value & ~(unit - 1);
}
