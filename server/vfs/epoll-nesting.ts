/**
 * How far sets of interests may watch sets (epoll_ctl(2), ELOOP and EINVAL), as fs/eventpoll.c of Linux bounds it.
 *
 * Invariants: no set watches itself, however indirectly, and no chain has more than five sets, so what goes along the
 * links between sets ends soon. Towards a file that is not a set lead, from sets that nobody watches, any number of ways
 * of one link, and at most 500 of two, 100 of three, 50 of four and 10 of five: so many sets may be woken at once.
 *
 * What differs from Linux: a request that would have to follow more than `MOST_STEPS` links to know is refused (EINVAL), so
 * that no structure, however large, holds us long. It takes thousands of interests in sets that watch each other.
 */
import { EINVAL, ELOOP } from '../linux/errno';
import { EpollFile, type EpollWatch } from './epoll';
import type { File } from './file';

/** Links between the sets of a chain. */
const MOST_LINKS: u64 = 4;
/** Ways of 2, 3, 4 and 5 links. */
const MOST_WAYS: readonly u16[] = [0, 500, 100, 50, 10];
/** No more than this is counted. */
const MANY_WAYS: u32 = 1000;
const MOST_STEPS: u64 = 10000;

/** Every search has a number, by which it knows what it has seen. */
let search: u64 = 0;
let stepsLeft: u64 = 0;
let isLoop: boolean = false;

/** Whether `outer` may watch `inner`: 0, -ELOOP or -EINVAL. */
export function mayHold(outer: EpollFile, inner: EpollFile): i64 {
  stepsLeft = MOST_STEPS;
  isLoop = false;
  search += 1;
  const above = linksAbove(outer, inner);
  search += 1;
  const below = linksBelow(inner);
  if (isLoop || above + 1 + below > MOST_LINKS) return -ELOOP;
  return stepsLeft === 0 ? -EINVAL : 0;
}

/** Links of the longest chain of sets upwards from `set`; notes whether `sought` is in one. */
function linksAbove(set: EpollFile, sought: EpollFile): u64 {
  if (set === sought) isLoop = true;
  if (set.seenBy === search) return set.links;
  set.seenBy = search;
  let most: u64 = 0;
  let watch = set.watches;
  while (watch !== null && stepsLeft !== 0) {
    stepsLeft -= 1;
    const outer: EpollFile = watch.set;
    if (outer.references !== 0) {
      const links = linksAbove(outer, sought) + 1;
      if (links > most) most = links;
    }
    watch = watch.nextOfFile;
  }
  set.links = most;
  return most;
}

function linksBelow(set: EpollFile): u64 {
  if (set.seenBy === search) return set.links;
  set.seenBy = search;
  let most: u64 = 0;
  let watch = set.firstInterest;
  while (watch !== null && stepsLeft !== 0) {
    stepsLeft -= 1;
    const inner: File = watch.file;
    if (inner instanceof EpollFile && inner.references !== 0) {
      const links = linksBelow(inner) + 1;
      if (links > most) most = links;
    }
    watch = watch.nextOfSet;
  }
  set.links = most;
  return most;
}

/** Whether too many ways lead to a file because of `watch`, which has just been linked. */
export function hasTooManyWays(watch: EpollWatch): boolean {
  const file: File = watch.file;
  const isNested = file instanceof EpollFile;
  if (!isNested && watch.set.watches === null) return false;
  stepsLeft = MOST_STEPS;
  search += 1;
  const found = file instanceof EpollFile ? isAnyCrowded(file) : isCrowded(file);
  return found || stepsLeft === 0;
}

/** Whether too many ways lead to a file in `set` or in a set within it. */
function isAnyCrowded(set: EpollFile): boolean {
  if (set.seenBy === search) return false;
  set.seenBy = search;
  let watch = set.firstInterest;
  while (watch !== null && stepsLeft !== 0) {
    stepsLeft -= 1;
    const file: File = watch.file;
    if (file instanceof EpollFile) {
      if (file.references !== 0 && isAnyCrowded(file)) return true;
    } else if (isCrowded(file)) return true;
    watch = watch.nextOfSet;
  }
  return false;
}

const total: Fixed<u32, 5> = reserve();

function isCrowded(file: File): boolean {
  let watch = file.watches;
  if (watch === null || watch.seenBy === search) return false;
  watch.seenBy = search;
  for (let links: u64 = 0; links < 5; links++) total[links] = 0;
  while (watch !== null && stepsLeft !== 0) {
    stepsLeft -= 1;
    const set: EpollFile = watch.set;
    if (set.watches !== null && set.references !== 0) {
      countWays(set);
      for (let links: u64 = 1; links < 5; links++) {
        total[links] = total[links] + set.ways[links];
        if (total[links] > MOST_WAYS[links]) return true;
      }
    }
    watch = watch.nextOfFile;
  }
  return false;
}

/** Finds the ways that lead to `set` from sets that nobody watches, by the number of their links. */
function countWays(set: EpollFile): void {
  if (set.measuredBy === search) return;
  set.measuredBy = search;
  let isTop = true;
  for (let links: u64 = 0; links < 5; links++) set.ways[links] = 0;
  let watch = set.watches;
  while (watch !== null && stepsLeft !== 0) {
    stepsLeft -= 1;
    const outer: EpollFile = watch.set;
    if (outer.references !== 0) {
      isTop = false;
      countWays(outer);
      for (let links: u64 = 1; links < 5; links++) {
        const ways = set.ways[links] + outer.ways[links - 1];
        set.ways[links] = (ways < MANY_WAYS ? ways : MANY_WAYS) as u32;
      }
    }
    watch = watch.nextOfFile;
  }
  if (isTop) set.ways[0] = 1;
}
