/* Ring 0 instructions for the kernel's TypeScript: one static inline function per declaration in intrinsics.d.ts.
 * This is the only C of the kernel that a person wrote. `memory` clobbers keep accesses on their side of anything that
 * changes what memory means (tables, devices, saved state). */
#ifndef KERNEL_INTRINSICS_H
#define KERNEL_INTRINSICS_H

#include <stdint.h>

#ifndef INTRINSIC
#define INTRINSIC static inline __attribute__((always_inline, unused))
#endif

INTRINSIC uint64_t in8(uint64_t port) {
  uint8_t value;
  __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"((uint16_t)port) : "memory");
  return value;
}
INTRINSIC void out8(uint64_t port, uint64_t value) {
  __asm__ volatile("outb %0, %1" : : "a"((uint8_t)value), "Nd"((uint16_t)port) : "memory");
}
INTRINSIC void inString8(uint64_t port, uint64_t address, uint64_t count) {
  __asm__ volatile("rep insb" : "+D"(address), "+c"(count) : "d"((uint16_t)port) : "memory");
}
INTRINSIC void outString8(uint64_t port, uint64_t address, uint64_t count) {
  __asm__ volatile("rep outsb" : "+S"(address), "+c"(count) : "d"((uint16_t)port) : "memory");
}
INTRINSIC uint64_t in16(uint64_t port) {
  uint16_t value;
  __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"((uint16_t)port) : "memory");
  return value;
}
INTRINSIC void out16(uint64_t port, uint64_t value) {
  __asm__ volatile("outw %0, %1" : : "a"((uint16_t)value), "Nd"((uint16_t)port) : "memory");
}
INTRINSIC void inString16(uint64_t port, uint64_t address, uint64_t count) {
  __asm__ volatile("rep insw" : "+D"(address), "+c"(count) : "d"((uint16_t)port) : "memory");
}
INTRINSIC void outString16(uint64_t port, uint64_t address, uint64_t count) {
  __asm__ volatile("rep outsw" : "+S"(address), "+c"(count) : "d"((uint16_t)port) : "memory");
}
INTRINSIC uint64_t in32(uint64_t port) {
  uint32_t value;
  __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"((uint16_t)port) : "memory");
  return value;
}
INTRINSIC void out32(uint64_t port, uint64_t value) {
  __asm__ volatile("outl %0, %1" : : "a"((uint32_t)value), "Nd"((uint16_t)port) : "memory");
}
INTRINSIC void inString32(uint64_t port, uint64_t address, uint64_t count) {
  __asm__ volatile("rep insl" : "+D"(address), "+c"(count) : "d"((uint16_t)port) : "memory");
}
INTRINSIC void outString32(uint64_t port, uint64_t address, uint64_t count) {
  __asm__ volatile("rep outsl" : "+S"(address), "+c"(count) : "d"((uint16_t)port) : "memory");
}

INTRINSIC uint64_t readMsr(uint64_t number) {
  uint32_t low, high;
  __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"((uint32_t)number) : "memory");
  return (uint64_t)high << 32 | low;
}
INTRINSIC void writeMsr(uint64_t number, uint64_t value) {
  __asm__ volatile("wrmsr" : : "a"((uint32_t)value), "d"((uint32_t)(value >> 32)), "c"((uint32_t)number) : "memory");
}
INTRINSIC void writeExtendedControl(uint64_t number, uint64_t value) {
  __asm__ volatile("xsetbv" : : "a"((uint32_t)value), "d"((uint32_t)(value >> 32)), "c"((uint32_t)number) : "memory");
}

