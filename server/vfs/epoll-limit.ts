/**
 * How many interests a user's sets may have in all: /proc/sys/fs/epoll/max_user_watches (epoll(7)). As on Linux, at first
 * what takes a twenty-fifth of memory.
 */
import { totalPages } from '../memory/pages';

/** An interest and its place in one wait queue, as the heap gives them out. */
const INTEREST_BYTES: u64 = 192;

let isChosen = false;
let chosen: u64 = 0;

export function mostWatches(): u64 {
  return isChosen ? chosen : ((totalPages() / 25) << 12) / INTEREST_BYTES;
}

export function setMostWatches(count: u64): void {
  isChosen = true;
  chosen = count;
}
