/*
 * Signals as programs use them: handlers with siginfo and contexts, masks, pending, alternate stacks, restart and EINTR,
 * faults with their addresses, timers, and what children report.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t caught, order[8], count;
static void *volatile faultAddress;
static volatile int faultCode;
static sigjmp_buf recovery;
static char *volatile wild = (char *)0x1234;

static void note(int signal) {
  caught = signal;
  if (count < 8) order[count++] = signal;
}

static void noteInfo(int signal, siginfo_t *info, void *context) {
  (void)context;
  caught = signal;
  printf("signal %d code %d value %d from self %d\n", signal, info->si_code, info->si_value.sival_int,
         info->si_pid == getpid());
}

static void fault(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)context;
  faultAddress = info->si_addr;
  faultCode = info->si_code;
  siglongjmp(recovery, 1);
}

static void onStack(int signal) {
  stack_t now;
  (void)signal;
  sigaltstack(NULL, &now);
  printf("on the alternate stack: %d\n", (now.ss_flags & SS_ONSTACK) != 0);
}

static void install(int signal, void (*handler)(int), int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  sigaction(signal, &action, NULL);
}

int main(void) {
  sigset_t set, pending;
  setvbuf(stdout, NULL, _IONBF, 0);

  install(SIGUSR1, note, 0);
  raise(SIGUSR1);
  printf("raised %d\n", caught == SIGUSR1);

  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGUSR2);
  sigprocmask(SIG_BLOCK, &set, NULL);
  caught = 0;
  kill(getpid(), SIGUSR1);
  sigpending(&pending);
  printf("blocked: caught %d pending %d\n", caught, sigismember(&pending, SIGUSR1));
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  printf("unblocked: caught %d\n", caught == SIGUSR1);

  struct sigaction withInfo = {.sa_sigaction = noteInfo, .sa_flags = SA_SIGINFO};
  sigaction(SIGRTMIN, &withInfo, NULL);
  sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 42});
  sigaction(SIGUSR2, &withInfo, NULL);
  kill(getpid(), SIGUSR2);

  struct sigaction onFault = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &onFault, NULL);
  if (sigsetjmp(recovery, 1) == 0) *wild = 1;
  printf("fault at %p code %d\n", faultAddress, faultCode);
  char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (sigsetjmp(recovery, 1) == 0) page[5] = 1;
  printf("write to read-only: offset %ld code %d\n", (long)((char *)faultAddress - page), faultCode);
  sigaction(SIGFPE, &onFault, NULL);
  volatile int zero = 0;
  if (sigsetjmp(recovery, 1) == 0) zero = 1 / zero;
  printf("division: code %d\n", faultCode);
  sigaction(SIGILL, &onFault, NULL);
  if (sigsetjmp(recovery, 1) == 0) __asm__ volatile("ud2");
  printf("undefined instruction: code %d\n", faultCode);

  stack_t alternate = {.ss_sp = malloc(65536), .ss_size = 65536};
  sigaltstack(&alternate, NULL);
  install(SIGHUP, onStack, SA_ONSTACK);
  raise(SIGHUP);

  int ends[2];
  char byte;
  if (pipe(ends) != 0) return 1;
  struct itimerval soon = {.it_value = {.tv_usec = 50000}};
  install(SIGALRM, note, 0);
  setitimer(ITIMER_REAL, &soon, NULL);
  ssize_t interrupted = read(ends[0], &byte, 1);
  printf("interrupted read: %zd %s\n", interrupted, strerror(errno));
  install(SIGALRM, note, SA_RESTART);
  setitimer(ITIMER_REAL, &soon, NULL);
  if (fork() == 0) {
    usleep(200000);
    _exit(write(ends[1], "x", 1) == 1 ? 0 : 1);
  }
  ssize_t got = read(ends[0], &byte, 1);
  printf("restarted read: %zd %c\n", got, byte);
  int status;
  wait(&status);

  install(SIGCHLD, note, 0);
  caught = 0;
  pid_t child = fork();
  if (child == 0) {
    signal(SIGSEGV, SIG_DFL);
    *wild = 1;
  }
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  printf("child signalled %d by %d, SIGCHLD %d\n", WIFSIGNALED(status), WTERMSIG(status), caught == SIGCHLD);

  install(SIGPIPE, note, 0);
  close(ends[0]);
  ssize_t written = write(ends[1], "x", 1);
  printf("broken pipe: %zd %d %s\n", written, caught == SIGPIPE, strerror(errno));

  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  kill(getpid(), SIGTERM);
  siginfo_t info;
  printf("waited for %d\n", sigwaitinfo(&set, &info) == SIGTERM);
  struct timespec brief = {.tv_nsec = 10000000};
  printf("timed out: %d\n", sigtimedwait(&set, &info, &brief) < 0 && errno == EAGAIN);
  kill(getpid(), SIGUSR1);
  sigset_t none;
  sigemptyset(&none);
  printf("suspend: %d\n", sigsuspend(&none) < 0 && errno == EINTR && caught == SIGUSR1);
  return 0;
}
