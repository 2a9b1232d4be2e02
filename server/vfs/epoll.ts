/**
 * Event polling (epoll(7)): a set of interests in files, of which a wait looks only at those where something happened.
 *
 * Each interest is a watcher in its file's wait queues. A wake-up there puts it on the list of ready ones; a wait asks
 * those what really holds and takes off the list what does not. Level-triggered interests stay on it while they are ready,
 * edge-triggered ones come back with the next wake-up. Invariants: an interest lives in one set and one file's list, and
 * goes with either; it holds no reference to the file. A set or a file that is closed may have interests left for a while
 * (`dismantle`): nothing is reported of such a file, and nothing done for such a set.
 */
import { OrderedMap } from '../../lib/ordered-map';
import { EINVAL, ENOSPC } from '../linux/errno';
import { O_RDWR, POLL_READABLE, POLLERR, POLLHUP } from '../linux/file-constants';
import { release } from '../memory/heap';
import type { Thread } from '../process/thread';
import { leaveSets, type User } from '../process/user';
import { budget, spend } from '../wait/budget';
import { enlist, enlistFor, stopWatching, WaitQueue, Watcher, wakeAll } from '../wait/wait-queue';
import { sharedAnonymousInode } from './anonymous';
import { mostWatches } from './epoll-limit';
import { hasTooManyWays, mayHold } from './epoll-nesting';
import { File } from './file';
import type { Text } from './text';

export const EPOLLEXCLUSIVE: u32 = 0x1000_0000;
export const EPOLLWAKEUP: u32 = 0x2000_0000;
export const EPOLLONESHOT: u32 = 0x4000_0000;
export const EPOLLET: u32 = 0x8000_0000;
/** Bits that steer an interest rather than name an event. */
const STEERING: u32 = 0xf000_0000;

/** Interests in a closed file that end at once, whatever the budget: closing most files is complete when close returns. */
const ENDED_AT_ONCE: u64 = 16;
/** What one takes to remove, in units of the budget. */
const REMOVAL: i64 = 5;

/**
 * How many interests of sets may still be looked at in this slice. A set of sets may lead to millions; when this has come
 * to 0, that nothing was found means nothing. The next slice finds less to look at, since what is not ready is taken off
 * the lists.
 */
export let looksLeft: u64 = 0;

export function allowLooks(count: u64): void {
  looksLeft = count;
}

export class EpollWatch extends Watcher {
  set!: EpollFile;
  file!: File;
  descriptor!: u32;
  events!: u32;
  data!: u64;
  /** Its place in the order in which interests of the set became ready; 0: it is not on the list. */
  readySince!: u64;
  nextReady!: EpollWatch | null;
  previousReady!: EpollWatch | null;
  nextOfFile!: EpollWatch | null;
  previousOfFile!: EpollWatch | null;
  nextOfSet!: EpollWatch | null;
  previousOfSet!: EpollWatch | null;
  /** On the first interest in a file: the search that has seen the file (epoll-nesting.ts). */
  seenBy!: u64;

  override notified(): void {
    if ((this.events & ~STEERING) !== 0) this.set.makeReady(this);
  }

  /** The same as `look`; 0 with no looks left means that it could not be found out. */
  tryLook(thread: Thread): u32 {
    if (looksLeft === 0) return 0;
    looksLeft -= 1;
    return this.look(thread);
  }

  /** The events that hold now, of those that are wanted. */
  look(thread: Thread): u32 {
    const wanted = this.events & ~STEERING;
    const file = this.file;
    if (wanted === 0 || file.references === 0) return 0;
    return (file.poll(thread, wanted as u32, false) & (wanted | POLLERR | POLLHUP)) as u32;
  }
}

export class EpollFile extends File {
  /** By descriptor, and as a list, newest first. */
  interests!: Inline<OrderedMap<EpollWatch>>;
  firstInterest!: EpollWatch | null;
  firstReady!: EpollWatch | null;
  lastReady!: EpollWatch | null;
  /** How often an interest was put on the list of ready ones. */
  timesReady!: u64;
  waiters!: Inline<WaitQueue>;
  /** Against whom the interests count: who made the set. */
  user!: User;
  /** What the last search that came here found out (epoll-nesting.ts). */
  seenBy!: u64;
  measuredBy!: u64;
  links!: u64;
  ways!: Fixed<u32, 5>;

  makeReady(watch: EpollWatch): void {
    if (this.references === 0) return;
    if (watch.readySince === 0) this.append(watch);
    if (!this.waiters.isEmpty) wakeAll(this.waiters);
  }

  append(watch: EpollWatch): void {
    const last = this.lastReady;
    this.timesReady += 1;
    watch.readySince = this.timesReady;
    watch.nextReady = null;
    watch.previousReady = last;
    if (last === null) this.firstReady = watch;
    else last.nextReady = watch;
    this.lastReady = watch;
  }

  takeFromReady(watch: EpollWatch): void {
    if (watch.readySince === 0) return;
    const next = watch.nextReady;
    const previous = watch.previousReady;
    if (previous === null) this.firstReady = next;
    else previous.nextReady = next;
    if (next === null) this.lastReady = previous;
    else next.previousReady = previous;
    watch.readySince = 0;
    watch.nextReady = null;
    watch.previousReady = null;
  }

