/** System invocations: power, the log, statistics. */
import { KernelError } from '../../lib/abi/error.js';
import { Invocation } from '../../lib/abi/invocation.js';
import { RIGHT_READ, RIGHT_WRITE } from '../../lib/abi/rights.js';
import { UTCB_DATA_BYTES } from '../../lib/abi/utcb.js';
import { powerOff, reboot } from '../arch/x86_64/power.js';
import { slowOperationCount } from '../ipc/slow-path.js';
import { logByte, logLength } from '../log.js';
import type { Capability } from '../object/capability.js';
import { interruptCount } from '../object/irq.js';
import type { Tcb } from '../object/tcb.js';
import { panic } from '../panic.js';
import { idleThread } from '../sched/idle.js';
import { scheduler } from '../sched/scheduler.js';
import { hasWords, setResults, word0 } from './arguments.js';

/** What the log keeps (kernel/log.ts); older bytes are skipped. */
const LOG_RING_BYTES: u64 = 16384;

export function invokeSystem(caller: Tcb, system: Capability, label: u64): KernelError {
  if (label < Invocation.SystemPowerOff || label > Invocation.SystemReadStatistics) {
    return KernelError.UnknownInvocation;
  }
  const reads = label === Invocation.SystemReadLog || label === Invocation.SystemReadStatistics;
  if (!system.hasRights(reads ? RIGHT_READ : RIGHT_WRITE)) {
    return KernelError.NoRight;
  }
  switch (label) {
    case Invocation.SystemPowerOff:
      return powerOff();
    case Invocation.SystemReboot:
      return reboot();
    case Invocation.SystemPanic:
      return panic('the root task asked for it');
    case Invocation.SystemReadLog:
      return readLog(caller);
    default:
      setResults(caller, scheduler.switches, interruptCount(), idleThread.timeUsed, slowOperationCount());
      return KernelError.None;
  }
}

function readLog(caller: Tcb): KernelError {
  if (!hasWords(caller, 1)) {
    return KernelError.WrongLength;
  }
  const utcb = caller.utcb;
  if (utcb === null) {
    return KernelError.NoMessagePage;
  }
  const length = logLength();
  const asked = word0(caller);
  const position = length > LOG_RING_BYTES && asked < length - LOG_RING_BYTES ? length - LOG_RING_BYTES : asked;
  let count: u64 = 0;
  while (count < UTCB_DATA_BYTES && position < length && count < length - position) {
    utcb.data[count] = logByte(position + count);
    count++;
  }
  setResults(caller, count, position + count, 0, 0);
  return KernelError.None;
}
