/*
 * Corners of the file calls that matter to safety or are easily got wrong: second names for other people's files,
 * set-user-ID bits of files that change, files without a name, what /proc refuses. Same output as on Linux's tmpfs.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define T(call)                   \
  do {                            \
    long result_ = (long)(call);  \
    report(#call, result_);       \
  } while (0)

/* musl shows these to whoever asks for nothing else. */
#ifndef F_OFD_GETLK
#define F_OFD_GETLK 36
#define F_OFD_SETLK 37
#endif

static void report(const char *what, long result) {
  printf("%s = %ld%s%s\n", what, result, result < 0 ? " " : "", result < 0 ? strerror(errno) : "");
  fflush(stdout);
}

static void make(const char *name, mode_t mode, uid_t owner) {
  int file = open(name, O_CREAT | O_WRONLY, 0600);
  if (write(file, name, strlen(name)) < 0) puts("cannot write");
  close(file);
  if (chown(name, owner, owner) < 0 || chmod(name, mode) < 0) puts("cannot change");
}

static void show(const char *name) {
  struct stat attributes;
  if (lstat(name, &attributes) < 0) printf("  %s: %s\n", name, strerror(errno));
  else printf("  %s: mode %o group %u size %ld blocks %ld\n", name, attributes.st_mode, attributes.st_gid,
              (long)attributes.st_size, (long)attributes.st_blocks);
}

/* What an ordinary user may do among the files of main. */
static void as_user(void) {
  char byte = 'x';
  T(link("root-private", "a"));
  T(link("root-readable", "b"));
  T(link("root-open", "c"));
  T(link("root-suid", "d"));
  T(link("mine", "e"));
  T(mknod("no-such-directory/device", S_IFBLK | 0600, 0));
  T(mknod("device", S_IFBLK | 0600, 0));
  int file = open("mine", O_WRONLY);
  T(chmod("mine", 06777));
  T(write(file, &byte, 0));
  show("mine");
  T(write(file, &byte, 1));
  show("mine");
  T(chmod("mine", 06777));
  T(ftruncate(file, 0));
  show("mine");
  T(chmod("mine", 06767));
  T(truncate("mine", 3));
  show("mine");
  T(chmod("mine", 06777));
  T(close(open("mine", O_WRONLY | O_TRUNC)));
  show("mine");
  T(close(open("group/file", O_CREAT | O_WRONLY, 02777)));
  show("group/file");
  T(mkdir("group/folder", 0777));
  show("group/folder");
}

/* Two processes that wait for each other's locks: one is told (fcntl(2), EDEADLK). Locks of descriptions. */
static void locks(void) {
  int turn[2];
  char byte = 0;
  int first = open("locked", O_CREAT | O_RDWR, 0600), second = open("locked", O_RDWR);
  struct flock low = {.l_type = F_WRLCK, .l_len = 1}, high = {.l_type = F_WRLCK, .l_start = 1, .l_len = 1};
  if (pipe(turn) < 0 || fcntl(first, F_SETLK, &low) < 0) return;
  pid_t child = fork();
  if (child == 0) {
    fcntl(first, F_SETLK, &high);
    if (write(turn[1], "x", 1) != 1) _exit(1);
    int result = fcntl(first, F_SETLKW, &low);
    _exit(result < 0 && errno == EDEADLK ? 1 : 0);
  }
  if (read(turn[0], &byte, 1) != 1) return;
  int result = fcntl(first, F_SETLKW, &high);
  int told = result < 0 && errno == EDEADLK;
  low.l_type = F_UNLCK;
  fcntl(first, F_SETLK, &low);
  int status;
  waitpid(child, &status, 0);
  printf("one of the two is told: %d\n", told + WEXITSTATUS(status));
  low.l_len = 0;
  fcntl(first, F_SETLK, &low);
  struct flock whole = {.l_type = F_WRLCK};
  T(fcntl(first, F_OFD_SETLK, &whole));
  T(fcntl(second, F_OFD_SETLK, &whole));
  T(fcntl(second, F_OFD_GETLK, &whole));
  printf("  of process %d\n", whole.l_pid);
  T(fcntl(second, F_OFD_SETLK, &whole));
  T(fcntl(first, F_SETOWN, getpid()));
  T(fcntl(first, F_GETOWN) == getpid());
  T(fcntl(first, F_SETOWN, -getpgrp()) < 0 ? -1 : 0);
  T(fcntl(first, F_GETOWN) == -getpgrp());
}

