/*
 * Random calls on epoll sets within sets (epoll(7)): interests come, go and change, counters are written, read, closed and
 * opened again, and waits and polls look at all of it. Prints a number made of all results for each seed.
 */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Sets of one level may watch those of higher ones: short chains, and no loops, in which kernels differ. */
enum { SETS = 12, LEVEL = 3, FILES = 6, ALL = SETS + FILES, SEEDS = 100, STEPS = 400 };

static const uint32_t modes[] = {EPOLLIN, EPOLLIN | EPOLLET, EPOLLIN | EPOLLONESHOT, EPOLLIN | EPOLLOUT,
                                 EPOLLOUT | EPOLLET, EPOLLIN | EPOLLET | EPOLLONESHOT, 0};
static int files[ALL];
static uint32_t state;
static uint64_t sum;

static uint32_t below(uint32_t limit) {
  state = state * 1664525 + 1013904223;
  return (state >> 8) % limit;
}

static void note(uint64_t value) { sum = (sum ^ value) * 1099511628211u; }

static int make(int index) { return index < SETS ? epoll_create1(0) : eventfd(below(2), EFD_NONBLOCK); }

static int byFile(const void *one, const void *other) {
  return ((const struct epoll_event *)one)->data.fd - ((const struct epoll_event *)other)->data.fd;
}

static void control(int operation) {
  int set = below(SETS), target = below(3) == 0 ? (int)below(ALL) : SETS + (int)below(FILES);
  struct epoll_event event = {modes[below(sizeof modes / sizeof *modes)], {.fd = target}};
  if (target < SETS && target / LEVEL <= set / LEVEL) return;
  note(epoll_ctl(files[set], operation, files[target], &event) == 0 ? 0 : errno);
}

static void waitFor(int set) {
  struct epoll_event found[ALL];
  int count = epoll_wait(files[set], found, ALL, 0);
  note(count);
  if (count > 0) qsort(found, count, sizeof *found, byFile);
  for (int index = 0; index < count; index++) note((uint64_t)found[index].events << 32 | found[index].data.fd);
}

static void pollAll(void) {
  struct pollfd entries[ALL];
  for (int index = 0; index < ALL; index++) entries[index] = (struct pollfd){files[index], POLLIN | POLLOUT, 0};
  note(poll(entries, ALL, 0));
  for (int index = 0; index < ALL; index++) note(entries[index].revents);
}

static void step(void) {
  uint64_t value = 1;
  int kind = below(16), file = below(ALL);
  if (kind < 5) control(EPOLL_CTL_ADD);
  else if (kind < 6) control(EPOLL_CTL_DEL);
  else if (kind < 8) control(EPOLL_CTL_MOD);
  else if (kind < 10) note(write(files[SETS + file % FILES], &value, 8));
  else if (kind < 12) note(read(files[SETS + file % FILES], &value, 8));
  else if (kind < 14) waitFor(file % SETS);
  else if (kind < 15) pollAll();
  else if (below(4) == 0) {
    close(files[file]);
    files[file] = make(file);
  }
}

int main(void) {
  for (uint32_t seed = 1; seed <= SEEDS; seed++) {
    state = seed * 7919;
    sum = 14695981039346656037u;
    for (int index = 0; index < ALL; index++) files[index] = make(index);
    for (int count = 0; count < STEPS; count++) step();
    printf("%u %016llx\n", seed, (unsigned long long)sum);
    for (int index = 0; index < ALL; index++) close(files[index]);
  }
  return 0;
}
