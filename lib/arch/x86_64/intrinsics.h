/*
 * The intrinsics: what TypeScript cannot say, as C functions of the names that the intrinsics.d.ts files declare. Each
 * becomes a few instructions at its call. Addresses are 64-bit integers; every access may alias every other.
 *
 * This is the only hand-written C of the project. KAIRO_KERNEL or KAIRO_SERVER says for which program it is compiled.
 */
#ifndef INTRINSICS_H
#define INTRINSICS_H

#include <stdint.h>

#define INTRINSIC static inline __attribute__((always_inline, unused))

typedef uint8_t __attribute__((may_alias)) memory8;
typedef uint16_t __attribute__((may_alias, aligned(1))) memory16;
typedef uint32_t __attribute__((may_alias, aligned(1))) memory32;
typedef uint64_t __attribute__((may_alias, aligned(1))) memory64;

/* Memory: little-endian, any alignment. Loads extend with zeros, stores keep the low bits. */

INTRINSIC uint64_t load8(uint64_t address) { return *(memory8 *)address; }
INTRINSIC uint64_t load16(uint64_t address) { return *(memory16 *)address; }
INTRINSIC uint64_t load32(uint64_t address) { return *(memory32 *)address; }
INTRINSIC uint64_t load64(uint64_t address) { return *(memory64 *)address; }
INTRINSIC void store8(uint64_t address, uint64_t value) { *(memory8 *)address = (uint8_t)value; }
INTRINSIC void store16(uint64_t address, uint64_t value) { *(memory16 *)address = (uint16_t)value; }
INTRINSIC void store32(uint64_t address, uint64_t value) { *(memory32 *)address = (uint32_t)value; }
INTRINSIC void store64(uint64_t address, uint64_t value) { *(memory64 *)address = value; }

/* Exactly one access each: device registers, and memory that others write. */

INTRINSIC uint64_t loadOnce8(uint64_t address) { return *(volatile memory8 *)address; }
INTRINSIC uint64_t loadOnce16(uint64_t address) { return *(volatile memory16 *)address; }
INTRINSIC uint64_t loadOnce32(uint64_t address) { return *(volatile memory32 *)address; }
INTRINSIC uint64_t loadOnce64(uint64_t address) { return *(volatile memory64 *)address; }
INTRINSIC void storeOnce8(uint64_t address, uint64_t value) { *(volatile memory8 *)address = (uint8_t)value; }
INTRINSIC void storeOnce16(uint64_t address, uint64_t value) { *(volatile memory16 *)address = (uint16_t)value; }
INTRINSIC void storeOnce32(uint64_t address, uint64_t value) { *(volatile memory32 *)address = (uint32_t)value; }
INTRINSIC void storeOnce64(uint64_t address, uint64_t value) { *(volatile memory64 *)address = value; }

/*
 * Copies `count` bytes upwards: the areas do not overlap, or the destination is the lower one. Small constant counts become moves; otherwise the bulk goes
 * by eight bytes (SDM volume 2, REP: fast strings, section 7.3.9.3 of volume 1) and the rest by one.
 */
INTRINSIC void copyBytes(uint64_t destination, uint64_t source, uint64_t count) {
  if (__builtin_constant_p(count) && count <= 64) {
    uint64_t done = 0;
#pragma GCC unroll 8
    for (; done + 8 <= count; done += 8) store64(destination + done, load64(source + done));
    if (count & 4) { store32(destination + done, load32(source + done)); done += 4; }
    if (count & 2) { store16(destination + done, load16(source + done)); done += 2; }
    if (count & 1) store8(destination + done, load8(source + done));
    return;
  }
  uint64_t words = count >> 3;
  uint64_t rest = count & 7;
  __asm__ volatile("rep movsq" : "+D"(destination), "+S"(source), "+c"(words) : : "memory");
  __asm__ volatile("rep movsb" : "+D"(destination), "+S"(source), "+c"(rest) : : "memory");
}

/* Copies `count` words of eight bytes upwards, and fills as many: one string instruction each. */
INTRINSIC void copyWords(uint64_t destination, uint64_t source, uint64_t count) {
  __asm__ volatile("rep movsq" : "+D"(destination), "+S"(source), "+c"(count) : : "memory");
}
INTRINSIC void fillWords(uint64_t destination, uint64_t value, uint64_t count) {
  __asm__ volatile("rep stosq" : "+D"(destination), "+c"(count) : "a"(value) : "memory");
}

