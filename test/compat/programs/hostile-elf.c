/*
 * Executes damaged and hostile ELF files and prints what each gives: an errno from execve, an exit status, or a signal.
 * The base is a working image of two loadable segments; each case changes one thing (ELF-64 object file format).
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BASE = 0x400000, PAGE = 4096 };

/* exit_group(42) */
static const unsigned char code[] = {0xbf, 42, 0, 0, 0, 0xb8, 231, 0, 0, 0, 0x0f, 0x05};

static struct image {
  Elf64_Ehdr header;
  Elf64_Phdr segment[4];
  unsigned char text[256];
} image;
static size_t length;

static void reset(void) {
  memset(&image, 0, sizeof image);
  memcpy(image.header.e_ident, ELFMAG, SELFMAG);
  image.header.e_ident[EI_CLASS] = ELFCLASS64;
  image.header.e_ident[EI_DATA] = ELFDATA2LSB;
  image.header.e_ident[EI_VERSION] = EV_CURRENT;
  image.header.e_type = ET_EXEC;
  image.header.e_machine = EM_X86_64;
  image.header.e_version = EV_CURRENT;
  image.header.e_phoff = sizeof(Elf64_Ehdr);
  image.header.e_ehsize = sizeof(Elf64_Ehdr);
  image.header.e_phentsize = sizeof(Elf64_Phdr);
  image.header.e_phnum = 2;
  image.header.e_entry = BASE + offsetof(struct image, text);
  image.segment[0] = (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = BASE, .p_paddr = BASE,
                                  .p_filesz = sizeof image, .p_memsz = sizeof image, .p_align = PAGE};
  image.segment[1] = (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_vaddr = BASE + 16 * PAGE,
                                  .p_memsz = 2 * PAGE, .p_align = PAGE};
  memcpy(image.text, code, sizeof code);
  length = sizeof image;
}

static void run(const char *what) {
  unlink("victim");
  int fd = open("victim", O_CREAT | O_WRONLY | O_TRUNC, 0700);
  if (write(fd, &image, length) != (ssize_t)length) exit(1);
  close(fd);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    execl("./victim", "victim", (char *)NULL);
    printf("%s: %s\n", what, strerror(errno));
    fflush(stdout);
    _exit(99);
  }
  int status;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) printf("%s: killed by signal %d\n", what, WTERMSIG(status));
  else if (WEXITSTATUS(status) != 99) printf("%s: exit %d\n", what, WEXITSTATUS(status));
  reset();
}

int main(void) {
  reset();
  run("intact");
  for (size_t cut = 0; cut < sizeof(Elf64_Ehdr); cut += 13) {
    char what[32];
    snprintf(what, sizeof what, "cut to %zu bytes", cut);
    length = cut;
    run(what);
  }
  length = sizeof(Elf64_Ehdr) + 20;
  run("cut in the program headers");
  image.header.e_ident[0] = 'X';
  run("wrong magic");
  image.header.e_machine = EM_386;
  run("another machine");
  image.header.e_machine = EM_AARCH64;
  run("another architecture");
  image.header.e_type = ET_REL;
  run("relocatable");
  image.header.e_type = ET_CORE;
  run("core file");
  image.header.e_phentsize = 32;
  run("program header size");
  image.header.e_phnum = 0;
  run("no program headers");
  image.header.e_phnum = 0xffff;
  run("65535 program headers");
  image.header.e_phoff = 1UL << 62;
  run("program headers far away");
  image.header.e_phoff = ~0UL - 8;
  run("program headers that wrap");
  image.segment[0].p_vaddr = 0x7ffffffff000;
  run("segment beyond the user half");
  image.segment[0].p_vaddr = 0xffffffff80000000;
  run("segment in the kernel half");
  image.segment[0].p_vaddr = ~0xfffUL;
  run("segment at the last page");
  image.segment[0].p_memsz = 1;
  run("file size above memory size");
  image.segment[1].p_memsz = 1UL << 60;
  run("huge memory size");
  image.segment[1].p_memsz = ~0UL;
  run("memory size that wraps");
  image.segment[1].p_filesz = ~0UL;
  run("file size that wraps");
  image.segment[0].p_offset = 5;
  run("offset that disagrees with the address");
  image.segment[1].p_offset = 1UL << 40;
  image.segment[1].p_filesz = 64;
  run("offset beyond the file");
  image.segment[1].p_vaddr = BASE;
  image.segment[1].p_flags = PF_R | PF_W | PF_X;
  run("overlapping segments");
  image.segment[0].p_flags = PF_R | PF_W | PF_X;
  run("writable and executable");
  image.segment[0].p_flags = PF_R;
  run("entry not executable");
  image.segment[0].p_flags = 0;
  run("no permissions");
  image.header.e_entry = 0;
  run("entry at zero");
  image.header.e_entry = 0xffffffff80000000;
  run("entry in the kernel half");
  image.header.e_entry = 1UL << 47;
  run("entry that is not canonical");
  image.segment[0].p_type = PT_NULL;
  image.segment[1].p_type = PT_NULL;
  run("nothing to load");
  image.segment[1] = (Elf64_Phdr){.p_type = PT_INTERP, .p_offset = offsetof(struct image, text), .p_filesz = 12};
  run("interpreter name without an end");
  memcpy(image.text + 64, "/nonexistent/loader", 20);
  image.segment[1] = (Elf64_Phdr){.p_type = PT_INTERP, .p_offset = offsetof(struct image, text) + 64, .p_filesz = 20};
  run("interpreter that is not there");
  memcpy(image.text + 64, "/etc/passwd", 12);
  image.segment[1] = (Elf64_Phdr){.p_type = PT_INTERP, .p_offset = offsetof(struct image, text) + 64, .p_filesz = 12};
  run("interpreter that is no program");
  image.segment[1] = (Elf64_Phdr){.p_type = PT_INTERP, .p_offset = offsetof(struct image, text), .p_filesz = 1UL << 40};
  run("interpreter name of a terabyte");
  image.segment[1].p_align = 3;
  run("alignment that is no power of two");
  image.header.e_type = ET_DYN;
  image.segment[0].p_vaddr = 0;
  image.segment[1].p_vaddr = 16 * PAGE;
  image.header.e_entry -= BASE;
  run("position independent");
  uint32_t state = 2026;
  int ended = 0;
  for (int round = 0; round < 200; round++) {
    for (int change = 0; change < 3; change++) {
      state = state * 1664525 + 1013904223;
      ((unsigned char *)&image)[(state >> 8) % (sizeof image.header + 2 * sizeof(Elf64_Phdr))] = (unsigned char)(state >> 3);
    }
    int fd = open("random", O_CREAT | O_WRONLY | O_TRUNC, 0700);
    if (write(fd, &image, sizeof image) != sizeof image) exit(1);
    close(fd);
    pid_t child = fork();
    if (child == 0) {
      alarm(2);
      execl("./random", "random", (char *)NULL);
      _exit(99);
    }
    int status;
    ended += waitpid(child, &status, 0) == child;
    unlink("random");
    reset();
  }
  printf("%d of 200 random images ended\n", ended);
  unlink("victim");
  return 0;
}
