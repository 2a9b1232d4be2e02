/*
 * hostile-faults: everything a program may do with the processor that it should not: privileged instructions, gates,
 * selectors, wild jumps, stacks that are not there, and forged signal frames. Each case runs in a child; a line says how
 * the child ended, so that the output can be compared with that of another kernel.
 * hostile-faults SEED CASES: instead, CASES children return from a signal through a frame with random words in it, or
 * jump to random places with random registers; only a count is printed.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>
#include <sys/wait.h>
#include <unistd.h>

typedef void (*Forge)(ucontext_t *context);
static Forge forge;

static void rewrite(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)info;
  forge(context);
}

/* Takes a signal and returns from it through a frame that `change` has been at. Reports by its status if it survives. */
static void returnThrough(Forge change) {
  forge = change;
  struct sigaction action = {.sa_sigaction = rewrite, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR1, &action, NULL);
  raise(SIGUSR1);
}

static greg_t *registersOf(ucontext_t *context) { return context->uc_mcontext.gregs; }

static void highRip(ucontext_t *context) { registersOf(context)[REG_RIP] = 0x0000800000000000; }
static void crookedRip(ucontext_t *context) { registersOf(context)[REG_RIP] = 0x1234567812345678; }
static void kernelRip(ucontext_t *context) { registersOf(context)[REG_RIP] = (greg_t)0xffffffff80100000; }
static void crookedRsp(ucontext_t *context) { registersOf(context)[REG_RSP] = 0x7777777777777777; }
static void kernelRsp(ucontext_t *context) { registersOf(context)[REG_RSP] = (greg_t)0xffffffff80100000; }
static void ioPrivilege(ucontext_t *context) { registersOf(context)[REG_EFL] |= 0x3000; }
static void nestedTask(ucontext_t *context) { registersOf(context)[REG_EFL] |= 0x4000; }
static void noInterrupts(ucontext_t *context) { registersOf(context)[REG_EFL] &= ~0x200; }
static void virtual86(ucontext_t *context) { registersOf(context)[REG_EFL] |= 0x1a0000; }
static void singleStep(ucontext_t *context) { registersOf(context)[REG_EFL] |= 0x100; }
static void kernelSelectors(ucontext_t *context) { registersOf(context)[REG_CSGSFS] = 0x0018000000000010 | 8; }
static void noSelectors(ucontext_t *context) { registersOf(context)[REG_CSGSFS] = 0; }
static void reservedMxcsr(ucontext_t *context) {
  if (context->uc_mcontext.fpregs != NULL) context->uc_mcontext.fpregs->mxcsr = 0xffffffff;
}
static void fpuNowhere(ucontext_t *context) { context->uc_mcontext.fpregs = (void *)0x10; }
static void fpuCrooked(ucontext_t *context) { context->uc_mcontext.fpregs = (void *)0x1234567812345678; }
static void fpuInKernel(ucontext_t *context) { context->uc_mcontext.fpregs = (void *)0xffff800000100000; }
static void fpuNone(ucontext_t *context) { context->uc_mcontext.fpregs = NULL; }
static void fpuMisaligned(ucontext_t *context) {
  context->uc_mcontext.fpregs = (void *)((char *)context->uc_mcontext.fpregs + 8);
}
/* The extended area claims components and sizes that do not exist (Intel SDM 1, 13.4: XSTATE_BV, XCOMP_BV). */
static void fpuExtended(ucontext_t *context) {
  char *area = (char *)context->uc_mcontext.fpregs;
  if (area != NULL) memset(area + 512, 0xff, 64);
}
static void everySignal(ucontext_t *context) { memset(&context->uc_sigmask, 0xff, 8); }

static void rawReturn(uint64_t stack) {
  __asm__ volatile("mov %0, %%rsp\n mov $15, %%eax\n syscall\n ud2" : : "r"(stack));
}

