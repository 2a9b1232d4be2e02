/*
 * private: what one unprivileged user finds out about another's process through /proc, and whether sigreturn puts back the
 * alternate signal stack that the frame names. A line for each.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static const char *const names[] = {"maps", "environ", "auxv", "stat", "status", "cmdline"};
static const char *const links[] = {"exe", "cwd", "root", "fd/0"};

static const char *outcome(int holds) {
  return holds ? "allowed" : errno == EACCES ? "EACCES" : strerror(errno);
}

static void lookAt(const char *who, pid_t pid) {
  char path[64], text[256];
  for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
    snprintf(path, sizeof path, "/proc/%d/%s", pid, names[index]);
    printf("%s %s: %s\n", who, names[index], outcome(open(path, O_RDONLY) >= 0));
  }
  for (size_t index = 0; index < sizeof links / sizeof *links; index++) {
    snprintf(path, sizeof path, "/proc/%d/%s", pid, links[index]);
    printf("%s readlink %s: %s\n", who, links[index], outcome(readlink(path, text, sizeof text) > 0));
  }
  snprintf(path, sizeof path, "/proc/%d/cwd/.", pid);
  printf("%s through cwd: %s\n", who, outcome(open(path, O_RDONLY | O_DIRECTORY) >= 0));
  fflush(stdout);
}

static void asUser(int user, const char *who, pid_t pid) {
  pid_t child = fork();
  if (child == 0) {
    if (setgid(user) != 0 || setuid(user) != 0) _exit(1);
    lookAt(who, pid);
    _exit(0);
  }
  waitpid(child, NULL, 0);
}

static stack_t other;

static void exchange(int signal, siginfo_t *information, void *context) {
  (void)signal;
  (void)information;
  ((ucontext_t *)context)->uc_stack = other;
}

static void returnTo(const char *what, stack_t wanted) {
  stack_t now;
  other = wanted;
  raise(SIGUSR1);
  sigaltstack(NULL, &now);
  printf("%s: %s, %zu bytes, flags %d\n", what, now.ss_sp == wanted.ss_sp ? "its stack" : "another", now.ss_size, now.ss_flags);
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  pid_t target = fork();
  if (target == 0) {
    if (setgid(1000) != 0 || setuid(1000) != 0) _exit(1);
    pause();
  }
  usleep(10000);
  asUser(1000, "owner", target);
  asUser(1001, "other", target);
  lookAt("root", target);
  kill(target, SIGKILL);
  struct sigaction action = {.sa_sigaction = exchange, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR1, &action, NULL);
  char *memory = malloc(65536);
  returnTo("new", (stack_t){.ss_sp = memory, .ss_size = 16384});
  returnTo("too small", (stack_t){.ss_sp = memory + 4096, .ss_size = 1024});
  returnTo("bad flags", (stack_t){.ss_sp = memory + 4096, .ss_size = 16384, .ss_flags = 64});
  returnTo("none", (stack_t){.ss_flags = SS_DISABLE});
  return 0;
}
