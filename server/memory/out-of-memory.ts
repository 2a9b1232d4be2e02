/**
 * When memory runs out: first what the dead still hold, then the life of the process that uses most (Linux's OOM
 * killer chooses alike). Init is spared.
 */

import { logByteOf, logDecimal, logEnd, logText } from '../log';
import { nextProcess } from '../process/pids';
import { Life, type Process } from '../process/process';
import type { Thread } from '../process/thread';
import { bitOf, SIGKILL } from '../signal/numbers';
import { fromKernel, sendToProcess } from '../signal/send';
import { AGAIN } from '../wait/outcome';
import { hasReserve } from './heap';
import { reapSpaces } from './reaper';

/** Tries to fill the reserve again, with one slice of what the dead hold. False: the request must wait for more. */
export function replenish(thread: Thread): boolean {
  const isFreeing = reapSpaces();
  if (hasReserve()) return true;
  if (!isFreeing) killForMemory(thread);
  return hasReserve();
}

/**
 * A request of `thread` found no memory: AGAIN if it shall be tried again, because memory is being freed; 0 if the
 * caller itself is the one to die.
 */
export function killForMemory(thread: Thread): i64 {
  if (reapSpaces()) return AGAIN;
  const victim = largestProcess();
  if (victim === null) {
    sendToProcess(thread.process, fromKernel(SIGKILL));
    return 0;
  }
  if (!isDying(victim)) {
    sayKilled(victim);
    sendToProcess(victim, fromKernel(SIGKILL));
  }
  return victim === thread.process ? 0 : AGAIN;
}

/** Whether it will end as soon as its threads come by: exiting, or killed and not there yet. */
function isDying(process: Process): boolean {
  return process.life === Life.Exiting || (process.pending.set & bitOf(SIGKILL)) !== 0;
}

function sayKilled(victim: Process): void {
  logText('out of memory: killed process ');
  logDecimal(victim.number as u64);
  const thread = victim.firstThread;
  if (thread !== null) {
    logText(' (');
    for (const byte of thread.name) {
      if (byte === 0) break;
      logByteOf(byte < 32 || byte > 126 ? 46 : byte);
    }
    logText(')');
  }
  logEnd();
}

/** The process with most pages in memory, init excepted; one that is dying already is preferred: it will free some. */
function largestProcess(): Process | null {
  let best: Process | null = null;
  let most: u64 = 0;
  let process = nextProcess(2);
  while (process !== null) {
    if (process.life < Life.Zombie && isDying(process)) return process;
    if (process.life !== Life.Zombie && process.life !== Life.Gone && process.space.resident >= most) {
      best = process;
      most = process.space.resident;
    }
    process = nextProcess(process.number + 1);
  }
  return best;
}
