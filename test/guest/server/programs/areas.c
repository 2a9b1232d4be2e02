/* areas WORK...: address spaces of very many areas, or of pages far apart. What it prints, measure.h tells. */
#include "measure.h"
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>

enum { AREAS = 60000, FAR = 1 << 18, SCATTERED = 8000, LOCKS = 2048 };

/* AREAS areas of one page each: every other page may not be touched. */
static char *manyAreas(void) {
  char *memory = room((size_t)AREAS * PAGE);
  for (int index = 0; index < AREAS; index += 2) must(mprotect(memory + (size_t)index * PAGE, PAGE, PROT_NONE) == 0, "mprotect");
  return memory;
}

/* Pages so far apart that none shares anything with another. */
static char *scattered(void) {
  char *memory = room((size_t)SCATTERED * FAR);
  for (int index = 0; index < SCATTERED; index++) memory[(size_t)index * FAR] = 1;
  return memory;
}

static void unmapAreas(void) {
  char *memory = manyAreas();
  begin();
  must(munmap(memory, (size_t)AREAS * PAGE) == 0, "munmap");
  finish();
}

static void unmapTouchedAreas(void) {
  char *memory = manyAreas();
  for (int index = 1; index < AREAS; index += 2) memory[(size_t)index * PAGE] = 1;
  begin();
  must(munmap(memory, (size_t)AREAS * PAGE) == 0, "munmap");
  finish();
}

static void protectAreas(void) {
  char *memory = manyAreas();
  begin();
  must(mprotect(memory, (size_t)AREAS * PAGE, PROT_READ) == 0, "mprotect");
  finish();
}

static void protectTouchedAreas(void) {
  char *memory = manyAreas();
  for (int index = 1; index < AREAS; index += 2) memory[(size_t)index * PAGE] = 1;
  begin();
  must(mprotect(memory, (size_t)AREAS * PAGE, PROT_READ) == 0, "mprotect");
  finish();
}

/* Areas that differ in something else, so that they stay apart: the protection is the one they have. */
static void protectAlike(void) {
  char *memory = room((size_t)AREAS * PAGE);
  for (int index = 0; index < AREAS; index += 2) must(madvise(memory + (size_t)index * PAGE, PAGE, MADV_DONTFORK) == 0, "madvise");
  begin();
  must(mprotect(memory, (size_t)AREAS * PAGE, PROT_READ | PROT_WRITE) == 0, "mprotect");
  finish();
}

static void adviseAreas(void) {
  char *memory = manyAreas();
  begin();
  must(madvise(memory, (size_t)AREAS * PAGE, MADV_DONTFORK) == 0, "madvise");
  finish();
}

static void forgetAreas(void) {
  char *memory = manyAreas();
  for (int index = 1; index < AREAS; index += 2) memory[(size_t)index * PAGE] = 1;
  begin();
  must(madvise(memory, (size_t)AREAS * PAGE, MADV_DONTNEED) == 0, "madvise");
  finish();
}

static void syncAreas(void) {
  char *memory = manyAreas();
  begin();
  must(msync(memory, (size_t)AREAS * PAGE, MS_SYNC) == 0, "msync");
  finish();
}

static void lookAtAreas(void) {
  char *memory = manyAreas();
  unsigned char *report = (unsigned char *)touched(AREAS);
  begin();
  must(mincore(memory, (size_t)AREAS * PAGE, report) == 0, "mincore");
  finish();
}

static void lockAreas(void) {
  char *memory = manyAreas();
  begin();
  syscall(SYS_mlock2, memory, (size_t)AREAS * PAGE, 1);
  munlock(memory, (size_t)AREAS * PAGE);
  finish();
}

static void lockAll(void) {
  manyAreas();
  begin();
  must(mlockall(MCL_CURRENT | MCL_ONFAULT) == 0, "mlockall");
  must(munlockall() == 0, "munlockall");
  finish();
}

static void moveAreas(void) {
  char *memory = manyAreas(), *target = room((size_t)AREAS * PAGE * 2) + (size_t)AREAS * PAGE;
  begin();
  must(mremap(target, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, memory) == memory, "mremap");
  must(mremap(memory + PAGE, PAGE, (size_t)AREAS * PAGE / 2, MREMAP_MAYMOVE | MREMAP_FIXED, target + (size_t)AREAS * PAGE / 4) != MAP_FAILED, "mremap");
  finish();
}

/* Holes that are all too small: the search for room has to pass every one of them. */
static void findRoom(void) {
  char *memory = room((size_t)AREAS * PAGE * 2);
  for (int index = 0; index < AREAS; index++) must(munmap(memory + (size_t)index * PAGE * 2, PAGE) == 0, "munmap");
  begin();
  for (int round = 0; round < 3; round++) must(munmap(room(2 * PAGE), 2 * PAGE) == 0, "munmap");
  must(munmap(room(2 * MEGABYTE), 2 * MEGABYTE) == 0, "munmap");
  finish();
}