INTRINSIC uint64_t readCr0(void) {
  uint64_t value;
  __asm__ volatile("mov %%cr0, %0" : "=r"(value) : : "memory");
  return value;
}
INTRINSIC void writeCr0(uint64_t value) {
  __asm__ volatile("mov %0, %%cr0" : : "r"(value) : "memory");
}
INTRINSIC uint64_t readCr2(void) {
  uint64_t value;
  __asm__ volatile("mov %%cr2, %0" : "=r"(value) : : "memory");
  return value;
}
INTRINSIC uint64_t readCr3(void) {
  uint64_t value;
  __asm__ volatile("mov %%cr3, %0" : "=r"(value) : : "memory");
  return value;
}
INTRINSIC void writeCr3(uint64_t value) {
  __asm__ volatile("mov %0, %%cr3" : : "r"(value) : "memory");
}
INTRINSIC uint64_t readCr4(void) {
  uint64_t value;
  __asm__ volatile("mov %%cr4, %0" : "=r"(value) : : "memory");
  return value;
}
INTRINSIC void writeCr4(uint64_t value) {
  __asm__ volatile("mov %0, %%cr4" : : "r"(value) : "memory");
}

INTRINSIC uint64_t cpuidEax(uint64_t leaf, uint64_t subleaf) {
  uint32_t eax = (uint32_t)leaf, ebx, ecx = (uint32_t)subleaf, edx;
  __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
  return eax;
}
INTRINSIC uint64_t cpuidEbx(uint64_t leaf, uint64_t subleaf) {
  uint32_t eax = (uint32_t)leaf, ebx, ecx = (uint32_t)subleaf, edx;
  __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
  return ebx;
}
INTRINSIC uint64_t cpuidEcx(uint64_t leaf, uint64_t subleaf) {
  uint32_t eax = (uint32_t)leaf, ebx, ecx = (uint32_t)subleaf, edx;
  __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
  return ecx;
}
INTRINSIC uint64_t cpuidEdx(uint64_t leaf, uint64_t subleaf) {
  uint32_t eax = (uint32_t)leaf, ebx, ecx = (uint32_t)subleaf, edx;
  __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
  return edx;
}

INTRINSIC uint64_t readTimeStamp(void) {
  uint32_t low, high;
  __asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
  return (uint64_t)high << 32 | low;
}

/* Not ordered with what stands before it: for accounting, where a few cycles do not matter. */
INTRINSIC uint64_t readTimeStampRoughly(void) {
  uint32_t low, high;
  __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
  return (uint64_t)high << 32 | low;
}

/* Goes straight to boot/leave.asm, which needs neither this stack nor any register: nothing is restored on the way. */
INTRINSIC void leaveKernel(void) {
  __asm__ volatile("jmp leave_kernel" : : : "memory");
  __builtin_unreachable();
}

INTRINSIC void invalidatePage(uint64_t address) {
  __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}
INTRINSIC void loadGdt(uint64_t address) {
  __asm__ volatile("lgdt (%0)" : : "r"(address) : "memory");
}
INTRINSIC void loadIdt(uint64_t address) {
  __asm__ volatile("lidt (%0)" : : "r"(address) : "memory");
}
INTRINSIC void loadTaskRegister(uint64_t selector) {
  __asm__ volatile("ltr %w0" : : "r"(selector) : "memory");
}
INTRINSIC void loadSegments(uint64_t code, uint64_t data) {
  __asm__ volatile(
      "push %0; lea 1f(%%rip), %%rax; push %%rax; lretq; 1: mov %w1, %%ss\n"
      "xor %%eax, %%eax; mov %%eax, %%ds; mov %%eax, %%es; mov %%eax, %%fs; mov %%eax, %%gs"
      : : "r"(code), "r"(data) : "rax", "memory");
}
INTRINSIC void clearUserSegments(void) {
  __asm__ volatile("swapgs; mov %0, %%fs; mov %0, %%gs; swapgs" : : "r"(0) : "memory");
}