#define CASE(name, ...) static void name(void) { __VA_ARGS__; }
#define INSTRUCTION(name, ...) CASE(name, __asm__ volatile(__VA_ARGS__))
CASE(returnHighRip, returnThrough(highRip))
CASE(returnCrookedRip, returnThrough(crookedRip))
CASE(returnKernelRip, returnThrough(kernelRip))
CASE(returnKernelRsp, returnThrough(kernelRsp))
CASE(returnIoPrivilege, returnThrough(ioPrivilege); __asm__ volatile("cli"))
CASE(returnNestedTask, returnThrough(nestedTask))
CASE(returnNoInterrupts, returnThrough(noInterrupts); uint64_t flags;
     __asm__ volatile("pushf; pop %0" : "=r"(flags)); if ((flags & 0x200) == 0) _exit(9))
CASE(returnVirtual86, returnThrough(virtual86); uint64_t flags;
     __asm__ volatile("pushf; pop %0" : "=r"(flags)); if ((flags & 0x1a0000) != 0) _exit(9))
CASE(returnSingleStep, returnThrough(singleStep))
CASE(returnReservedMxcsr, returnThrough(reservedMxcsr))
CASE(returnFpuNowhere, returnThrough(fpuNowhere))
CASE(returnFpuCrooked, returnThrough(fpuCrooked))
CASE(returnFpuInKernel, returnThrough(fpuInKernel))
CASE(returnFpuNone, returnThrough(fpuNone))
CASE(returnEverySignal, returnThrough(everySignal); kill(getpid(), SIGTERM); kill(getpid(), SIGKILL))
CASE(returnFromNothing, rawReturn(0))
CASE(returnFromKernel, rawReturn(0xffffffff80100000))
CASE(returnFromCrooked, rawReturn(0x8000000000000000))
CASE(returnFromTop, rawReturn(0x7ffffffff000 - 8))
INSTRUCTION(undefined, "ud2")
INSTRUCTION(breakpoint, "int3")
INSTRUCTION(overflowGate, "int $4")
INSTRUCTION(doubleFaultGate, "int $8")
INSTRUCTION(pageFaultGate, "int $14")
INSTRUCTION(timerGate, "int $0x20")
INSTRUCTION(lastGate, "int $0xff")
INSTRUCTION(divide, "xor %%ecx, %%ecx; mov $1, %%eax; cltd; idiv %%ecx" : : : "rax", "rcx", "rdx")
INSTRUCTION(divideOverflow, "mov $-1, %%ecx; mov $0x80000000, %%eax; cltd; idiv %%ecx" : : : "rax", "rcx", "rdx")
INSTRUCTION(halt, "hlt")
INSTRUCTION(disableInterrupts, "cli")
INSTRUCTION(enableInterrupts, "sti")
INSTRUCTION(readPort, "in $0x64, %%al" : : : "rax")
INSTRUCTION(writePort, "mov $0xfe, %%al; out %%al, $0x64" : : : "rax")
INSTRUCTION(readControl, "mov %%cr0, %%rax" : : : "rax")
INSTRUCTION(writeControl, "xor %%eax, %%eax; mov %%rax, %%cr3" : : : "rax")
INSTRUCTION(writeDebug, "xor %%eax, %%eax; mov %%rax, %%dr7" : : : "rax")
INSTRUCTION(writeModelSpecific, "mov $0xc0000080, %%ecx; xor %%eax, %%eax; xor %%edx, %%edx; wrmsr" : : : "rax", "rcx", "rdx")
INSTRUCTION(readModelSpecific, "mov $0xc0000080, %%ecx; rdmsr" : : : "rax", "rcx", "rdx")
INSTRUCTION(loadGates, "lidt (%%rsp)" : : : "memory")
INSTRUCTION(loadTask, "mov $0x28, %%ax; ltr %%ax" : : : "rax")
INSTRUCTION(swapBases, "swapgs")
INSTRUCTION(returnToUser, "sysretq")
INSTRUCTION(invalidate, "invlpg (%%rsp)" : : : "memory")
INSTRUCTION(kernelStackSelector, "mov $0x10, %%ax; mov %%ax, %%ss" : : : "rax")
INSTRUCTION(wildSelector, "mov $0xfff8, %%ax; mov %%ax, %%ds" : : : "rax")
INSTRUCTION(farReturn, "pushq $8; lea 1f(%%rip), %%rax; push %%rax; lretq; 1:" : : : "rax", "memory")
INSTRUCTION(interruptReturn, "mov %%rsp, %%rcx; pushq $0x10; push %%rcx; pushq $0x202; pushq $8; lea 1f(%%rip), %%rax; push %%rax; iretq; 1:"
            : : : "rax", "rcx", "memory")