/* Sets `count` bytes to the low eight bits of `value`. */
INTRINSIC void fillBytes(uint64_t destination, uint64_t value, uint64_t count) {
  uint64_t pattern = (value & 0xff) * 0x0101010101010101;
  if (__builtin_constant_p(count) && count <= 64) {
    uint64_t done = 0;
#pragma GCC unroll 8
    for (; done + 8 <= count; done += 8) store64(destination + done, pattern);
    if (count & 4) { store32(destination + done, pattern); done += 4; }
    if (count & 2) { store16(destination + done, pattern); done += 2; }
    if (count & 1) store8(destination + done, pattern);
    return;
  }
  uint64_t words = count >> 3;
  uint64_t rest = count & 7;
  __asm__ volatile("rep stosq" : "+D"(destination), "+c"(words) : "a"(pattern) : "memory");
  __asm__ volatile("rep stosb" : "+D"(destination), "+c"(rest) : "a"(pattern) : "memory");
}

/*
 * Ring 3: the kernel's operations for a native thread (docs/kernel.md, "Native operations"). The kernel keeps only rip
 * and rsp, so everything else is clobbered, rbp too (the server has no frame pointer). Results stay in `kernel_answer`
 * until the next operation of the program's one thread.
 */
#ifdef KAIRO_SERVER
static struct {
  uint64_t badge, message, word0, word1, word2, word3;
} kernel_answer;

#define KERNEL_OPERATION(operation, capability, message, word0, word1, word2, word3)                                   \
  register uint64_t r10 __asm__("r10") = word1;                                                                        \
  register uint64_t r8 __asm__("r8") = word2;                                                                          \
  register uint64_t r9 __asm__("r9") = word3;                                                                          \
  __asm__ volatile("syscall"                                                                                           \
                   : "+a"(operation), "+D"(capability), "+S"(message), "+d"(word0), "+r"(r10), "+r"(r8), "+r"(r9)      \
                   :                                                                                                   \
                   : "rcx", "r11", "rbx", "rbp", "r12", "r13", "r14", "r15", "memory", "cc")

INTRINSIC uint64_t kernelOperation(uint64_t operation, uint64_t capability, uint64_t message, uint64_t word0,
                                   uint64_t word1, uint64_t word2, uint64_t word3) {
  KERNEL_OPERATION(operation, capability, message, word0, word1, word2, word3);
  kernel_answer.badge = capability;
  kernel_answer.message = message;
  kernel_answer.word0 = word0;
  kernel_answer.word1 = r10;
  kernel_answer.word2 = r8;
  kernel_answer.word3 = r9;
  return operation;
}

/* An invocation of up to four words: out of line, because there are hundreds of calls and each clobbers everything. */
static __attribute__((noinline, unused)) uint64_t kernelCall(uint64_t capability, uint64_t label, uint64_t word0,
                                                             uint64_t word1, uint64_t word2, uint64_t word3) {
  return kernelOperation(3, capability, label << 12 | 4, word0, word1, word2, word3);
}

/*
 * Answers the Reply `answer` (0: nobody) with `label` and no words, then waits on `endpoint`; `keep` is the Reply for a
 * native caller. Gives the badge; message word and words are read with the functions below.
 */
INTRINSIC uint64_t replyReceive(uint64_t endpoint, uint64_t answer, uint64_t keep, uint64_t label) {
  uint64_t operation = 7 | answer << 8 | keep << 32;
  uint64_t message = label << 12;
  uint64_t word0 = 0;
  KERNEL_OPERATION(operation, endpoint, message, word0, 0, 0, 0);
  kernel_answer.message = message;
  kernel_answer.word0 = word0;
  /* KernelMessage.SystemCall has one word, and nearly all messages are that: nothing else is kept for them. */
  if (__builtin_expect(message >> 12 != 0xff01, 0)) {
    kernel_answer.badge = endpoint;
    kernel_answer.word1 = r10;
    kernel_answer.word2 = r8;
    kernel_answer.word3 = r9;
  }
  return endpoint;
}

INTRINSIC uint64_t kernelBadge(void) { return kernel_answer.badge; }
INTRINSIC uint64_t kernelMessage(void) { return kernel_answer.message; }
INTRINSIC uint64_t kernelWord0(void) { return kernel_answer.word0; }
INTRINSIC uint64_t kernelWord1(void) { return kernel_answer.word1; }
INTRINSIC uint64_t kernelWord2(void) { return kernel_answer.word2; }
INTRINSIC uint64_t kernelWord3(void) { return kernel_answer.word3; }
#endif

#endif
