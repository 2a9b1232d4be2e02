/*
 * random-calls SEED CHILDREN CALLS: forks CHILDREN processes one after another, each of which makes CALLS random Linux
 * system calls with random and hostile arguments. Each has a second to live; what it leaves behind is killed and
 * removed. Prints how they ended. A child is a function of its own seed, so `random-calls SEED+n 1 CALLS` repeats child n.
 *
 * Three children of four are unprivileged. What a privileged one must not do, because it is allowed to end or bend the
 * machine for everybody (reboot, the clock, mounts, other processes), is left out or aimed at the child itself.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, FIRST_LATE = 424, LAST_EARLY = 334, NUMBERS = 512, SECONDS = 1 };

static uint64_t state;
/* Shared by all: calls that were made. */
static volatile uint64_t *made;
/* Two pages of memory between two that are not there. */
static char *page;

/* xorshift64* (Marsaglia, "Xorshift RNGs", 2003; Vigna 2016) */
static uint64_t random64(void) {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return state * 0x2545f4914f6cdd1dULL;
}

static uint64_t argument(void) {
  uint64_t chance = random64();
  switch (random64() % 18) {
    case 0: return 0;
    case 1: return chance % 4;
    case 2: return chance % 64;
    case 3: return ~0ULL;
    case 4: return -(chance % 4096);
    case 5: return (uint64_t)page + chance % (2 * PAGE);
    case 6: return (uint64_t)page + 2 * PAGE - chance % 16;
    case 7: return (uint64_t)page - chance % 16;
    case 8: return chance;
    case 9: return 0xffff800000000000 + chance % (1 << 30);
    case 10: return 0xffffffff80000000 + chance % (1 << 24);
    case 11: return 0x7ffffffff000 - chance % 64;
    case 12: return 1ULL << chance % 64;
    case 13: return (1ULL << chance % 64) - 1;
    case 14: return (uint64_t)page + chance % 4 * 64;
    case 15: return 0x800000000000 - chance % 2 * PAGE;
    case 16: return chance % 100000;
    default: return (uint64_t)page + chance % 1024 * 8;
  }
}

static void fillMemory(void) {
  for (int offset = 0; offset < 2 * PAGE; offset += 8) {
    uint64_t word = random64();
    switch (word % 4) {
      case 0: word = argument(); break;
      case 1: word = random64(); break;
      default: word = word >> 8 & 255;
    }
    memcpy(page + offset, &word, sizeof word);
  }
  strcpy(page, "file");
  strcpy(page + 64, "../file/x");
  strcpy(page + 128, "/proc/self/stat");
  strcpy(page + 192, "directory");
}