  find(descriptor: u64, file: File): EpollWatch | null {
    const watch = this.interests.get(descriptor);
    return watch !== null && watch.file === file ? watch : null;
  }

  /** Adds an interest that is not there. A descriptor whose old file lives on under another number is taken over. */
  add(thread: Thread, descriptor: u64, file: File, events: u32, data: u64): i64 {
    const refusal = file instanceof EpollFile ? mayHold(this, file) : 0;
    if (refusal !== 0) return refusal;
    const stale = this.interests.get(descriptor);
    if (stale !== null) this.remove(stale);
    if ((this.user.watches as u64) >= mostWatches()) return -ENOSPC;
    const watch = new EpollWatch();
    watch.descriptor = descriptor as u32;
    watch.events = events;
    watch.data = data;
    this.link(watch, file);
    if (hasTooManyWays(watch)) {
      this.remove(watch);
      return -EINVAL;
    }
    watchQueues(thread, watch);
    this.lookAnew(thread, watch);
    return 0;
  }

  /** Puts a new interest on this set's list and on its file's. */
  private link(watch: EpollWatch, file: File): void {
    const firstOfFile = file.watches;
    const firstOfSet = this.firstInterest;
    watch.set = this;
    watch.file = file;
    watch.nextOfFile = firstOfFile;
    if (firstOfFile !== null) firstOfFile.previousOfFile = watch;
    file.watches = watch;
    watch.nextOfSet = firstOfSet;
    if (firstOfSet !== null) firstOfSet.previousOfSet = watch;
    this.firstInterest = watch;
    this.interests.set(watch.descriptor, watch);
    this.user.watches += 1;
  }

  change(thread: Thread, watch: EpollWatch, events: u32, data: u64): void {
    const changed = (watch.events ^ events) & ~STEERING;
    watch.events = events;
    watch.data = data;
    if (changed !== 0) {
      stopWatching(watch);
      watchQueues(thread, watch);
    }
    if (watch.readySince === 0) this.lookAnew(thread, watch);
  }

  /** Puts an interest on the list if it is ready, or might be: whoever waits then finds out. */
  private lookAnew(thread: Thread, watch: EpollWatch): void {
    if (watch.look(thread) !== 0 || looksLeft === 0) this.makeReady(watch);
  }

  remove(watch: EpollWatch): void {
    spend(REMOVAL);
    this.takeFromReady(watch);
    stopWatching(watch);
    this.interests.delete(watch.descriptor);
    this.user.watches -= 1;
    const next = watch.nextOfSet;
    const previous = watch.previousOfSet;
    if (previous === null) this.firstInterest = next;
    else previous.nextOfSet = next;
    if (next !== null) next.previousOfSet = previous;
    leaveFile(watch);
    release(addressOf(watch));
  }

  override poll(thread: Thread, events: u32, register: boolean): u32 {
    if (register && (events & POLL_READABLE) !== 0) enlist(thread, this.waiters);
    let watch = this.firstReady;
    while (watch !== null && looksLeft !== 0) {
      if (watch.tryLook(thread) !== 0) return POLL_READABLE;
      if (looksLeft !== 0) this.takeFromReady(watch);
      watch = this.firstReady;
    }
    return 0;
  }

  override dismantle(): boolean {
    if (!forgetWatches(this)) return false;
    let watch = this.firstInterest;
    while (watch !== null) {
      if (budget <= 0) return false;
      this.remove(watch);
      watch = this.firstInterest;
    }
    wakeAll(this.waiters);
    return this.waiters.isEmpty;
  }

  override released(): void {
    leaveSets(this.user);
  }

  override describe(text: Text): void {
    text.putString('anon_inode:[eventpoll]');
  }
}

/** Enters an interest in those of its file's queues that concern its events. */
function watchQueues(thread: Thread, watch: EpollWatch): void {
  enlistFor(watch);
  watch.file.poll(thread, (watch.events & ~STEERING) as u32, true);
  enlistFor(null);
}

/** Takes an interest out of its file's list. */
function leaveFile(watch: EpollWatch): void {
  const file = watch.file;
  const next = watch.nextOfFile;
  const previous = watch.previousOfFile;
  if (previous === null) file.watches = next;
  else previous.nextOfFile = next;
  if (next !== null) next.previousOfFile = previous;
}

/** A file is closed for good: every interest in it ends (epoll(7), question 6). False: some are left for another slice. */
export function forgetWatches(file: File): boolean {
  let atOnce: u64 = ENDED_AT_ONCE;
  while (true) {
    const watch = file.watches;
    if (watch === null) return true;
    if (atOnce !== 0) atOnce -= 1;
    else if (budget <= 0) return false;
    watch.set.remove(watch);
  }
}

export function createEpollFile(user: User): EpollFile {
  const file = new EpollFile();
  file.user = user;
  user.sets += 1;
  file.begin(sharedAnonymousInode(), O_RDWR);
  return file;
}

/** The set behind a descriptor's file: null if it is none. */
export function epollOf(file: File): EpollFile | null {
  return file instanceof EpollFile ? file : null;
}
