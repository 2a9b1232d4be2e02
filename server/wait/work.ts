/**
 * Deferred work: threads in the middle of a call whose handler is to run (again), and held threads that are to go on,
 * in order of arrival, each at most once. Those whose call has just used up a slice are lengthy work, which stands apart:
 * it is shared out with what programs do meanwhile (loop.ts).
 */
import { Activity, type Thread } from '../process/thread';

class WorkList {
  first!: Thread | null;
  last!: Thread | null;

  append(thread: Thread): void {
    thread.isDeferred = true;
    thread.nextDeferred = null;
    const last = this.last;
    if (last === null) this.first = thread;
    else last.nextDeferred = thread;
    this.last = thread;
  }

  /** The thread that has waited longest, no longer in the list. */
  take(): Thread | null {
    const thread = this.first;
    if (thread === null) return null;
    this.first = thread.nextDeferred;
    if (this.first === null) this.last = null;
    thread.nextDeferred = null;
    thread.isDeferred = false;
    return thread;
  }

  /** False if it is not here. */
  remove(thread: Thread): boolean {
    let previous: Thread | null = null;
    let here = this.first;
    while (here !== thread) {
      if (here === null) return false;
      previous = here;
      here = here.nextDeferred;
    }
    if (previous === null) this.first = thread.nextDeferred;
    else previous.nextDeferred = thread.nextDeferred;
    if (this.last === thread) this.last = previous;
    thread.nextDeferred = null;
    thread.isDeferred = false;
    return true;
  }
}

export const prompt: WorkList = reserve();
export const lengthy: WorkList = reserve();

/** Queues `thread`, unless it is queued already or is neither in a call nor held. */
export function defer(thread: Thread): void {
  if (thread.isDeferred) return;
  if (thread.activity !== Activity.InCall && thread.activity !== Activity.Held) return;
  prompt.append(thread);
}

/** Queues `thread`, which is in a call, for its next slice. */
export function deferSlice(thread: Thread): void {
  if (!thread.isDeferred) lengthy.append(thread);
}

/** Makes lengthy work of all that is prompt, behind what is there. */
export function postpone(): void {
  const first = prompt.first;
  if (first === null) return;
  const last = lengthy.last;
  if (last === null) lengthy.first = first;
  else last.nextDeferred = first;
  lengthy.last = prompt.last;
  prompt.first = null;
  prompt.last = null;
}

/** Takes a thread that will never run again out of the lists. */
export function withdraw(thread: Thread): void {
  if (thread.isDeferred && !prompt.remove(thread)) lengthy.remove(thread);
}
