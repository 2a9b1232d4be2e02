/*
 * Memory: malloc under stress with a checksum, mmap in its forms, mprotect, mremap, brk, fork with private and shared
 * pages, and large stacks.
 */
#define _GNU_SOURCE
#include <alloca.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SLOTS = 512, STEPS = 40000, PAGE = 4096 };

static uint32_t state = 12345;
static uint32_t next(void) {
  state = state * 1664525 + 1013904223;
  return state >> 8;
}

static void stress(void) {
  static unsigned char *block[SLOTS];
  static size_t size[SLOTS];
  unsigned long checksum = 0;
  for (int step = 0; step < STEPS; step++) {
    int slot = next() % SLOTS;
    if (block[slot] != NULL) {
      for (size_t i = 0; i < size[slot]; i += 97) {
        if (block[slot][i] != (unsigned char)slot) exit(9);
      }
      checksum += size[slot];
    }
    size_t wanted = next() % (step % 100 == 0 ? 300000 : 3000);
    block[slot] = step % 3 == 0 ? realloc(block[slot], wanted) : (free(block[slot]), malloc(wanted));
    if (block[slot] == NULL && wanted > 0) exit(8);
    memset(block[slot], slot, size[slot] = wanted);
  }
  for (int slot = 0; slot < SLOTS; slot++) free(block[slot]), block[slot] = NULL, size[slot] = 0;
  printf("malloc stress: %lu\n", checksum);
}

static int recurse(int depth) {
  volatile char frame[1024];
  frame[0] = (char)depth;
  return depth == 0 ? frame[0] : recurse(depth - 1) + (frame[0] & 1);
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  stress();
  printf("stack: %d\n", recurse(6000));

  char *shared = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  char *private = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  strcpy(shared, "parent");
  strcpy(private, "parent");
  if (fork() == 0) {
    strcpy(shared + PAGE, "child");
    strcpy(private, "child");
    _exit(0);
  }
  int status;
  wait(&status);
  printf("shared %s %s, private %s\n", shared, shared + PAGE, private);

  int fd = open("mapped", O_RDWR | O_CREAT | O_TRUNC, 0600);
  for (int i = 0; i < 3; i++) dprintf(fd, "%04095d\n", i);
  char *file = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  printf("file: %.4s %c %c\n", file + 2 * PAGE - 5, file[PAGE - 2], file[3 * PAGE - 2]);
  file[0] = 'X';
  char first;
  ssize_t count = pread(fd, &first, 1, 0);
  printf("private write stays: %zd %c\n", count, first);
  char *second = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 2 * PAGE);
  printf("offset: %c\n", second[PAGE - 2]);
  printf("unaligned offset: %d\n", mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 5) == MAP_FAILED && errno == EINVAL);
  printf("no length: %d\n", mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == EINVAL);

  char *area = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(area, 7, 8 * PAGE);
  munmap(area + 2 * PAGE, 2 * PAGE);
  printf("hole: %d\n", msync(area + 2 * PAGE, PAGE, MS_ASYNC) != 0 && errno == ENOMEM);
  char *fixed = mmap(area + 2 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  printf("fixed: %d %d %d\n", fixed == area + 2 * PAGE, fixed[0], area[PAGE]);
  mprotect(area, PAGE, PROT_READ);
  printf("read(2) into read-only memory: %d\n", pread(fd, area, 10, 0) < 0 && errno == EFAULT);
  char *moved = mremap(area + 4 * PAGE, 4 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
  printf("mremap: %d %d\n", moved != MAP_FAILED && moved[3 * PAGE] == 7, moved != MAP_FAILED && moved[63 * PAGE] == 0);

  char *before = (char *)syscall(SYS_brk, 0);
  char *raised = (char *)syscall(SYS_brk, before + 10 * PAGE);
  memset(before, 1, 10 * PAGE);
  char *lowered = (char *)syscall(SYS_brk, before);
  printf("brk: %d %d\n", raised == before + 10 * PAGE, lowered == before);

  char *large = mmap(NULL, 1L << 36, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  printf("sparse 64 GB: %d\n", large != MAP_FAILED);
  if (large != MAP_FAILED) large[(1L << 36) - 1] = 1, large[1L << 35] = 2;

  char *lots = malloc(64 << 20);
  memset(lots, 0x5a, 64 << 20);
  long sum = 0;
  for (long i = 0; i < 64 << 20; i += PAGE) sum += lots[i];
  printf("64 MB: %ld\n", sum);
  return 0;
}
