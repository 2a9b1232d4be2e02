/* traced: a few system calls whose every argument and result is known beforehand, straight after one another. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  mkdir("/tmp/traced", 0700);
  int file = open("/tmp/traced/file", O_CREAT | O_RDWR, 0600);
  dup2(file, 9);
  lseek(9, 12345, SEEK_SET);
  close(file);
  close(file);
  open("/tmp/no\nsuch\tfile", O_RDONLY);
  chmod((char *)1, 0);
  rename("/tmp/traced/file", "/tmp/traced/other");
  unlink("/tmp/traced/other");
  rmdir("/tmp/traced");
  syscall(500, 1, 2);
  kill(0, 0);
  wait4(-1, NULL, WNOHANG, NULL);
  _exit(3);
}
