/* memory WORK...: requests about very much memory. What it prints, measure.h tells. */
#include "measure.h"
#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>

enum { AREAS = 60000, FAR = 1 << 18, SCATTERED = 8000, SEGMENTS = 1170 };
static const size_t much = 256UL * MEGABYTE;

/* Pages so far apart that none shares anything with another. */
static char *scattered(void) {
  char *memory = room((size_t)SCATTERED * FAR);
  for (int index = 0; index < SCATTERED; index++) memory[(size_t)index * FAR] = 1;
  return memory;
}

/* AREAS areas of one page each: every other page may not be touched. */
static void manyAreas(void) {
  char *memory = room((size_t)AREAS * PAGE);
  for (int index = 0; index < AREAS; index += 2) must(mprotect(memory + (size_t)index * PAGE, PAGE, PROT_NONE) == 0, "mprotect");
}

static void moveScattered(void) {
  char *memory = scattered(), *target = room((size_t)SCATTERED * FAR);
  begin();
  must(mremap(memory, (size_t)SCATTERED * FAR, (size_t)SCATTERED * FAR, MREMAP_MAYMOVE | MREMAP_FIXED, target) == target, "mremap");
  finish();
}

/* Something lies above: growing means moving. */
static void growMuch(void) {
  char *memory = touched(much);
  begin();
  char *larger = mremap(memory, much, 2 * much, MREMAP_MAYMOVE);
  must(larger != MAP_FAILED && larger != memory, "mremap");
  must(mremap(larger, 2 * much, PAGE, 0) == larger, "mremap");
  finish();
}

static void moveHeap(void) {
  begin();
  char *heap = (char *)syscall(SYS_brk, 0);
  must((char *)syscall(SYS_brk, heap + much) == heap + much, "brk");
  for (size_t at = 0; at < much; at += PAGE) {
    heap[at] = 1;
    if (at % FAR == 0) beat();
  }
  must((char *)syscall(SYS_brk, heap) == heap, "brk");
  finish();
}

static void executeFromAreas(void) {
  manyAreas();
  begin();
  execl("/proc/self/exe", "memory", "nothing", NULL);
  must(0, "execl");
}

/* A program of as many segments as a file may have, whose files' parts end amid pages that must be cleared from there
 * on; and its interpreter, which is the same file. */
static void executeSegments(void) {
  static struct { Elf64_Ehdr header; Elf64_Phdr segments[SEGMENTS]; unsigned char code[16]; char path[16]; } file = {.path = "/tmp/segments"};
  const uint64_t code = offsetof(__typeof__(file), code);
  /* mov $60, %eax; xor %edi, %edi; syscall: exit(0) */
  memcpy(file.code, "\xb8\x3c\0\0\0\x31\xff\x0f\x05", 9);
  file.header = (Elf64_Ehdr){.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT}, .e_type = ET_DYN,
    .e_machine = EM_X86_64, .e_version = EV_CURRENT, .e_entry = code % PAGE, .e_phoff = sizeof file.header, .e_ehsize = sizeof file.header,
    .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = SEGMENTS};
  for (int index = 0; index < SEGMENTS - 1; index++)
    file.segments[index] = (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R | PF_W | PF_X, .p_vaddr = (uint64_t)index * FAR,
      .p_offset = code & ~(PAGE - 1UL), .p_filesz = code % PAGE + sizeof file.code, .p_memsz = 3 * PAGE, .p_align = PAGE};
  file.segments[SEGMENTS - 1] = (Elf64_Phdr){.p_type = PT_INTERP, .p_offset = offsetof(__typeof__(file), path), .p_filesz = sizeof "/tmp/segments"};
  int program = open(file.path, O_CREAT | O_WRONLY | O_TRUNC, 0700);
  must(write(program, &file, sizeof file) == sizeof file, "write");
  close(program);
  begin();
  execl(file.path, "segments", NULL);
  must(0, "execl");
}

static void lockScattered(void) {
  char *memory = room((size_t)SCATTERED * FAR);
  for (int index = 0; index < SCATTERED; index++) must(mprotect(memory + (size_t)index * FAR, PAGE, PROT_READ) == 0, "mprotect");
  begin();
  for (int index = 0; index < SCATTERED; index += 100) syscall(SYS_mlock, memory + (size_t)index * FAR, (size_t)PAGE);
  finish();
}

static void lockMuch(void) {
  char *memory = touched(much);
  begin();
  must(mlock(memory, much) == 0, "mlock");
  must(munlock(memory, much) == 0, "munlock");
  must(mlockall(MCL_CURRENT) == 0, "mlockall");
  must(munlockall() == 0, "munlockall");
  finish();
}

