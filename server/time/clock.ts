/**
 * Clocks, from the time stamp counter and what the kernel measured at boot. Monotonic time starts at boot; real time is
 * the wall clock read then, plus what has passed, plus what clock_settime changed.
 */

import type { BootInformation } from '../../lib/abi/boot-information';
import { timeStamp } from '../arch/x86_64/time-stamp';

const NANOSECONDS: u64 = 1000000000;
/** A count that no time stamp counter comes to. */
const NEVER: u64 = 0x3fff_ffff_ffff_ffff;

let ticksPerMillisecond: u64 = 1000000;
let ticksAtBoot: u64 = 0;
let realAtBoot: u64 = 0;

export function startClock(boot: BootInformation): void {
  ticksPerMillisecond = boot.tscKilohertz;
  ticksAtBoot = boot.tscAtBoot;
  realAtBoot = boot.wallClockSeconds * NANOSECONDS;
}

/** Nanoseconds that `ticks` take. Exact to the tick for 584 years: the product never exceeds 64 bits. */
export function ticksToNanoseconds(ticks: u64): u64 {
  const whole = ticks / ticksPerMillisecond;
  const rest = ticks % ticksPerMillisecond;
  return whole * 1000000 + (rest * 1000000) / ticksPerMillisecond;
}

export function ticksToMicroseconds(ticks: u64): u64 {
  return ticksToNanoseconds(ticks) / 1000;
}

/** Nanoseconds since boot. */
export function monotonicNanoseconds(): u64 {
  return ticksToNanoseconds(timeStamp() - ticksAtBoot);
}

/** The counter's value at or just after `nanoseconds` of monotonic time. */
export function tickOf(nanoseconds: u64): u64 {
  const milliseconds = nanoseconds / 1000000;
  const rest = nanoseconds % 1000000;
  // Centuries away: the product would wrap round to a time that is over, and the Clock would fire for ever.
  if (milliseconds > NEVER / ticksPerMillisecond) return NEVER;
  return ticksAtBoot + milliseconds * ticksPerMillisecond + (rest * ticksPerMillisecond) / 1000000 + 1;
}

/** Nanoseconds since 1970. */
export function realtimeNanoseconds(): u64 {
  return realAtBoot + monotonicNanoseconds();
}

/** Sets the wall clock. */
export function setRealtime(nanoseconds: u64): void {
  realAtBoot = nanoseconds - monotonicNanoseconds();
}

export function coarseSeconds(): i64 {
  return (realtimeNanoseconds() / NANOSECONDS) as i64;
}

export function coarseNanoseconds(): u32 {
  return (realtimeNanoseconds() % NANOSECONDS) as u32;
}
