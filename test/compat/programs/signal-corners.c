/*
 * Corners of signals (sigaction(2), signal(7)): what each kind of fault tells its handler, who is named as the sender,
 * that a call interrupted by its own signal runs once, stops of orphaned groups, SA_RESETHAND. Same output as on Linux.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static sigjmp_buf back;
static volatile siginfo_t last;
static volatile int count;

static void pause_for(long milliseconds) {
  struct timespec left = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  while (nanosleep(&left, &left) < 0 && errno == EINTR) {
  }
}

static void handle(int signal, void (*handler)(int, siginfo_t *, void *), int flags) {
  struct sigaction action = {0};
  action.sa_sigaction = handler;
  action.sa_flags = flags | SA_SIGINFO;
  sigaction(signal, &action, NULL);
}

static void keep(int signal, siginfo_t *information, void *context) {
  (void)signal, (void)context;
  memcpy((void *)&last, information, sizeof last);
  count++;
}

static void fault(int signal, siginfo_t *information, void *context) {
  greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
  int isAtInstruction = (greg_t)information->si_addr == registers[REG_RIP];
  printf("  signal %d code %d address %s trap %d error %llx\n", signal, information->si_code,
         information->si_addr == NULL ? "0" : isAtInstruction ? "rip" : "other", (int)registers[REG_TRAPNO],
         (unsigned long long)registers[REG_ERR]);
  siglongjmp(back, 1);
}

#define FAULT(what, statement)         \
  do {                                 \
    puts(what);                        \
    if (sigsetjmp(back, 1) == 0) {     \
      statement;                       \
      puts("  none");                  \
    }                                  \
  } while (0)

static void faults(void) {
  static const int kinds[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
  for (unsigned index = 0; index < sizeof kinds / sizeof *kinds; index++) handle(kinds[index], fault, 0);
  FAULT("null", *(volatile char *)0);
  FAULT("the kernel's half", *(volatile char *)0xffffffff80100000);
  FAULT("the kernel's half, unused", *(volatile char *)0xffff900000000000);
  FAULT("not canonical", *(volatile char *)0x800000000000);
  FAULT("invalid opcode", __asm__ volatile("ud2"));
  FAULT("breakpoint", __asm__ volatile("int3"));
  FAULT("privileged", __asm__ volatile("hlt"));
  FAULT("integer division", __asm__ volatile("xor %%edx, %%edx; xor %%ecx, %%ecx; div %%ecx" ::: "rax", "rcx", "rdx"));
  FAULT("a selector of a local table", __asm__ volatile("mov %0, %%ds" ::"r"(0x1234)));
  short control = 0x37f & ~4;
  FAULT("x87 division by zero", __asm__ volatile("fldcw %0; fld1; fldz; fdivrp; fwait" ::"m"(control)));
  control = 0x37f & ~1;
  FAULT("x87 invalid", __asm__ volatile("fninit; fldcw %0; fldz; fldz; fdivrp; fwait" ::"m"(control)));
  control = 0x37f & ~32;
  FAULT("x87 inexact", __asm__ volatile("fninit; fldcw %0; fld1; fldpi; fdivrp; fwait" ::"m"(control)));
  __asm__ volatile("fninit");
}

/* A handler that runs because of a call must not make the call run again with the handler's arguments. */
static void once(void) {
  int pipeEnds[2];
  struct stat attributes;
  struct sigaction action;
  if (pipe(pipeEnds) < 0) return;
  int file = open("witness", O_CREAT | O_RDWR, 0600);
  dup2(file, SIGPIPE);
  handle(SIGPIPE, keep, 0);
  close(pipeEnds[0]);
  long result = write(pipeEnds[1], "x", 1);
  printf("write to nobody: %ld %s, code %d, from me %d\n", result, strerror(errno), last.si_code, last.si_pid == getpid());
  fstat(file, &attributes);
  printf("  written elsewhere: %ld\n", (long)attributes.st_size);
  handle(SIGUSR1, keep, SA_RESETHAND);
  count = 0;
  raise(SIGUSR1);
  sigaction(SIGUSR1, NULL, &action);
  printf("SA_RESETHAND: %d, default %d, flag kept %d\n", count, action.sa_handler == SIG_DFL,
         (action.sa_flags & SA_RESETHAND) != 0);
}

/* A stop by the terminal's signals does nothing in an orphaned group (POSIX.1-2017 2.4.3). */
static void orphaned(void) {
  int ends[2];
  char text[16] = {0};
  if (pipe(ends) < 0) return;
  fflush(stdout);
  if (fork() == 0) {
    setsid();
    if (fork() == 0) {
      setpgid(0, 0);
      if (fork() == 0) {
        pause_for(50);
        raise(SIGTSTP);
        _exit(write(ends[1], "went on", 7) != 7);
      }
    }
    _exit(0);
  }
  close(ends[1]);
  wait(NULL);
  long length = read(ends[0], text, sizeof text - 1);
  printf("orphaned group, SIGTSTP: %ld %s\n", length, text);
}

static void say(const char *what, long result) { printf("%s: %ld %s\n", what, result, result < 0 ? strerror(errno) : ""); }

static void errors(void) {
  siginfo_t information = {0};
  information.si_code = SI_QUEUE;
  say("thread 0", syscall(SYS_rt_tgsigqueueinfo, getpid(), 0, 0, &information));
  say("setpgid -1", setpgid(-1, 0));
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) _exit(0);
  say("waitid that cannot tell", syscall(SYS_waitid, P_PID, child, 1, WEXITED, NULL));
  say("again", waitid(P_PID, child, &information, WEXITED));
  say("no pidfd", syscall(SYS_waitid, 3, 0, NULL, WEXITED, NULL));
}

int main(void) {
  faults();
  once();
  orphaned();
  errors();
  return 0;
}