static void overMap(void) {
  char *memory = manyAreas();
  begin();
  must(mmap(memory, (size_t)AREAS * PAGE, PROT_READ, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == memory, "mmap");
  finish();
}

static void forkAreas(void) {
  char *memory = manyAreas();
  for (int index = 1; index < AREAS; index += 2) memory[(size_t)index * PAGE] = 1;
  begin();
  pid_t child = fork();
  if (child == 0) _exit(0);
  finish();
  must(child > 0 && waitpid(child, NULL, 0) == child, "fork");
}

static void exitAreas(void) {
  char *memory = manyAreas();
  for (int index = 1; index < AREAS; index += 2) memory[(size_t)index * PAGE] = 1;
  begin();
  _exit(0);
}

static void forkScattered(void) {
  scattered();
  begin();
  pid_t child = fork();
  if (child == 0) _exit(0);
  finish();
  must(child > 0 && waitpid(child, NULL, 0) == child, "fork");
}

static void unmapScattered(void) {
  char *memory = scattered();
  begin();
  must(munmap(memory, (size_t)SCATTERED * FAR) == 0, "munmap");
  finish();
}

static void protectScattered(void) {
  char *memory = scattered();
  begin();
  must(mprotect(memory, (size_t)SCATTERED * FAR, PROT_READ) == 0, "mprotect");
  finish();
}

static void exitScattered(void) {
  scattered();
  begin();
  _exit(0);
}

/* One file, mapped AREAS times over: cutting it concerns every one of them. */
static void cutMapped(void) {
  int file = open("/tmp/mapped", O_CREAT | O_RDWR | O_TRUNC, 0600);
  must(ftruncate(file, 64 * PAGE) == 0, "ftruncate");
  for (int index = 0; index < AREAS; index++)
    must(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, file, (index % 32 * 2) * PAGE) != MAP_FAILED, "mmap");
  begin();
  must(ftruncate(file, 0) == 0, "ftruncate");
  finish();
  unlink("/tmp/mapped");
}

static void cutScattered(void) {
  int file = open("/tmp/mapped", O_CREAT | O_RDWR | O_TRUNC, 0600);
  must(ftruncate(file, (off_t)SCATTERED * FAR) == 0, "ftruncate");
  char *memory = mmap(NULL, (size_t)SCATTERED * FAR, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  must(memory != MAP_FAILED, "mmap");
  for (int index = 0; index < SCATTERED; index++) memory[(size_t)index * FAR] = 1;
  begin();
  must(ftruncate(file, 0) == 0, "ftruncate");
  finish();
  unlink("/tmp/mapped");
}

/* Who cuts a file may be killed before all of its mappings know: they hear of it all the same, before the file grows. */
static void cutKilled(void) {
  static char *maps[AREAS];
  struct stat facts;
  int file = open("/tmp/mapped", O_CREAT | O_RDWR | O_TRUNC, 0600);
  must(ftruncate(file, PAGE) == 0, "ftruncate");
  for (int index = 0; index < AREAS; index++) {
    maps[index] = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    must(maps[index] != MAP_FAILED, "mmap");
    *maps[index] = 1;
  }
  begin();
  pid_t child = fork();
  if (child == 0) _exit(ftruncate(file, 0));
  int status = 0;
  do must(fstat(file, &facts) == 0, "fstat");
  while (facts.st_size != 0);
  must(kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child && WIFSIGNALED(status), "kill");
  must(ftruncate(file, PAGE) == 0, "ftruncate");
  finish();
  for (int index = 0; index < AREAS; index++) must(*maps[index] == 0, "what was cut off is still there");
  unlink("/tmp/mapped");
}

struct robust { struct robust *next; int lock; };

/* Robust locks of ours, one to a page; the pages are shared with a child, so each must be copied to be written. */
static void holdRobustLocks(void) {
  static struct { struct robust *first; long offset; struct robust *pending; } head;
  char *memory = room((size_t)LOCKS * PAGE);
  head.offset = offsetof(struct robust, lock);
  head.first = (struct robust *)memory;
  for (int index = 0; index < LOCKS; index++) {
    struct robust *here = (struct robust *)(memory + (size_t)index * PAGE);
    here->next = (struct robust *)(memory + (size_t)(index + 1) * PAGE);
    here->lock = syscall(SYS_gettid);
  }
  ((struct robust *)(memory + (size_t)(LOCKS - 1) * PAGE))->next = (struct robust *)&head;
  if (fork() == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pause();
  }
  must(syscall(SYS_set_robust_list, &head, sizeof head) == 0, "set_robust_list");
  begin();
}

static void robustExit(void) {
  holdRobustLocks();
  _exit(0);
}

static void robustExecute(void) {
  holdRobustLocks();
  execl("/proc/self/exe", "areas", "nothing", NULL);
  must(0, "execl");
}

static const struct work works[] = {
    {"munmap", unmapAreas}, {"munmap-touched", unmapTouchedAreas}, {"mprotect", protectAreas},
    {"mprotect-touched", protectTouchedAreas}, {"mprotect-alike", protectAlike}, {"madvise", adviseAreas},
    {"dontneed", forgetAreas}, {"msync", syncAreas}, {"mincore", lookAtAreas}, {"mlock", lockAreas},
    {"mlockall", lockAll}, {"mremap", moveAreas}, {"mmap", findRoom}, {"mmap-fixed", overMap}, {"fork", forkAreas},
    {"exit", exitAreas}, {"fork-scattered", forkScattered}, {"munmap-scattered", unmapScattered},
    {"mprotect-scattered", protectScattered}, {"exit-scattered", exitScattered},
    {"truncate", cutMapped}, {"truncate-killed", cutKilled}, {"truncate-scattered", cutScattered}, {"robust-exit", robustExit},
    {"robust-execve", robustExecute},
};

int main(int count, char **words) {
  if (count > 1 && strcmp(words[1], "nothing") == 0) return 0;
  return measureAll(count, words, works, sizeof works / sizeof *works);
}
