/**
 * Time used. The kernel counts the ticks a thread ran outside the server (ReadAccounting); the server counts those it
 * spent on the thread's calls itself. Both are added to the process when asked for and when a thread ends. Asking costs
 * a kernel call for each thread, so crowds are asked in turns.
 */
import { readAccounting } from '../kernel/threads';
import { nextProcess } from './pids';
import { Life, type Process } from './process';
import { Activity, type Thread } from './thread';
import { Usage } from './usage';

/** Threads that are asked at once. */
const AT_ONCE: u64 = 400;

/** Adds what `thread` has run since it was last looked at. */
export function accountThread(thread: Thread): void {
  if (thread.activity === Activity.Dead || thread.activity === Activity.Embryo) return;
  const ticks = readAccounting(thread);
  const usage: Usage = thread.process.usage;
  usage.userTicks += ticks - thread.countedTicks;
  thread.countedTicks = ticks;
}

/**
 * Brings `process.usage` up to date. False if it has so many threads that some were not asked: the next call goes on with
 * those, and until then what they have run since they were last asked is missing.
 */
export function accountProcess(process: Process): boolean {
  if (process.life >= Life.Zombie) return true;
  const pending = process.nextToAccount;
  let thread = pending === null ? process.firstThread : pending;
  for (let left: u64 = AT_ONCE; left !== 0 && thread !== null; left--) {
    accountThread(thread);
    thread = thread.nextInProcess;
  }
  process.nextToAccount = thread;
  const resident = process.space.residentPages();
  if (resident > process.usage.maximumResident) process.usage.maximumResident = resident;
  return thread === null;
}

/** `thread` leaves its process. */
export function accountWithout(process: Process, thread: Thread): void {
  if (process.nextToAccount === thread) process.nextToAccount = thread.nextInProcess;
}

/** The number of the process whose turn it is. */
let turn: i32 = 1;

/** Brings the usage of all processes up to date or, if they are many, of some in turn. */
export function accountAll(): void {
  let asked: u64 = 0;
  let process = nextProcess(turn);
  while (process !== null && asked < AT_ONCE) {
    accountProcess(process);
    asked += 1 + (process.threadCount as u64);
    process = nextProcess((process.number + 1) as i32);
  }
  turn = process === null ? 1 : process.number;
}
