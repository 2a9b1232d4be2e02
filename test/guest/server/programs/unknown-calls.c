/* unknown-calls: makes system calls that do not exist, each three times, and prints the error of the last (syscall(2)). */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
  static const long numbers[] = {500, 777, 1023, 100000, -1};
  for (unsigned index = 0; index < sizeof numbers / sizeof *numbers; index++) {
    long result = 0;
    for (int count = 0; count < 3; count++) result = syscall(numbers[index]);
    printf("%ld: %ld, %s\n", numbers[index], result, errno == ENOSYS ? "ENOSYS" : "another error");
  }
  return 0;
}