/* Straight from the registers: the C library's syscall() would touch thread-local memory that a call may have taken. */
static long call(long number, const uint64_t *words) {
  register uint64_t r10 __asm__("r10") = words[3], r8 __asm__("r8") = words[4], r9 __asm__("r9") = words[5];
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(words[0]), "S"(words[1]), "d"(words[2]), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

/* Calls that mostly take the caller's own memory or voice away: rarer, so that children live for a while. */
static int isDrastic(long number) {
  switch (number) {
    case SYS_munmap: case SYS_mprotect: case SYS_mremap: case SYS_mmap: case SYS_brk: case SYS_madvise:
    case SYS_shmat: case SYS_setrlimit: case SYS_prlimit64: case SYS_clone: case SYS_clone3: case SYS_fork:
    case SYS_rt_sigreturn: case SYS_kill: case SYS_tkill: case SYS_tgkill: case SYS_setitimer: case SYS_seccomp:
    case SYS_prctl: case SYS_arch_prctl: case SYS_read: case SYS_select: case SYS_pselect6: case SYS_poll:
    case SYS_ppoll: case SYS_nanosleep: case SYS_clock_nanosleep: case SYS_futex: case SYS_rt_sigtimedwait:
      return 1;
    default:
      return 0;
  }
}

/* What even a random caller leaves alone: it would end the wrong process, the machine, or the test. */
static int isExcluded(long number, int isRoot) {
  switch (number) {
    case SYS_reboot: case SYS_exit: case SYS_exit_group: case SYS_vfork: case SYS_pause: case SYS_rt_sigsuspend:
    case SYS_alarm:
      return 1;
    case SYS_kill: case SYS_tkill: case SYS_tgkill: case SYS_rt_sigqueueinfo: case SYS_rt_tgsigqueueinfo:
    case SYS_pidfd_send_signal: case SYS_prlimit64: case SYS_ptrace: case SYS_setpriority:
    case SYS_mount: case SYS_umount2: case SYS_pivot_root: case SYS_move_mount: case SYS_open_tree: case SYS_fsmount:
    case SYS_settimeofday: case SYS_clock_settime: case SYS_adjtimex: case SYS_clock_adjtime:
    case SYS_sethostname: case SYS_setdomainname: case SYS_syslog:
      return isRoot;
    default:
      return 0;
  }
}

static void callAtRandom(int calls, int isRoot) {
  for (int count = 0; count < calls; count++) {
    long number = (long)(random64() % (LAST_EARLY + 30));
    if (number > LAST_EARLY) number += FIRST_LATE - LAST_EARLY;
    if (random64() % 256 == 0) number = (long)random64();
    if (isExcluded(number, isRoot)) continue;
    if (isDrastic(number) && random64() % 16 != 0) continue;
    uint64_t words[6];
    for (int index = 0; index < 6; index++) words[index] = argument();
    pid_t self = getpid();
    ++*made;
    call(number, words);
    if (getpid() != self && random64() % 2 == 0) _exit(0);
    if (random64() % 64 == 0) fillMemory();
  }
}

static void child(uint64_t seed, int calls) {
  state = seed * 0x9e3779b97f4a7c15ULL | 1;
  for (int count = 0; count < 8; count++) random64();
  setpgid(0, 0);
  int isRoot = random64() % 4 == 0;
  mkdir("scratch", 0777);
  if (chdir("scratch") != 0 || chmod(".", 0777) != 0) _exit(97);
  int null = open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; fd++) dup2(null, fd);
  for (int fd = 3; fd < 32; fd++) close(fd);
  char *reserved = mmap(NULL, 4 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  page = reserved + PAGE;
  if (reserved == MAP_FAILED || mprotect(page, 2 * PAGE, PROT_READ | PROT_WRITE) != 0) _exit(97);
  fillMemory();
  if (!isRoot && (setgid(1000) != 0 || setuid(1000) != 0)) _exit(97);
  callAtRandom(calls, isRoot);
  _exit(0);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Kills whoever has a number above ours, and so was started after us, and reaps what was given to us. */
static void clearAway(void) {
  int found = 1;
  while (found) {
    found = 0;
    DIR *processes = opendir("/proc");
    for (struct dirent *entry; processes != NULL && (entry = readdir(processes)) != NULL;) {
      pid_t pid = atoi(entry->d_name);
      if (pid > getpid() && kill(pid, SIGKILL) == 0) found = 1;
    }
    if (processes != NULL) closedir(processes);
    while (waitpid(-1, NULL, WNOHANG) > 0);
  }
}

int main(int count, char **words) {
  if (count != 4) return 2;
  uint64_t seed = strtoull(words[1], NULL, 0);
  int children = atoi(words[2]), calls = atoi(words[3]);
  made = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (made == MAP_FAILED) return 97;
  int ended = 0, signalled = 0, late = 0;
  for (int index = 0; index < children; index++) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) child(seed + (uint64_t)index, calls);
    if (pid < 0) {
      perror("fork");
      return 1;
    }
    int status = 0;
    double deadline = now() + SECONDS;
    while (waitpid(pid, &status, WNOHANG) == 0) {
      if (now() > deadline) {
        kill(pid, SIGKILL);
        deadline += 1000;
        late++;
      }
      usleep(1000);
    }
    clearAway();
    if (WIFSIGNALED(status)) signalled++;
    else if (WEXITSTATUS(status) == 97) return 97;
    else ended++;
    if (system("rm -rf scratch") != 0) return 98;
  }
  printf("%llu calls: %d ended, %d killed by a signal, of which %d late\n", (unsigned long long)*made, ended, signalled, late);
  return 0;
}
