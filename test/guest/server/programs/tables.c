/* tables WORK...: full descriptor tables, long vectors, huge directories. What it prints, measure.h tells. */
#include "measure.h"
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/uio.h>

enum { MOST = 4096, SEGMENTS = 1024, NAMES = 100000, DEEP = 20000, LOCKED = 4000, SMALL_FILES = 2000 };

static int ends[2];

/* Fills the table with pipes of their own (with a byte in each), or with copies of one pipe's end to read from. */
static int fillTable(int areCopies, int isFilled) {
  struct rlimit limit = {MOST, MOST};
  must(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
  must(pipe(ends) == 0, "pipe");
  int count = 0;
  if (areCopies) {
    while (dup(ends[0]) >= 0) count++;
  } else {
    for (int both[2]; pipe(both) == 0; count += 2) must(!isFilled || write(both[1], "", 1) == 1, "write");
  }
  must(errno == EMFILE, "EMFILE");
  return count;
}

static void pollMany(void) {
  static struct pollfd entries[MOST];
  fillTable(0, 0);
  for (int index = 0; index < MOST; index++) entries[index] = (struct pollfd){fcntl(index, F_GETFL) == O_RDONLY ? index : -1, POLLIN, 0};
  for (int index = 0; index < ends[0]; index++) entries[index].fd = -1;
  begin();
  must(poll(entries, MOST, 10) == 0, "poll");
  beat();
  must(poll(entries, MOST, 0) == 0, "poll");
  finish();
}

/* One set of words, as select takes them: FD_SETSIZE is no limit of the system's. */
typedef unsigned long Set[MOST / 64];

static void selectMany(void) {
  static Set sets[3];
  fillTable(0, 0);
  int last = ends[0];
  for (int index = ends[0]; fcntl(index, F_GETFD) >= 0; last = index++) {
    if ((fcntl(index, F_GETFL) & O_ACCMODE) == O_RDONLY) sets[0][index / 64] |= 1UL << index % 64;
    sets[2][index / 64] |= 1UL << index % 64;
  }
  struct timeval soon = {0, 10000};
  begin();
  must(syscall(SYS_select, last + 1, sets[0], NULL, sets[2], &soon) == 0, "select");
  finish();
}

static void pollCopies(void) {
  static struct pollfd entries[MOST];
  fillTable(1, 0);
  for (int index = 0; index < MOST; index++) entries[index] = (struct pollfd){ends[0], POLLIN, 0};
  begin();
  must(poll(entries, MOST, 10) == 0, "poll");
  finish();
}

static void exitWithPipes(void) {
  fillTable(0, 1);
  begin();
  _exit(0);
}

static void closeRange(void) {
  fillTable(0, 1);
  begin();
  must(syscall(SYS_close_range, 3, MOST, 0) == 0, "close_range");
  finish();
}

static void executeWithPipes(void) {
  fillTable(0, 1);
  for (int file = 3; file < MOST; file++) fcntl(file, F_SETFD, FD_CLOEXEC);
  begin();
  execl("/proc/self/exe", "tables", "nothing", NULL);
  must(0, "execl");
}

static void forkWithPipes(void) {
  fillTable(0, 1);
  begin();
  pid_t child = fork();
  if (child == 0) _exit(0);
  finish();
  must(child > 0 && waitpid(child, NULL, 0) == child, "fork");
}

/* Files without names, each of as many pages as go at once. */
static void exitWithFiles(void) {
  char *bytes = touched(200 * PAGE);
  struct rlimit limit = {MOST, MOST};
  must(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
  for (int index = 0; index < 400; index++) {
    int file = open("/tmp", O_TMPFILE | O_RDWR, 0600);
    must(file >= 0 && write(file, bytes, 200 * PAGE) == 200 * PAGE, "write");
  }
  begin();
  _exit(0);
}

static void lockMuch(void) {
  struct rlimit limit = {MOST, MOST};
  must(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
  int file = open("/tmp/locked", O_CREAT | O_RDWR, 0600);
  struct flock lock = {F_WRLCK, SEEK_SET, 0, 1, 0};
  for (int index = 0; index < LOCKED; index++) {
    lock.l_start = index * 2;
    must(fcntl(file, F_SETLK, &lock) == 0, "lock");
  }
  pid_t child = fork();
  if (child == 0) {
    while (dup(file) >= 0);
    begin();
    _exit(0);
  }
  waitpid(child, NULL, 0);
  finish();
  unlink("/tmp/locked");
}

static void vector(struct iovec *segments, char *memory, size_t length) {
  for (int index = 0; index < SEGMENTS; index++) segments[index] = (struct iovec){memory + (size_t)index * PAGE, length};
}

/* Segments each in a page of its own that is not there yet, or shared with a child. */
static void vectors(void) {
  static struct iovec segments[SEGMENTS];
  must(pipe(ends) == 0, "pipe");
  int zero = open("/dev/zero", O_RDWR), file = open("/tmp/vector", O_CREAT | O_RDWR | O_TRUNC, 0600);
  begin();
  vector(segments, room((size_t)SEGMENTS * PAGE), 1);
  must(readv(zero, segments, SEGMENTS) == SEGMENTS, "readv");
  beat();
  vector(segments, room((size_t)SEGMENTS * PAGE), 1);
  must(writev(zero, segments, SEGMENTS) == SEGMENTS, "writev");
  beat();
  vector(segments, room((size_t)SEGMENTS * PAGE), 1);
  must(writev(file, segments, SEGMENTS) == SEGMENTS, "writev");
  beat();
  vector(segments, room((size_t)SEGMENTS * PAGE), 1);
  must(writev(ends[1], segments, SEGMENTS) == SEGMENTS, "writev");
  beat();
  vector(segments, room((size_t)SEGMENTS * PAGE), 1);
  must(readv(ends[0], segments, SEGMENTS) == SEGMENTS, "readv");
  beat();
  vector(segments, room((size_t)SEGMENTS * PAGE), PAGE);
  must(readv(zero, segments, SEGMENTS) == SEGMENTS * PAGE, "readv");
  finish();
  char *memory = touched((size_t)SEGMENTS * PAGE);
  if (fork() == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pause();
  }
  begin();
  lseek(file, 0, SEEK_SET);
  vector(segments, memory, 1);
  must(readv(file, segments, SEGMENTS) == SEGMENTS, "readv");
  finish();
  unlink("/tmp/vector");
}

static void manyNames(void) {
  char name[32];
  must(mkdir("/tmp/names", 0700) == 0 && chdir("/tmp/names") == 0, "mkdir");
  for (int index = 0; index < NAMES; index++) {
    snprintf(name, sizeof name, "%d", index);
    must(symlink("x", name) == 0, "symlink");
  }
}

static void listNames(void) {
  static char entries[65536];
  char name[32];
  manyNames();
  int directory = open(".", O_RDONLY | O_DIRECTORY);
  begin();
  while (syscall(SYS_getdents64, directory, entries, sizeof entries) > 0) beat();
  must(lseek(directory, 4, SEEK_SET) == 4, "lseek");
  must(syscall(SYS_getdents64, directory, entries, sizeof entries) >= 0, "getdents64");
  beat();
  finish();
  must(chdir("/") == 0, "chdir");
  for (int index = 0; index < NAMES; index++) {
    snprintf(name, sizeof name, "/tmp/names/%d", index);
    unlink(name);
  }
  must(rmdir("/tmp/names") == 0, "rmdir");
}

static void unmountTree(void) {
  char name[64], *bytes = touched(200 * PAGE);
  must(mkdir("/tmp/tree", 0700) == 0 && mount("none", "/tmp/tree", "tmpfs", 0, "size=900m") == 0, "mount");
  for (int index = 0; index < SMALL_FILES; index++) {
    snprintf(name, sizeof name, "/tmp/tree/%d", index);
    int file = open(name, O_CREAT | O_RDWR, 0600);
    must(file >= 0 && write(file, bytes, 60 * PAGE) == 60 * PAGE, "write");
    close(file);
  }
  begin();
  must(umount("/tmp/tree") == 0, "umount");
  finish();
  begin();
  for (int round = 0; round < 2000; round++) {
    syscall(SYS_getppid);
    beat();
  }
  finish();
  must(rmdir("/tmp/tree") == 0, "rmdir");
}

/* Directories deep in each other, all removed while we stand in the lowest: stepping out lets go of every one. */
static void leaveDepths(void) {
  must(mkdir("/tmp/deep", 0700) == 0 && chdir("/tmp/deep") == 0, "mkdir");
  for (int depth = 0; depth < DEEP; depth++) must(mkdir("d", 0700) == 0 && chdir("d") == 0, "mkdir");
  int bottom = open(".", O_RDONLY | O_DIRECTORY);
  for (int depth = 0; depth < DEEP; depth++) must(chdir("..") == 0 && rmdir("d") == 0, "rmdir");
  must(chdir("/") == 0 && rmdir("/tmp/deep") == 0, "rmdir");
  begin();
  close(bottom);
  finish();
  begin();
  for (int round = 0; round < 2000; round++) {
    syscall(SYS_getppid);
    beat();
  }
  finish();
}

/* Forty links whose targets are as long as targets can be: steps in place, and one onwards. */
static void followLinks(void) {
  static char target[PATH_MAX];
  char name[8];
  must(mkdir("/tmp/links", 0700) == 0 && chdir("/tmp/links") == 0, "mkdir");
  must(close(open("end", O_CREAT | O_RDWR, 0600)) == 0, "open");
  for (int index = 0; index < 40; index++) {
    memset(target, 0, sizeof target);
    for (int at = 0; at < 680; at += 2) memcpy(target + at, "./", 2);
    if (index == 39) strcat(target, "end");
    else sprintf(target + strlen(target), "l%d", index + 1);
    sprintf(name, "l%d", index);
    must(symlink(target, name) == 0, "symlink");
  }
  struct stat status;
  begin();
  stat("l0", &status);
  beat();
  memset(target, '/', sizeof target - 1);
  stat(target, &status);
  finish();
  must(chdir("/") == 0, "chdir");
  for (int index = 0; index < 40; index++) {
    sprintf(target, "/tmp/links/l%d", index);
    unlink(target);
  }
  unlink("/tmp/links/end");
  must(rmdir("/tmp/links") == 0, "rmdir");
}

/* As many arguments as there may be: each of one letter, or each in a page of its own that is not there yet. */
static void executeWith(int count, int step) {
  char **words = (char **)touched((size_t)(count + 1) * sizeof *words);
  char *memory = room((size_t)count * step + 2);
  if (step == 2) memset(memory, 0, (size_t)count * step);
  for (int index = 0; index < count; index++) words[index] = memory + (size_t)index * step;
  words[1] = "nothing";
  words[count] = NULL;
  begin();
  execv("/proc/self/exe", words);
  must(0, "execv");
}

static void manyArguments(void) { executeWith(180000, 2); }

static void scatteredArguments(void) { executeWith(30000, PAGE); }

static const struct work works[] = {
    {"poll", pollMany}, {"select", selectMany}, {"poll-copies", pollCopies}, {"exit-pipes", exitWithPipes},
    {"close_range", closeRange}, {"execve-pipes", executeWithPipes}, {"fork-pipes", forkWithPipes},
    {"exit-files", exitWithFiles}, {"locks", lockMuch}, {"vectors", vectors}, {"getdents", listNames},
    {"umount", unmountTree}, {"depths", leaveDepths}, {"links", followLinks}, {"execve-many", manyArguments},
    {"execve-scattered", scatteredArguments},
};

int main(int count, char **words) {
  if (count > 1 && strcmp(words[1], "nothing") == 0) return 0;
  return measureAll(count, words, works, sizeof works / sizeof *works);
}