INTRINSIC void initializeFpu(void) {
  static const uint32_t power_on = 0x1f80;
  __asm__ volatile("fninit; ldmxcsr %0" : : "m"(power_on) : "memory");
}
INTRINSIC void saveFpu(uint64_t address) {
  __asm__ volatile("fxsave64 (%0)" : : "r"(address) : "memory");
}
INTRINSIC void restoreFpu(uint64_t address) {
  __asm__ volatile("fxrstor64 (%0)" : : "r"(address) : "memory");
}
INTRINSIC void saveExtended(uint64_t address, uint64_t mask) {
  __asm__ volatile("xsave64 (%0)" : : "r"(address), "a"((uint32_t)mask), "d"((uint32_t)(mask >> 32)) : "memory");
}
INTRINSIC void restoreExtended(uint64_t address, uint64_t mask) {
  __asm__ volatile("xrstor64 (%0)" : : "r"(address), "a"((uint32_t)mask), "d"((uint32_t)(mask >> 32)) : "memory");
}

INTRINSIC void spinHint(void) {
  __asm__ volatile("pause" : : : "memory");
}
INTRINSIC void haltForever(void) {
  for (;;) __asm__ volatile("cli; hlt" : : : "memory");
}
INTRINSIC void faultForever(void) {
  static const uint16_t none[5];
  for (;;) __asm__ volatile("lidt %0; int3" : : "m"(none) : "memory");
}
INTRINSIC uint64_t cpuSelf(void) {
  uint64_t self;
  __asm__("mov %%gs:0, %0" : "=r"(self));
  return self;
}
INTRINSIC uint64_t framePointer(void) {
  return (uint64_t)__builtin_frame_address(0);
}

// The offsets are those of lib/abi/frame.ts. The stack has no red zone here, so it may be pushed to.
INTRINSIC void storeRegisters(uint64_t frame) {
  __asm__ volatile(
      "movq %%r15, 8(%0)\n\tmovq %%r14, 16(%0)\n\tmovq %%r13, 24(%0)\n\tmovq %%r12, 32(%0)\n\t"
      "movq %%rbp, 40(%0)\n\tmovq %%rbx, 48(%0)\n\tmovq %%r11, 56(%0)\n\tmovq %%r10, 64(%0)\n\t"
      "movq %%r9, 72(%0)\n\tmovq %%r8, 80(%0)\n\tmovq %%rax, 88(%0)\n\tmovq %%rcx, 96(%0)\n\t"
      "movq %%rdx, 104(%0)\n\tmovq %%rsi, 112(%0)\n\tmovq %%rdi, 120(%0)\n\tmovq %%rsp, 160(%0)\n\t"
      "leaq 0(%%rip), %%rax\n\tmovq %%rax, 136(%0)\n\tpushfq\n\tpopq 152(%0)\n\t"
      "xorl %%eax, %%eax\n\tmovw %%cs, %%ax\n\tmovq %%rax, 144(%0)\n\tmovw %%ss, %%ax\n\tmovq %%rax, 168(%0)"
      :
      : "D"(frame)
      : "rax", "cc", "memory");
}

#define IMAGE_SYMBOL(name, symbol) \
  extern const uint8_t symbol[];   \
  INTRINSIC uint64_t name(void) { return (uint64_t)symbol; }
IMAGE_SYMBOL(imageStart, image_start)
IMAGE_SYMBOL(textEnd, text_end)
IMAGE_SYMBOL(constantsEnd, constants_end)
IMAGE_SYMBOL(imageEnd, image_end)
IMAGE_SYMBOL(kernelRootTable, kernel_root_table)
IMAGE_SYMBOL(tableReserve, table_reserve)
IMAGE_SYMBOL(tableReserveEnd, table_reserve_end)
IMAGE_SYMBOL(bootStackGuard, boot_stack_guard)
IMAGE_SYMBOL(bootStackTop, boot_stack_top)
IMAGE_SYMBOL(emergencyStacks, emergency_stacks)
IMAGE_SYMBOL(interruptStubs, interrupt_stubs)
IMAGE_SYMBOL(systemCallEntry, system_call_entry)
IMAGE_SYMBOL(symbolTable, symbol_table)
IMAGE_SYMBOL(serverImageStart, server_image_start)
IMAGE_SYMBOL(serverImageEnd, server_image_end)

#undef IMAGE_SYMBOL
#endif