/* A script that is run by its descriptor knows itself by that (execveat(2)). */
static void by_descriptor(void) {
  static const char script[] = "#!/bin/sh\ncase $0 in /dev/fd/[0-9]*) exit 7 ;; esac\nexit 1\n";
  int file = open("script", O_CREAT | O_WRONLY, 0700), status;
  if (write(file, script, sizeof script - 1) < 0) return;
  close(file);
  file = open("script", O_RDONLY);
  fflush(stdout);
  if (fork() == 0) {
    syscall(SYS_execveat, file, "", (char *[]){"x", NULL}, (char *[]){NULL}, AT_EMPTY_PATH);
    _exit(2);
  }
  wait(&status);
  printf("by descriptor: %d\n", WEXITSTATUS(status));
  T(mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0x7ffffffffffff000) == MAP_FAILED ? -1 : 0);
}

int main(void) {
  char text[64], target[300];
  umask(0);
  mkdir("work", 0777);
  if (chdir("work") < 0) return 1;
  make("root-private", 0600, 0);
  make("root-readable", 0644, 0);
  make("root-open", 0666, 0);
  make("root-suid", 04777, 0);
  make("mine", 0600, 1000);
  mkdir("group", 0777);
  if (chown("group", 0, 50) < 0 || chmod("group", 02777) < 0) return 1;
  pid_t child = fork();
  if (child == 0) {
    if (setresgid(1000, 1000, 1000) < 0 || setresuid(1000, 1000, 1000) < 0) return 1;
    as_user();
    _exit(0);
  }
  waitpid(child, NULL, 0);

  int file = open(".", O_TMPFILE | O_RDWR | O_EXCL, 0600);
  snprintf(text, sizeof text, "/proc/self/fd/%d", file);
  T(linkat(AT_FDCWD, text, AT_FDCWD, "never", AT_SYMLINK_FOLLOW));
  T(linkat(file, "", AT_FDCWD, "never", AT_EMPTY_PATH));
  close(file);
  file = open(".", O_TMPFILE | O_RDWR, 0600);
  snprintf(text, sizeof text, "/proc/self/fd/%d", file);
  T(linkat(AT_FDCWD, text, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
  show("named");
  close(file);

  T(mkdir("/proc/new", 0700));
  T(open("/proc/new", O_CREAT | O_RDWR, 0600));
  T(symlink("x", "/proc/new"));
  T(rename("/proc/self", "/proc/new"));
  T(utimensat(AT_FDCWD, "no/such/path", (struct timespec[]){{0, UTIME_OMIT}, {0, UTIME_OMIT}}, 0));
  T(fcntl(open("named", O_RDONLY | O_NOFOLLOW | O_CLOEXEC), F_GETFL) & O_NOFOLLOW ? 1 : 0);
  T(syscall(SYS_getdents64, open(".", O_PATH), text, sizeof text));
  memset(target, 't', sizeof target);
  target[127] = 0;
  T(symlink(target, "short"));
  show("short");
  target[127] = 't', target[128] = 0;
  T(symlink(target, "long"));
  show("long");
  file = open("mine", O_RDWR);
  T(ftruncate(file, 0));
  T(copy_file_range(file, NULL, file, NULL, 10, 0));
  T(ftruncate(file, 100));
  T(copy_file_range(file, NULL, file, NULL, 10, 0));
  struct {
    unsigned mask, rest[63];
  } attributes;
  T(syscall(SYS_statx, AT_FDCWD, "mine", 0, 0xfff, &attributes));
  locks();
  by_descriptor();
  printf("  it has a time of birth: %d\n", (attributes.mask & 0x800) != 0);
  return 0;
}