INSTRUCTION(trapFlag, "pushf; orl $0x100, (%%rsp); popf; nop; nop" : : : "memory", "cc")
INSTRUCTION(nestedFlag, "pushf; orl $0x4000, (%%rsp); popf; mov $39, %%eax; syscall" : : : "rax", "rcx", "r11", "memory", "cc")
INSTRUCTION(directionFlag, "std; mov $39, %%eax; syscall; cld" : : : "rax", "rcx", "r11", "memory", "cc")
INSTRUCTION(reservedControlWord, "pushq $-1; ldmxcsr (%%rsp)" : : : "memory")
INSTRUCTION(unmaskedLegacyDivide, "pushq $0x37b; fldcw (%%rsp); fld1; fldz; fdivrp; fwait" : : : "memory")
INSTRUCTION(jumpHigh, "mov $0x7ffffffff000, %%rax; jmp *%%rax" : : : "rax")
INSTRUCTION(jumpKernel, "mov $0xffffffff80100000, %%rax; jmp *%%rax" : : : "rax")
INSTRUCTION(jumpCrooked, "mov $0x8000000000000000, %%rax; jmp *%%rax" : : : "rax")
INSTRUCTION(jumpNowhere, "xor %%eax, %%eax; jmp *%%rax" : : : "rax")
INSTRUCTION(readKernel, "mov 0xffffffff80100000, %%al" : : : "rax")
INSTRUCTION(readCrooked, "mov $0x8000000000000000, %%rax; mov (%%rax), %%al" : : : "rax")
INSTRUCTION(pushNowhere, "xor %%esp, %%esp; push %%rax" : : : "memory")
INSTRUCTION(callWithoutStack, "xor %%esp, %%esp; mov $39, %%eax; syscall; ud2" : : : "memory")
CASE(systemCallAtTheEnd, char *top = mmap((void *)0x7fffffffe000, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
     if (top == MAP_FAILED) raise(SIGSEGV); memcpy(top + 4094, "\x0f\x05", 2);
     __asm__ volatile("jmp *%0" : : "r"(top + 4094), "a"(39)))
CASE(handlerNowhere, struct sigaction action = {.sa_handler = (void (*)(int))0x8000000000000000};
     sigaction(SIGSEGV, &action, NULL); raise(SIGSEGV))
CASE(handlerWithoutStack, signal(SIGSEGV, (void (*)(int))0x400000);
     __asm__ volatile("xor %%esp, %%esp; movl $0, 0" : : : "memory"))
CASE(alternateStackInKernel, stack_t stack = {.ss_sp = (void *)0xffff800000000000, .ss_size = 65536};
     sigaltstack(&stack, NULL); struct sigaction action = {.sa_handler = SIG_DFL, .sa_flags = SA_ONSTACK};
     action.sa_handler = (void (*)(int))0x400000; sigaction(SIGUSR1, &action, NULL); raise(SIGUSR1))
CASE(threadBaseInKernel, if (syscall(SYS_arch_prctl, 0x1002, 0xffffffff80000000) == 0) _exit(9))
CASE(threadBaseCrooked, if (syscall(SYS_arch_prctl, 0x1002, 0x8000000000000000) == 0) _exit(9))

/* These have no fixed outcome (kernels read the selectors and the extended area differently, and emulated processors
 * tell a stack fault from a protection fault differently), so only the random run has them. */
static const Forge loose[] = {crookedRsp, kernelSelectors, noSelectors, fpuMisaligned, fpuExtended, reservedMxcsr, highRip,
                              ioPrivilege, nestedTask, kernelRsp, fpuInKernel};

#define ENTRY(name) {#name, name}
static const struct { const char *name; void (*run)(void); } cases[] = {
    ENTRY(returnHighRip), ENTRY(returnCrookedRip), ENTRY(returnKernelRip),
    ENTRY(returnKernelRsp), ENTRY(returnIoPrivilege), ENTRY(returnNestedTask), ENTRY(returnNoInterrupts),
    ENTRY(returnVirtual86), ENTRY(returnSingleStep), ENTRY(returnReservedMxcsr), ENTRY(returnFpuNowhere),
    ENTRY(returnFpuCrooked), ENTRY(returnFpuInKernel), ENTRY(returnFpuNone), ENTRY(returnEverySignal),
    ENTRY(returnFromNothing), ENTRY(returnFromKernel), ENTRY(returnFromCrooked), ENTRY(returnFromTop),
    ENTRY(undefined), ENTRY(breakpoint), ENTRY(overflowGate), ENTRY(doubleFaultGate),
    ENTRY(pageFaultGate), ENTRY(timerGate), ENTRY(lastGate), ENTRY(divide), ENTRY(divideOverflow), ENTRY(halt),
    ENTRY(disableInterrupts), ENTRY(enableInterrupts), ENTRY(readPort), ENTRY(writePort), ENTRY(readControl),
    ENTRY(writeControl), ENTRY(writeDebug), ENTRY(writeModelSpecific), ENTRY(readModelSpecific), ENTRY(loadGates),
    ENTRY(loadTask), ENTRY(swapBases), ENTRY(returnToUser), ENTRY(invalidate), ENTRY(kernelStackSelector),
    ENTRY(wildSelector), ENTRY(farReturn), ENTRY(interruptReturn), ENTRY(trapFlag), ENTRY(nestedFlag),
    ENTRY(directionFlag), ENTRY(reservedControlWord), ENTRY(unmaskedLegacyDivide),
    ENTRY(jumpHigh), ENTRY(jumpKernel), ENTRY(jumpCrooked), ENTRY(jumpNowhere), ENTRY(readKernel), ENTRY(readCrooked),
    ENTRY(pushNowhere), ENTRY(callWithoutStack), ENTRY(systemCallAtTheEnd), ENTRY(handlerNowhere),
    ENTRY(handlerWithoutStack), ENTRY(alternateStackInKernel), ENTRY(threadBaseInKernel), ENTRY(threadBaseCrooked),
};

static uint64_t state;

/* xorshift64* (Vigna 2016) */
static uint64_t random64(void) {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return state * 0x2545f4914f6cdd1dULL;
}

static void randomFrame(ucontext_t *context) {
  loose[random64() % (sizeof loose / sizeof *loose)](context);
  for (int count = (int)(random64() % 6); count > 0; count--) {
    uint64_t word = random64() >> random64() % 64;
    memcpy((char *)context + random64() % (sizeof(ucontext_t) / 8) * 8, &word, sizeof word);
  }
  char *area = (char *)context->uc_mcontext.fpregs;
  if (area > (char *)context && area < (char *)context + 4096 && random64() % 2 == 0)
    for (int count = 0; count < 64; count++) area[random64() % 832] = (char)random64();
}

static void randomChild(void) {
  if (random64() % 2 == 0) {
    returnThrough(randomFrame);
    _exit(0);
  }
  char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int offset = 0; offset < 4096; offset++) code[offset] = (char)random64();
  uint64_t stack = random64() % 2 == 0 ? (uint64_t)code + 2048 : random64();
  __asm__ volatile("mov %0, %%rsp; jmp *%1" : : "r"(stack), "r"(code + random64() % 4096) : "memory");
}

/* How the child that `run` makes ends: its wait status. */
static int statusOf(void (*run)(void)) {
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    alarm(2);
    run();
    _exit(0);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return status & ~0x80;
}

int main(int count, char **words) {
  if (count == 3) {
    int children = atoi(words[2]), signalled = 0;
    for (int index = 0; index < children; index++) {
      state = (strtoull(words[1], NULL, 0) + (uint64_t)index) * 0x9e3779b97f4a7c15ULL | 1;
      signalled += WIFSIGNALED(statusOf(randomChild));
    }
    printf("%d of %d killed by a signal\n", signalled, children);
    return 0;
  }
  for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
    int status = statusOf(cases[index].run);
    if (WIFSIGNALED(status)) printf("%s: %s\n", cases[index].name, strsignal(WTERMSIG(status)));
    else printf("%s: exit %d\n", cases[index].name, WEXITSTATUS(status));
  }
  return 0;
}
