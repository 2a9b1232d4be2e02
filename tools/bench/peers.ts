/**
 * What the same operations cost elsewhere, in guest instructions under `-icount shift=0` with `-cpu qemu64` and 256 MB.
 * `linux` is Linux 6.1.192 (Debian 12's linux-image-cloud-amd64, words `nokaslr quiet`) as published measurements of
 * the whole operation have it; `linuxHere` is the same kernel running test/bench/rows.c itself, in the default root:
 * that pair is what a row is judged by when both exist, the lower one.
 * `sel4` is seL4 16.0.0-dev, one core, fast path on, `Haswell` without PCID (two address spaces, no message registers).
 */
export interface Row {
  /** As the measuring program prints it. */
  name: string;
  title: string;
  /** The project's own aim is to be at or below this. */
  owed: boolean;
  linux?: number;
  linuxHere?: number;
  sel4?: number;
}

export const processRows: Row[] = [
  { name: 'getppid', title: 'getppid', owed: true, linux: 331, linuxHere: 327 },
  { name: 'getpid', title: 'getpid', owed: false, linux: 315, linuxHere: 311 },
  { name: 'no-such-call', title: 'unknown system call', owed: false, linux: 217, linuxHere: 255 },
  { name: 'sigprocmask', title: 'rt_sigprocmask', owed: false, linux: 308, linuxHere: 372 },
  { name: 'sigaction', title: 'rt_sigaction', owed: false, linux: 527, linuxHere: 527 },
  { name: 'clock-gettime', title: 'clock_gettime', owed: false, linux: 433, linuxHere: 464 },
  { name: 'kill-0', title: 'kill(pid, 0)', owed: false, linux: 1007, linuxHere: 1318 },
  { name: 'signal-self', title: 'signal to itself, handler, return', owed: false, linux: 3637, linuxHere: 3950 },
  { name: 'read-zero', title: 'read 1 byte of /dev/zero', owed: false, linux: 661, linuxHere: 686 },
  { name: 'write-null', title: 'write 1 byte to /dev/null', owed: false, linux: 584, linuxHere: 609 },
  { name: 'poll', title: 'poll one descriptor', owed: false, linux: 1231, linuxHere: 817 },
  { name: 'stat', title: 'stat("/")', owed: false, linux: 2825, linuxHere: 2918 },
  { name: 'open-close', title: 'open+close /dev/null', owed: false, linux: 7190, linuxHere: 6006 },
  { name: 'proc-stat', title: 'open+read+close /proc/self/stat', owed: true, linux: 19606, linuxHere: 19460 },
  { name: 'pwrite-4k', title: 'tmpfs: pwrite 4 KB', owed: false, linux: 2186, linuxHere: 2209 },
  { name: 'pread-4k', title: 'tmpfs: pread 4 KB', owed: false, linux: 1783, linuxHere: 1806 },
  { name: 'create-unlink', title: 'tmpfs: create+unlink', owed: false, linux: 25598, linuxHere: 25680 },
  { name: 'pipe-1', title: 'pipe: write+read 1 byte', owed: false, linux: 2323, linuxHere: 2375 },
  { name: 'pipe-4k', title: 'pipe: write+read 4 KB', owed: false, linux: 3299, linuxHere: 3351 },
  { name: 'pipe-create', title: 'pipe: create+close', owed: false, linux: 8120, linuxHere: 8193 },
  { name: 'pipe-ping-pong', title: 'pipe ping-pong, round trip', owed: true, linux: 10191, linuxHere: 10278 },
  { name: 'unix-ping-pong', title: 'UNIX stream ping-pong, round trip', owed: false, linux: 19654, linuxHere: 15952 },
  { name: 'page-fault', title: 'anonymous page fault', owed: true, linux: 3112, linuxHere: 2722 },
  { name: 'copy-on-write', title: 'copy-on-write fault', owed: false, linux: 4239, linuxHere: 3891 },
  { name: 'mmap-touch-munmap', title: 'mmap+touch+munmap, per page', owed: false, linux: 4343, linuxHere: 4373 },
  { name: 'mmap-munmap-64', title: 'mmap+munmap, 64 untouched pages', owed: false, linux: 9851, linuxHere: 10024 },
  { name: 'fork-wait', title: 'fork+exit+wait', owed: true, linux: 95458, linuxHere: 109248 },
  { name: 'fork', title: 'fork until the parent returns', owed: false, linux: 51543, linuxHere: 56975 },
  { name: 'vfork-exec-wait', title: 'vfork+execve+wait', owed: true, linux: 225767, linuxHere: 248496 },
  { name: 'fork-exec-wait', title: 'fork+execve+wait', owed: false, linux: 280068, linuxHere: 310054 },
  { name: 'spawn-wait', title: 'posix_spawn+wait', owed: false, linuxHere: 258659 },
  { name: 'thread', title: 'thread: clone+exit+join', owed: false, linux: 37559, linuxHere: 37627 },
  { name: 'yield', title: 'sched_yield, alone', owed: false, linux: 802, linuxHere: 899 },
  { name: 'context-switch', title: 'context switch between processes', owed: true, linux: 2064, linuxHere: 1695 },
];

/** Measured by test/guest/kernel/measure.ts; the names are its words. */
export const kernelRows: Row[] = [
  { name: 'call and reply between two address spaces', title: 'IPC Call + ReplyRecv', owed: true, sel4: 399 },
  { name: 'foreign system call and answer', title: 'foreign system call, in and out', owed: false },
  { name: 'null system call', title: 'null system call', owed: false, sel4: 93 },
  { name: 'yield alone', title: 'Yield alone', owed: false, sel4: 266 },
  { name: 'signal, nobody waiting', title: 'Signal, nobody waiting', owed: false, sel4: 329 },
  { name: 'signal and wait in one thread', title: 'Signal + Wait in one thread', owed: false, sel4: 583 },
  { name: 'copy a capability', title: 'CNode Copy', owed: false, sel4: 719 },
  { name: 'mint a capability', title: 'CNode Mint', owed: false, sel4: 747 },
  { name: 'move a capability', title: 'CNode Move', owed: false, sel4: 583 },
  { name: 'delete a capability', title: 'CNode Delete', owed: false, sel4: 621 },
  { name: 'revoke an endpoint with 100 children', title: 'Revoke, 100 children', owed: false, sel4: 22024 },
  { name: 'map a 4K page', title: 'Map 4K', owed: false, sel4: 648 },
  { name: 'unmap a 4K page', title: 'Unmap 4K', owed: false, sel4: 539 },
  { name: 'map a 4K page of 100 in one call', title: 'Map, each 4K page of 100 in one call', owed: false },
  { name: 'retype one 4K frame', title: 'Retype one 4K frame', owed: false, sel4: 750 },
  { name: 'delete a frame', title: 'Delete a frame', owed: false, sel4: 668 },
  { name: 'retype one endpoint', title: 'Retype one endpoint', owed: false },
  { name: 'delete an endpoint', title: 'Delete an endpoint', owed: false, sel4: 656 },
  { name: 'retype one thread', title: 'Retype one thread', owed: false, sel4: 1337 },
  { name: 'delete a thread', title: 'Delete a thread', owed: false, sel4: 1670 },
];

export const bootRows: Row[] = [
  { name: 'boot', title: "reset to init's first instruction", owed: true, linux: 653_000_000 },
];

/** Aims that are not a peer's figure. */
export const limits = { bootInstructions: 50_000_000, kernelTextBytes: 128 * 1024, shellMegabytes: 32 };
