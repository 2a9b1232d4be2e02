/** Counts of the whole machine, for /proc/stat, sysinfo and //kern/proc/stats. */

export let forks: u64 = 0;
export let forkFailures: u64 = 0;
export let exits: u64 = 0;
/** Threads that are alive, zombies' not included. */
export let liveThreads: u64 = 0;
/** How many there may be: an eighth of memory in kernel stacks' worth, as Linux reckons (kernel/fork.c, set_max_threads). */
export let threadLimit: u64 = 0;

export function setThreadLimit(limit: u64): void {
  threadLimit = limit;
}

export function countFork(): void {
  forks += 1;
}

export function countForkFailure(): void {
  forkFailures += 1;
}

export function countExit(): void {
  exits += 1;
}

export function countThread(): void {
  liveThreads += 1;
}

export function forgetLiveThread(): void {
  liveThreads -= 1;
}
