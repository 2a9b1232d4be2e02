/**
 * Time used. The kernel counts the ticks a thread ran outside the server (ReadAccounting); the server counts those it
 * spent on the thread's calls itself. Both are added to the process when asked for and when a thread ends.
 */
import { readAccounting } from '../kernel/threads';
import { Life, type Process } from './process';
import { Activity, type Thread } from './thread';
import { Usage } from './usage';

/** Adds what `thread` has run since it was last looked at. */
export function accountThread(thread: Thread): void {
  if (thread.activity === Activity.Dead || thread.activity === Activity.Embryo) return;
  const ticks = readAccounting(thread);
  const usage: Usage = thread.process.usage;
  usage.userTicks += ticks - thread.countedTicks;
  thread.countedTicks = ticks;
}

/** Brings `process.usage` up to date. */
export function accountProcess(process: Process): void {
  if (process.life >= Life.Zombie) return;
  let thread = process.firstThread;
  while (thread !== null) {
    accountThread(thread);
    thread = thread.nextInProcess;
  }
  const resident = process.space.residentPages();
  if (resident > process.usage.maximumResident) process.usage.maximumResident = resident;
}
