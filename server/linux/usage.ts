/** getrusage(2), times(2), and struct rusage as wait4 writes it. */

import type { AddressSpace } from '../memory/address-space';
import { copyOut } from '../memory/copy';
import { accountProcess } from '../process/accounting';
import type { Thread } from '../process/thread';
import { Usage } from '../process/usage';
import { monotonicNanoseconds, ticksToMicroseconds } from '../time/clock';
import { AGAIN } from '../wait/outcome';
import { EFAULT, EINVAL } from './errno';

const RUSAGE_SELF: i64 = 0;
const RUSAGE_CHILDREN: i64 = -1;
const RUSAGE_THREAD: i64 = 1;
/** times(2) counts in 1/100 s (sysconf _SC_CLK_TCK, AT_CLKTCK). */
const MICROSECONDS_PER_TICK: u64 = 10000;

class UsageLayout {
  userSeconds!: u64;
  userMicroseconds!: u64;
  systemSeconds!: u64;
  systemMicroseconds!: u64;
  maximumResident!: u64;
  sharedText!: u64;
  unsharedData!: u64;
  unsharedStack!: u64;
  minorFaults!: u64;
  majorFaults!: u64;
  swaps!: u64;
  blocksIn!: u64;
  blocksOut!: u64;
  messagesSent!: u64;
  messagesReceived!: u64;
  signals!: u64;
  voluntarySwitches!: u64;
  involuntarySwitches!: u64;
}

staticAssert(sizeOf<UsageLayout>() === 144, 'struct rusage is 144 bytes');

const layout: UsageLayout = reserve();

/** Writes `usage` as a struct rusage; false if the address faults. */
export function writeUsage(space: AddressSpace, address: u64, usage: Usage): boolean {
  const user = ticksToMicroseconds(usage.userTicks);
  const system = ticksToMicroseconds(usage.systemTicks);
  layout.userSeconds = user / 1000000;
  layout.userMicroseconds = user % 1000000;
  layout.systemSeconds = system / 1000000;
  layout.systemMicroseconds = system % 1000000;
  layout.maximumResident = usage.maximumResident * 4;
  layout.minorFaults = usage.minorFaults;
  layout.majorFaults = usage.majorFaults;
  layout.voluntarySwitches = usage.voluntarySwitches;
  layout.involuntarySwitches = usage.involuntarySwitches;
  const size = sizeOf<UsageLayout>() as u64;
  return copyOut(space, address, addressOf(layout), size) === size;
}

export function sysGetrusage(thread: Thread): i64 {
  const who = thread.frame.rdi as i32 as i64;
  const process = thread.process;
  if (who !== RUSAGE_SELF && who !== RUSAGE_CHILDREN && who !== RUSAGE_THREAD) return -EINVAL;
  if (who === RUSAGE_SELF && !accountProcess(process)) return AGAIN;
  const usage: Usage = who === RUSAGE_CHILDREN ? process.childUsage : process.usage;
  return writeUsage(thread.space, thread.frame.rsi, usage) ? 0 : -EFAULT;
}

class TimesLayout {
  user!: u64;
  system!: u64;
  childUser!: u64;
  childSystem!: u64;
}

const timesLayout: TimesLayout = reserve();

export function sysTimes(thread: Thread): i64 {
  const process = thread.process;
  if (!accountProcess(process)) return AGAIN;
  timesLayout.user = ticksToMicroseconds(process.usage.userTicks) / MICROSECONDS_PER_TICK;
  timesLayout.system = ticksToMicroseconds(process.usage.systemTicks) / MICROSECONDS_PER_TICK;
  timesLayout.childUser = ticksToMicroseconds(process.childUsage.userTicks) / MICROSECONDS_PER_TICK;
  timesLayout.childSystem = ticksToMicroseconds(process.childUsage.systemTicks) / MICROSECONDS_PER_TICK;
  const size = sizeOf<TimesLayout>() as u64;
  if (thread.frame.rdi !== 0 && copyOut(thread.space, thread.frame.rdi, addressOf(timesLayout), size) !== size) {
    return -EFAULT;
  }
  return (monotonicNanoseconds() / 10000000) as i64;
}