static void advise(char *memory, size_t bytes) {
  static const int all[] = {0, 1, 2, 3, 10, 11, 18, 19, 20, 21, 22, 23, 22, 8, 22, 23, 4};
  begin();
  for (size_t index = 0; index < sizeof all / sizeof *all; index++) {
    int result = madvise(memory, bytes, all[index]);
    must(result == 0 || errno == EINVAL, "madvise");
  }
  finish();
}

static void adviseMuch(void) { advise(touched(much), much); }

static void adviseScattered(void) {
  char *memory = scattered();
  begin();
  must(madvise(memory, (size_t)SCATTERED * FAR, MADV_DONTNEED) == 0, "madvise");
  finish();
}

static void lookAtMuch(void) {
  char *memory = touched(much), *report = touched(much / PAGE);
  begin();
  must(mincore(memory, much, (unsigned char *)report) == 0, "mincore");
  finish();
}

static void populate(void) {
  begin();
  must(mmap(NULL, much, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0) != MAP_FAILED, "mmap");
  finish();
}

/* More than there is: who takes it ends by the hand of the system. */
static void takeAll(void) {
  size_t bytes = 4096UL * MEGABYTE;
  int status = 0;
  begin();
  pid_t child = fork();
  if (child == 0) {
    char *memory = room(bytes);
    for (size_t at = 0; at < bytes; at += PAGE) {
      memory[at] = 1;
      if (at % FAR == 0) beat();
    }
  }
  must(child > 0 && waitpid(child, &status, 0) == child && WIFSIGNALED(status), "no lack of memory");
  finish();
}

static void vforkAreas(void) {
  manyAreas();
  begin();
  pid_t child = vfork();
  if (child == 0) _exit(0);
  finish();
  must(child > 0 && waitpid(child, NULL, 0) == child, "vfork");
}

/* Several who have many pages, far apart, end at once, and another wants memory. */
static void endTogether(void) {
  enum { CHILDREN = 8, PAGES = 4000 };
  volatile int *ready = sharedWord();
  pid_t children[CHILDREN];
  for (int index = 0; index < CHILDREN; index++)
    if ((children[index] = fork()) == 0) {
      char *memory = room((size_t)PAGES * FAR);
      for (size_t page = 0; page < PAGES; page++) memory[page * FAR] = 1;
      __sync_fetch_and_add(ready, 1);
      pause();
    }
  while (*ready < CHILDREN) must(waitpid(-1, NULL, WNOHANG) == 0, "a child has no memory");
  begin();
  for (int index = 0; index < CHILDREN; index++) kill(children[index], SIGKILL);
  char *memory = room(much);
  for (size_t at = 0; at < much; at += PAGE) {
    memory[at] = 1;
    beat();
  }
  finish();
}

static void readMaps(void) {
  static char text[MEGABYTE];
  manyAreas();
  int file = open("/proc/self/maps", O_RDONLY);
  begin();
  while (read(file, text, sizeof text) > 0) beat();
  must(pread(file, text, 100, 2 * MEGABYTE) == 100, "pread");
  finish();
}

/* Each area has a file of its own behind it. */
static void unmapFiles(void) {
  enum { FILES = 5000, BYTES = 16 * PAGE };
  char *memory = room((size_t)FILES * BYTES);
  for (int index = 0; index < FILES; index++) {
    char *area = mmap(memory + (size_t)index * BYTES, BYTES, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(area != MAP_FAILED, "mmap");
    memset(area, 1, BYTES);
  }
  begin();
  must(munmap(memory, (size_t)FILES * BYTES) == 0, "munmap");
  finish();
}

static const struct work works[] = {
    {"move-scattered", moveScattered}, {"grow", growMuch}, {"brk", moveHeap}, {"execve-areas", executeFromAreas},
    {"execve-segments", executeSegments}, {"lock-scattered", lockScattered}, {"lock", lockMuch},
    {"madvise", adviseMuch}, {"dontneed-scattered", adviseScattered}, {"mincore", lookAtMuch}, {"populate", populate},
    {"oom", takeAll}, {"vfork", vforkAreas}, {"exit-together", endTogether}, {"maps", readMaps},
    {"munmap-files", unmapFiles},
};

int main(int count, char **words) {
  if (count > 1 && strcmp(words[1], "nothing") == 0) return 0;
  return measureAll(count, words, works, sizeof works / sizeof *works);
}
