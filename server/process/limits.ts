/** Resource limits (getrlimit(2)), one pair per resource; inherited by fork, kept by exec. */
import type { Thread } from './thread';

export const RLIM_INFINITY: u64 = 0xffff_ffff_ffff_ffff;
export const RLIMIT_CPU: u32 = 0;
export const RLIMIT_FSIZE: u32 = 1;
export const RLIMIT_DATA: u32 = 2;
export const RLIMIT_STACK: u32 = 3;
export const RLIMIT_CORE: u32 = 4;
export const RLIMIT_NPROC: u32 = 6;
export const RLIMIT_NOFILE: u32 = 7;
export const RLIMIT_MEMLOCK: u32 = 8;
export const RLIMIT_AS: u32 = 9;
export const RLIMIT_SIGPENDING: u32 = 11;
export const RLIMIT_COUNT: u32 = 16;

/** The soft limit of `resource` for `thread`'s process. */
export function limit(thread: Thread, resource: u32): u64 {
  return thread.process.limits.of[resource].current;
}

export class Limit {
  current!: u64;
  maximum!: u64;
}

export class Limits {
  of!: Fixed<Inline<Limit>, 16>;

  copyFrom(other: Limits): void {
    for (let index: u32 = 0; index < RLIMIT_COUNT; index++) {
      this.of[index].current = other.of[index].current;
      this.of[index].maximum = other.of[index].maximum;
    }
  }
}

/** What Linux gives to init (include/asm-generic/resource.h); processes and queued signals depend on memory. */
export function setDefaultLimits(limits: Limits, processes: u64): void {
  for (let index: u32 = 0; index < RLIMIT_COUNT; index++) {
    limits.of[index].current = RLIM_INFINITY;
    limits.of[index].maximum = RLIM_INFINITY;
  }
  limits.of[RLIMIT_STACK].current = 8 << 20;
  limits.of[RLIMIT_CORE].current = 0;
  limits.of[RLIMIT_NPROC].current = processes;
  limits.of[RLIMIT_NPROC].maximum = processes;
  limits.of[RLIMIT_NOFILE].current = 1024;
  limits.of[RLIMIT_NOFILE].maximum = 4096;
  limits.of[RLIMIT_MEMLOCK].current = 8 << 20;
  limits.of[RLIMIT_MEMLOCK].maximum = 8 << 20;
  limits.of[RLIMIT_SIGPENDING].current = processes;
  limits.of[RLIMIT_SIGPENDING].maximum = processes;
  limits.of[12].current = 819200;
  limits.of[12].maximum = 819200;
  limits.of[13].current = 0;
  limits.of[13].maximum = 0;
  limits.of[14].current = 0;
  limits.of[14].maximum = 0;
}
