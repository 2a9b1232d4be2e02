/**
 * Deferred work: threads in the middle of a call whose handler is to run (again), and held threads that are to go on,
 * in order of arrival, each at most once.
 */
import { Activity, type Thread } from '../process/thread';

export let firstDeferred: Thread | null = null;
let lastDeferred: Thread | null = null;

/** Queues `thread`, unless it is queued already or is neither in a call nor held. */
export function defer(thread: Thread): void {
  if (thread.isDeferred) return;
  if (thread.activity !== Activity.InCall && thread.activity !== Activity.Held) return;
  thread.isDeferred = true;
  thread.nextDeferred = null;
  if (lastDeferred === null) firstDeferred = thread;
  else lastDeferred.nextDeferred = thread;
  lastDeferred = thread;
}

/** Takes the thread that has waited longest. */
export function takeDeferred(): Thread | null {
  const thread = firstDeferred;
  if (thread === null) return null;
  firstDeferred = thread.nextDeferred;
  if (firstDeferred === null) lastDeferred = null;
  thread.nextDeferred = null;
  thread.isDeferred = false;
  return thread;
}

/** Takes a thread that will never run again out of the list. */
export function withdraw(thread: Thread): void {
  if (!thread.isDeferred) return;
  let previous: Thread | null = null;
  let here = firstDeferred;
  while (here !== null && here !== thread) {
    previous = here;
    here = here.nextDeferred;
  }
  if (previous === null) firstDeferred = thread.nextDeferred;
  else previous.nextDeferred = thread.nextDeferred;
  if (lastDeferred === thread) lastDeferred = previous;
  thread.nextDeferred = null;
  thread.isDeferred = false;
}
