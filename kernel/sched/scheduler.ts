/**
 * Which thread runs: strict priorities 0 to 255, first come first served within one, equals sharing by time slices.
 *
 * The current thread is in no queue, so blocking it and switching to another directly costs no queue operation.
 * `bar` is the least priority a thread needs to be switched to directly, which is the highest priority that is ready
 * (-1 if none), and one more when the slice is over, so that equals get their turn.
 */
import { type Cpu, currentCpu } from '../arch/x86_64/cpu.js';
import { readTsc, readTscRoughly } from '../arch/x86_64/time.js';
import { ThreadQueue } from '../ipc/thread-queue.js';
import { type Tcb, ThreadState } from '../object/tcb.js';
import { idleThread } from './idle.js';
import { armSlice } from './timer.js';

export class Scheduler {
  queues!: Fixed<Inline<ThreadQueue>, 256>;
  /** Bit p of word p/64: queue p is not empty. */
  bitmap!: Fixed<u64, 4>;
  bar!: i64;
  /** TSC when the current thread got the CPU, and when its slice ends. */
  switchedAt!: u64;
  sliceEnd!: u64;
  /** TSC ticks of one slice. */
  sliceTicks!: u64;
  /** Statistics. */
  switches!: u64;
}

export const scheduler: Scheduler = reserve();

/** Nothing is ready yet. */
export function initializeScheduler(sliceTicks: u64): void {
  scheduler.bar = -1;
  scheduler.sliceTicks = sliceTicks;
  scheduler.switchedAt = readTsc();
}

/** The highest priority that is ready, or -1. */
export function highestReady(): i64 {
  for (let word = 3; word >= 0; word--) {
    const bits = scheduler.bitmap[word];
    if (bits !== 0) {
      return word * 64 + 63 - (leadingZeros(bits) as i64);
    }
  }
  return -1;
}

/** Puts a ready thread at the end of its queue. */
export function enqueue(thread: Tcb): void {
  const priority = thread.priority;
  scheduler.queues[priority].append(thread);
  markReady(thread, priority);
}

/** Puts a ready thread at the front of its queue: it was interrupted in the middle of its slice. */
function enqueueFirst(thread: Tcb): void {
  const priority = thread.priority;
  scheduler.queues[priority].prepend(thread);
  markReady(thread, priority);
}

function markReady(thread: Tcb, priority: i64): void {
  const one: u64 = 1;
  thread.queued = true;
  scheduler.bitmap[priority >> 6] |= one << (priority & 63);
  if (scheduler.bar < priority) {
    scheduler.bar = priority;
    armSlice();
  }
}

/** Takes a thread out of its run queue. */
export function dequeue(thread: Tcb): void {
  const priority: i64 = thread.priority;
  const one: u64 = 1;
  const queue = scheduler.queues[priority];
  queue.remove(thread);
  thread.queued = false;
  if (queue.isEmpty) {
    scheduler.bitmap[priority >> 6] &= ~(one << (priority & 63));
    scheduler.bar = highestReady();
  }
}

/**
 * Makes `next` the current thread of `cpu`, and accounts the time so far to the one before it.
 * @inline
 */
export function switchTo(cpu: Cpu, next: Tcb): void {
  switchFrom(cpu, cpu.current, next);
}

/**
 * The same where the current thread is at hand.
 * @inline
 */
export function switchFrom(cpu: Cpu, current: Tcb, next: Tcb): void {
  const now = readTscRoughly();
  current.timeUsed += now - scheduler.switchedAt;
  scheduler.switchedAt = now;
  next.switches++;
  cpu.current = next;
}

function startSlice(): void {
  scheduler.switches++;
  scheduler.sliceEnd = readTsc() + scheduler.sliceTicks;
}

/** The current thread cannot go on: the highest ready thread gets the CPU, or the idle thread. */
export function reschedule(cpu: Cpu): void {
  const highest = highestReady();
  if (highest < 0) {
    scheduler.bar = -1;
    switchTo(cpu, idleThread);
    return;
  }
  const next = scheduler.queues[highest].first;
  if (next !== null) {
    dequeue(next);
    scheduler.bar = highestReady();
    startSlice();
    if (scheduler.bar >= 0) {
      armSlice();
    }
    switchTo(cpu, next);
  }
}

/**
 * Makes a thread ready that was blocked or inactive. If it is above the current thread it gets the CPU now, and the
 * current one goes to the front of its queue.
 */
export function wake(thread: Tcb): void {
  const cpu = currentCpu();
  const current = cpu.current;
  thread.state = ThreadState.Ready;
  if (current === idleThread) {
    startSlice();
    switchTo(cpu, thread);
  } else if (thread.priority > current.priority && current.state === ThreadState.Ready) {
    current.preemptions++;
    enqueueFirst(current);
    switchTo(cpu, thread);
  } else {
    enqueue(thread);
  }
}

/**
 * `thread` becomes ready in place of the current thread, which has just blocked: it runs at once unless somebody ready
 * has a higher claim.
 */
export function handOver(cpu: Cpu, thread: Tcb): void {
  thread.state = ThreadState.Ready;
  if (thread.priority >= scheduler.bar) {
    switchTo(cpu, thread);
  } else {
    enqueue(thread);
    reschedule(cpu);
  }
}

/** The current thread, if it goes on at all, goes on only if nobody of a higher priority has become ready. */
export function giveWay(cpu: Cpu): void {
  const current = cpu.current;
  if (current.state === ThreadState.Ready && highestReady() > current.priority) {
    current.preemptions++;
    enqueueFirst(current);
    reschedule(cpu);
  }
}

/** The current thread gives the CPU to the other ready threads of its priority, if there are any. */
export function yieldCpu(cpu: Cpu): void {
  const current = cpu.current;
  if (scheduler.bar < current.priority) {
    return;
  }
  enqueue(current);
  reschedule(cpu);
}

/** Gives a thread another priority, whatever its state; the CPU goes to whom it is due. */
export function changePriority(cpu: Cpu, thread: Tcb, priority: u64): void {
  if (thread.queued) {
    dequeue(thread);
    thread.priority = priority;
    wake(thread);
    return;
  }
  thread.priority = priority;
  if (thread === cpu.current && thread.state === ThreadState.Ready && highestReady() > thread.priority) {
    enqueueFirst(thread);
    reschedule(cpu);
  }
}
