/*
 * System calls with arguments that a careful kernel refuses: wild pointers, descriptors that are not open, lengths that
 * wrap, unknown flags. Prints the errno of each, which must be Linux's, and that nothing else happened.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TRY(call, ...) report(#call " " #__VA_ARGS__, syscall(SYS_##call, __VA_ARGS__))

static void report(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
}

int main(void) {
  const long kernel = 0xffffffff80000000, nonCanonical = 0x8000000000000000, high = 0x7ffffffff000, null = 0;
  const long wrap = -1, closed = 77;
  char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1L, 0);
  munmap(page + 4096, 4096);
  char *edge = page + 4096 - 8;
  char *guard = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1L, 0);
  setvbuf(stdout, NULL, _IONBF, 0);
  int ends[2], file = open("file", O_CREAT | O_RDWR | O_TRUNC, 0600), directory = open(".", O_RDONLY);
  if (pipe(ends) != 0 || write(file, "0123456789abcdef", 16) != 16) return 1;

  TRY(write, ends[1], kernel, 8);
  TRY(write, ends[1], nonCanonical, 8);
  TRY(write, ends[1], null, 8);
  TRY(write, ends[1], high, 8);
  TRY(write, ends[1], guard, 8);
  TRY(write, file, edge, 16);
  TRY(write, closed, page, 1);
  TRY(write, wrap, page, 1);
  TRY(write, directory, page, 1);
  TRY(write, ends[0], page, 1);
  TRY(read, ends[1], page, 1);
  TRY(read, directory, page, 1);
  TRY(pread64, file, kernel, 8, 0);
  TRY(pread64, file, edge, 16, 0);
  TRY(pread64, file, page, wrap, 0);
  TRY(pread64, file, page, 8, -1L);
  TRY(pread64, file, guard, 0, 0);
  TRY(pread64, ends[0], page, 1, 0);
  TRY(lseek, file, -1L, SEEK_SET);
  TRY(lseek, file, 0, 99);
  TRY(lseek, ends[0], 0, SEEK_SET);
  TRY(openat, AT_FDCWD, null, O_RDONLY);
  TRY(openat, AT_FDCWD, kernel, O_RDONLY);
  TRY(openat, AT_FDCWD, "", O_RDONLY);
  TRY(openat, closed, "relative", O_RDONLY);
  TRY(openat, file, "relative", O_RDONLY);
  TRY(openat, AT_FDCWD, "file", O_CREAT | O_EXCL, 0600);
  TRY(openat, AT_FDCWD, "file/below", O_RDONLY);
  TRY(openat, AT_FDCWD, "file", O_DIRECTORY);
  TRY(openat, AT_FDCWD, ".", O_WRONLY);
  TRY(close, closed);
  TRY(dup2, closed, 5);
  TRY(dup2, file, 1 << 30);
  TRY(dup3, file, file, 0);
  TRY(fcntl, closed, F_GETFD, 0);
  TRY(fcntl, file, 9999, 0);
  TRY(fcntl, file, F_DUPFD, 1 << 30);
  TRY(ioctl, file, 0x5401, page);
  TRY(ioctl, closed, 0x5401, page);
  TRY(newfstatat, AT_FDCWD, "file", kernel, 0);
  TRY(newfstatat, AT_FDCWD, "file", page, 0x4000000);
  TRY(fstat, closed, page);
  TRY(fstat, file, null);
  TRY(getdents64, file, page, 100);
  TRY(getdents64, directory, page, 1);
  TRY(getdents64, directory, kernel, 4096);
  TRY(pipe2, kernel, 0);
  TRY(pipe2, page, 0x100);
  TRY(poll, kernel, 1, 0);
  TRY(poll, null, 0, 0);
  TRY(mmap, 0, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1L, 0);
  TRY(mmap, 0, 4096, PROT_READ, 0, -1L, 0);
  TRY(mmap, 0, 4096, PROT_READ, MAP_PRIVATE, closed, 0);
  TRY(mmap, 0, 4096, PROT_READ, MAP_PRIVATE, directory, 0);
  TRY(mmap, 0, wrap, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1L, 0);
  TRY(mmap, 5, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1L, 0);
  TRY(mmap, kernel & ~4095, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1L, 0);
  TRY(munmap, 5, 4096);
  TRY(munmap, page, 0);
  TRY(munmap, kernel, 4096);
  TRY(mprotect, 5, 4096, PROT_READ);
  TRY(mprotect, 0x10000, 4096, PROT_READ);
  TRY(mprotect, page, 4096, 0x80);
  TRY(rt_sigaction, 9, page, null, 8);
  TRY(rt_sigaction, 65, null, null, 8);
  TRY(rt_sigaction, 10, kernel, null, 8);
  TRY(rt_sigaction, 10, null, null, 4);
  TRY(rt_sigprocmask, 77, page, null, 8);
  TRY(rt_sigprocmask, 0, kernel, null, 8);
  TRY(kill, getpid(), 99);
  TRY(kill, 0x7ffffff, 0);
  TRY(wait4, 0x7ffffff, null, 0, null);
  TRY(wait4, -1, null, 0, null);
  TRY(wait4, -1, null, 0x1000, null);
  TRY(execve, null, null, null);
  TRY(execve, "file", kernel, null);
  TRY(execve, "file", null, null);
  TRY(execve, ".", null, null);
  TRY(execve, "missing", null, null);
  TRY(mkdirat, AT_FDCWD, "file", 0700);
  TRY(mkdirat, AT_FDCWD, "a/b", 0700);
  TRY(unlinkat, AT_FDCWD, ".", 0);
  TRY(unlinkat, AT_FDCWD, "file", AT_REMOVEDIR);
  TRY(unlinkat, AT_FDCWD, "file", 1);
  TRY(linkat, AT_FDCWD, ".", AT_FDCWD, "dirlink", 0);
  TRY(linkat, AT_FDCWD, "file", AT_FDCWD, "file", 0);
  TRY(symlinkat, "", AT_FDCWD, "empty");
  TRY(readlinkat, AT_FDCWD, "file", page, 10);
  TRY(readlinkat, AT_FDCWD, "/proc/self/exe", page, -1L);
  TRY(renameat2, AT_FDCWD, "file", AT_FDCWD, "missing/x", 0);
  TRY(renameat2, AT_FDCWD, "file", AT_FDCWD, "other", 0x100);
  TRY(ftruncate, file, -1L);
  TRY(ftruncate, ends[0], 1);
  TRY(truncate, ".", 1);
  TRY(chdir, "file");
  TRY(fchdir, file);
  TRY(getcwd, page, 1);
  TRY(getcwd, kernel, 100);
  TRY(nanosleep, kernel, null);
  TRY(clock_gettime, 99, page);
  TRY(clock_gettime, 0, kernel);
  TRY(futex, page + 1, 0, 0, null, null, 0);
  TRY(futex, kernel, 1, 1, null, null, 0);
  TRY(futex, page, 99, 0, null, null, 0);
  TRY(getrandom, kernel, 8, 0);
  TRY(getrandom, page, 8, 0x80);
  TRY(uname, kernel);
  TRY(sysinfo, kernel);
  TRY(setrlimit, 99, page);
  TRY(prlimit64, 0, 7, kernel, null);
  TRY(arch_prctl, 0x1002, kernel);
  TRY(arch_prctl, 0x9999, page);
  TRY(set_robust_list, page, 1);
  TRY(clone, 0x10000, 0, 0, 0, 0);
  TRY(clone, 0x800, 0, 0, 0, 0);
  TRY(sendfile, file, closed, null, 10);
  TRY(umask, 022);
  TRY(setpgid, 0x7ffffff, 0);
  TRY(getpgid, 0x7ffffff);
  TRY(getsid, 0x7ffffff);
  TRY(reboot, 0, 0, 0, 0);
  TRY(mount, null, null, null, 0, null);
  TRY(umount2, "missing", 0);
  errno = 0;
  report("system call 9999", syscall(9999, 0, 0, 0));
  report("system call -1", syscall(-1, 0, 0, 0));
  struct stat now;
  fstat(file, &now);
  printf("the file still has %ld bytes\n", (long)now.st_size);
  return 0;
}
