/**
 * Event polling (epoll(7)): a set of interests in files, of which a wait looks only at those where something happened.
 *
 * Each interest is a watcher in its file's wait queues. A wake-up there puts it on the list of ready ones; a wait asks
 * those what really holds. Level-triggered interests stay on the list while they are ready, edge-triggered ones come
 * back with the next wake-up. Invariants: an interest lives in one set and one file's list, and goes with either; it
 * holds no reference to the file.
 */
import { OrderedMap } from '../../lib/ordered-map';
import { ELOOP } from '../linux/errno';
import { O_RDWR, POLL_READABLE, POLLERR, POLLHUP } from '../linux/file-constants';
import { release } from '../memory/heap';
import type { Thread } from '../process/thread';
import { enlist, enlistFor, stopWatching, WaitQueue, Watcher, wakeAll } from '../wait/wait-queue';
import { sharedAnonymousInode } from './anonymous';
import { File } from './file';
import type { Text } from './text';

export const EPOLLONESHOT: u32 = 0x4000_0000;
export const EPOLLET: u32 = 0x8000_0000;
/** Bits that steer an interest rather than name an event. */
const STEERING: u32 = 0xf000_0000;
/** Sets within sets, at most so deep (epoll_ctl(2), ELOOP). */
const DEEPEST: u32 = 4;

export class EpollWatch extends Watcher {
  set!: EpollFile;
  file!: File;
  descriptor!: u64;
  events!: u32;
  data!: u64;
  isReady!: boolean;
  nextReady!: EpollWatch | null;
  previousReady!: EpollWatch | null;
  nextOfFile!: EpollWatch | null;
  previousOfFile!: EpollWatch | null;

  override notified(): void {
    if ((this.events & ~STEERING) !== 0) this.set.makeReady(this);
  }

  /** The events that hold now, of those that are wanted. */
  look(thread: Thread): u32 {
    const wanted = this.events & ~STEERING;
    if (wanted === 0) return 0;
    return (this.file.poll(thread, wanted as u32, false) & (wanted | POLLERR | POLLHUP)) as u32;
  }
}

export class EpollFile extends File {
  interests!: Inline<OrderedMap<EpollWatch>>;
  firstReady!: EpollWatch | null;
  lastReady!: EpollWatch | null;
  waiters!: Inline<WaitQueue>;

  makeReady(watch: EpollWatch): void {
    if (!watch.isReady) this.append(watch);
    if (!this.waiters.isEmpty) wakeAll(this.waiters);
  }

  append(watch: EpollWatch): void {
    const last = this.lastReady;
    watch.isReady = true;
    watch.nextReady = null;
    watch.previousReady = last;
    if (last === null) this.firstReady = watch;
    else last.nextReady = watch;
    this.lastReady = watch;
  }

  takeFromReady(watch: EpollWatch): void {
    if (!watch.isReady) return;
    const next = watch.nextReady;
    const previous = watch.previousReady;
    if (previous === null) this.firstReady = next;
    else previous.nextReady = next;
    if (next === null) this.lastReady = previous;
    else next.previousReady = previous;
    watch.isReady = false;
    watch.nextReady = null;
    watch.previousReady = null;
  }

  find(descriptor: u64, file: File): EpollWatch | null {
    const watch = this.interests.get(descriptor);
    return watch !== null && watch.file === file ? watch : null;
  }

  /** Adds an interest that is not there. A descriptor whose old file lives on under another number is taken over. */
  add(thread: Thread, descriptor: u64, file: File, events: u32, data: u64): i64 {
    if (file instanceof EpollFile && (file === this || file.contains(this, 0))) return -ELOOP;
    const stale = this.interests.get(descriptor);
    if (stale !== null) this.remove(stale);
    const watch = new EpollWatch();
    watch.set = this;
    watch.file = file;
    watch.descriptor = descriptor;
    watch.events = events;
    watch.data = data;
    const first = file.watches;
    watch.nextOfFile = first;
    if (first !== null) first.previousOfFile = watch;
    file.watches = watch;
    this.interests.set(descriptor, watch);
    enlistFor(watch);
    file.poll(thread, (events & ~STEERING) as u32, true);
    enlistFor(null);
    if (watch.look(thread) !== 0) this.makeReady(watch);
    return 0;
  }

  change(thread: Thread, watch: EpollWatch, events: u32, data: u64): void {
    watch.events = events;
    watch.data = data;
    this.takeFromReady(watch);
    if (watch.look(thread) !== 0) this.makeReady(watch);
  }

  remove(watch: EpollWatch): void {
    this.takeFromReady(watch);
    stopWatching(watch);
    this.interests.delete(watch.descriptor);
    leaveFile(watch);
    release(addressOf(watch));
  }

  /** Whether `sought` is in this set or in one within it; true as well if that goes too deep. */
  contains(sought: EpollFile, depth: u32): boolean {
    if (depth >= DEEPEST) return true;
    let watch: EpollWatch | null = this.interests.atLeast(0);
    while (watch !== null) {
      const file: File = watch.file;
      if (file === sought) return true;
      if (file instanceof EpollFile && file.contains(sought, (depth + 1) as u32)) return true;
      watch = this.interests.atLeast(watch.descriptor + 1);
    }
    return false;
  }

  override poll(thread: Thread, events: u32, register: boolean): u32 {
    if (register) enlist(thread, this.waiters);
    let watch: EpollWatch | null = this.firstReady;
    while (watch !== null) {
      if (watch.look(thread) !== 0) return POLL_READABLE;
      watch = watch.nextReady;
    }
    return 0;
  }

  override released(): void {
    wakeAll(this.waiters);
    while (true) {
      const watch = this.interests.atLeast(0);
      if (watch === null) return;
      this.remove(watch);
    }
  }

  override describe(text: Text): void {
    text.putString('anon_inode:[eventpoll]');
  }
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

/** A file is closed for good: every interest in it ends (epoll(7), question 6). */
export function forgetWatches(file: File): void {
  while (true) {
    const watch = file.watches;
    if (watch === null) return;
    watch.set.remove(watch);
  }
}

export function createEpollFile(): EpollFile {
  const file = new EpollFile();
  file.begin(sharedAnonymousInode(), O_RDWR);
  return file;
}

/** The set behind a descriptor's file: null if it is none. */
export function epollOf(file: File): EpollFile | null {
  return file instanceof EpollFile ? file : null;
}
