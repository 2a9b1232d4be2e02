/* memory WORK...: requests about very much memory, and about very large files. What it prints, measure.h tells. */
#include "measure.h"
#include <elf.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/sendfile.h>

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

/* A program of SEGMENTS segments, whose files' parts end amid pages that must be cleared from there on. */
static void executeSegments(void) {
  static struct { Elf64_Ehdr header; Elf64_Phdr segments[SEGMENTS]; unsigned char code[16]; } file;
  const uint64_t code = offsetof(__typeof__(file), code), base = 0x10000000;
  /* mov $60, %eax; xor %edi, %edi; syscall: exit(0) */
  memcpy(file.code, "\xb8\x3c\0\0\0\x31\xff\x0f\x05", 9);
  file.header = (Elf64_Ehdr){.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT}, .e_type = ET_EXEC,
    .e_machine = EM_X86_64, .e_version = EV_CURRENT, .e_entry = base + code % PAGE, .e_phoff = sizeof file.header, .e_ehsize = sizeof file.header,
    .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = SEGMENTS};
  for (int index = 0; index < SEGMENTS; index++)
    file.segments[index] = (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R | PF_W | PF_X, .p_vaddr = base + (uint64_t)index * FAR,
      .p_offset = code & ~(PAGE - 1UL), .p_filesz = code % PAGE + sizeof file.code, .p_memsz = 3 * PAGE, .p_align = PAGE};
  int program = open("/tmp/segments", O_CREAT | O_WRONLY | O_TRUNC, 0700);
  must(write(program, &file, sizeof file) == sizeof file, "write");
  close(program);
  begin();
  execl("/tmp/segments", "segments", NULL);
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

/* A file of `bytes`, all there. */
static int fileOf(size_t bytes) {
  int file = open("/tmp/file", O_CREAT | O_RDWR | O_TRUNC, 0600);
  unlink("/tmp/file");
  must(file >= 0 && fallocate(file, 0, 0, (off_t)bytes) == 0, "fallocate");
  return file;
}

static char *mapFile(int file, size_t bytes) {
  char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  must(memory != MAP_FAILED, "mmap");
  memset(memory, 1, bytes);
  return memory;
}

static void syncFile(void) {
  int file = fileOf(much);
  char *memory = mapFile(file, much);
  begin();
  must(msync(memory, much, MS_SYNC) == 0 && fsync(file) == 0, "msync");
  finish();
}

static void forkShared(void) {
  mapFile(fileOf(much), much);
  begin();
  pid_t child = fork();
  if (child == 0) _exit(0);
  finish();
  must(child > 0 && waitpid(child, NULL, 0) == child, "fork");
}

/* One page in 64, so that no two are neighbours. */
static int sparse(void) {
  int file = open("/tmp/sparse", O_CREAT | O_RDWR | O_TRUNC, 0600);
  for (int index = 0; index < AREAS; index++) must(pwrite(file, "x", 1, (off_t)index * FAR) == 1, "pwrite");
  return file;
}

static void removeSparse(void) {
  close(sparse());
  begin();
  must(unlink("/tmp/sparse") == 0, "unlink");
}

static void cutSparse(void) {
  int file = sparse();
  begin();
  must(ftruncate(file, 0) == 0, "ftruncate");
  finish();
  unlink("/tmp/sparse");
}

static void punchSparse(void) {
  int file = sparse();
  begin();
  must(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)AREAS * FAR) == 0, "fallocate");
  finish();
  unlink("/tmp/sparse");
}

/* Every mapping of a file has to be told of a hole in it. */
static void punchMapped(void) {
  int file = fileOf(MEGABYTE);
  for (int index = 0; index < AREAS; index++) {
    char *memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    must(memory != MAP_FAILED, "mmap");
    *memory = 1;
  }
  begin();
  must(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, MEGABYTE) == 0, "fallocate");
  finish();
}

static void allocateFile(void) {
  begin();
  close(fileOf(much));
  finish();
}

static void copyFile(void) {
  size_t bytes = much / 2;
  int file = fileOf(bytes), copy = open("/tmp/copy", O_CREAT | O_RDWR | O_TRUNC, 0600);
  unlink("/tmp/copy");
  begin();
  must(syscall(SYS_copy_file_range, file, NULL, copy, NULL, bytes, 0) == (long)bytes, "copy_file_range");
  must(ftruncate(copy, 0) == 0, "ftruncate");
  off_t from = 0;
  must(sendfile(copy, file, &from, bytes) == (ssize_t)bytes, "sendfile");
  finish();
}

static void seekHole(void) {
  int file = fileOf(much);
  begin();
  must(lseek(file, 0, SEEK_HOLE) == (off_t)much, "lseek");
  must(lseek(file, 0, SEEK_DATA) == 0, "lseek");
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

static const struct work works[] = {
    {"move-scattered", moveScattered}, {"grow", growMuch}, {"brk", moveHeap}, {"execve-areas", executeFromAreas},
    {"execve-segments", executeSegments}, {"lock-scattered", lockScattered}, {"lock", lockMuch}, {"madvise", adviseMuch},
    {"dontneed-scattered", adviseScattered}, {"mincore", lookAtMuch}, {"msync", syncFile}, {"fork-shared", forkShared},
    {"unlink-sparse", removeSparse}, {"truncate-sparse", cutSparse}, {"punch-sparse", punchSparse}, {"punch", punchMapped},
    {"fallocate", allocateFile}, {"copy", copyFile}, {"seek", seekHole}, {"populate", populate}, {"oom", takeAll},
    {"vfork", vforkAreas},
};

int main(int count, char **words) {
  if (count > 1 && strcmp(words[1], "nothing") == 0) return 0;
  return measureAll(count, words, works, sizeof works / sizeof *works);
}
