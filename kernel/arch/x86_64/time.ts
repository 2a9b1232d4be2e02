/**
 * The clocks of the machine: the time stamp counter and its frequency, measured against the 8254 timer, and the date
 * from the battery clock. The scheduler's timer is in apic-timer.ts.
 */
import { PORT_CMOS_DATA, PORT_CMOS_INDEX, PORT_PIT_COUNTER2, PORT_PIT_MODE, PORT_SYSTEM_CONTROL } from './ports.js';

const PIT_HERTZ: u64 = 1_193_182;
/** 4 ms: long enough for an error below 0.1 %, and little of a boot. */
const PIT_TICKS: u64 = 4773;
/** A stuck timer must not hang the machine: a port read takes a microsecond or so. */
const MAXIMUM_POLLS: u64 = 1_000_000;
/** What is assumed where nothing can be measured. */
const FALLBACK_KILOHERTZ: u64 = 1_000_000;

let kilohertz: u64 = FALLBACK_KILOHERTZ;
let bootTimeStamp: u64 = 0;
let bootSeconds: u64 = 0;

/** Notes the time stamp that `microsecondsSinceBoot` counts from. */
export function startClock(): void {
  bootTimeStamp = readTimeStamp();
}

/** The time stamp counter. */
export function readTsc(): u64 {
  return readTimeStamp();
}

/** Time stamps per millisecond. */
export function tscKilohertz(): u64 {
  return kilohertz;
}

export function setTscKilohertz(value: u64): void {
  kilohertz = value;
}

/** Seconds since 1970-01-01 UTC when the machine booted, by its battery clock. */
export function wallClockSeconds(): u64 {
  return bootSeconds;
}

export function microsecondsSinceBoot(): u64 {
  const stamps = readTimeStamp() - bootTimeStamp;
  return (stamps / kilohertz) * 1000 + ((stamps % kilohertz) * 1000) / kilohertz;
}

/** Starts the 8254's counter 2 for PIT_TICKS, its output off the speaker. */
export function startPitInterval(): void {
  out8(PORT_SYSTEM_CONTROL, (in8(PORT_SYSTEM_CONTROL) & 0xfc) | 1);
  out8(PORT_PIT_MODE, 0xb0); // counter 2, both bytes, mode 0: output rises at the end of the count
  out8(PORT_PIT_COUNTER2, PIT_TICKS & 0xff);
  out8(PORT_PIT_COUNTER2, PIT_TICKS >>> 8);
}

/** Waits for the end of that interval; false if the timer does not run. */
export function finishPitInterval(): boolean {
  for (let poll: u64 = 0; poll < MAXIMUM_POLLS; poll++) {
    if ((in8(PORT_SYSTEM_CONTROL) & 0x20) !== 0) {
      return true;
    }
  }
  return false;
}

/** What a count over one PIT interval is per second, in thousands. */
export function perMillisecond(count: u64): u64 {
  return (count * PIT_HERTZ) / (PIT_TICKS * 1000);
}

/** Reads the battery clock (MC146818), again if it was changing, and remembers the boot time. */
export function readWallClock(): void {
  let seconds = readClockOnce();
  for (let attempt = 0; attempt < 5; attempt++) {
    const again = readClockOnce();
    if (again === seconds) {
      break;
    }
    seconds = again;
  }
  bootSeconds = seconds;
}

function readClockOnce(): u64 {
  for (let poll: u64 = 0; poll < MAXIMUM_POLLS && (clockRegister(0x0a) & 0x80) !== 0; poll++) {
    spinHint();
  }
  const status = clockRegister(0x0b);
  const isBinary = (status & 4) !== 0;
  const rawHour = clockRegister(4);
  let hour = decoded(rawHour & 0x7f, isBinary);
  if ((status & 2) === 0) {
    hour = (hour % 12) + ((rawHour & 0x80) !== 0 ? 12 : 0);
  }
  const year: u64 = 2000 + decoded(clockRegister(9), isBinary);
  const month = decoded(clockRegister(8), isBinary);
  const day = decoded(clockRegister(7), isBinary);
  const minute = decoded(clockRegister(2), isBinary);
  const second = decoded(clockRegister(0), isBinary);
  if (month < 1 || month > 12 || day < 1 || day > 31) {
    return 0;
  }
  return daysSince1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
}

function clockRegister(index: u64): u64 {
  out8(PORT_CMOS_INDEX, index);
  return in8(PORT_CMOS_DATA);
}

function decoded(value: u64, isBinary: boolean): u64 {
  return isBinary ? value : (value >>> 4) * 10 + (value & 15);
}

const DAYS_BEFORE_MONTH: readonly u16[] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/** For the years 1970 to 2099, in which every fourth is a leap year. */
export function daysSince1970(year: u64, month: u64, day: u64): u64 {
  const leapDays = (year - 1969) / 4 + (year % 4 === 0 && month > 2 ? 1 : 0);
  return (year - 1970) * 365 + leapDays + DAYS_BEFORE_MONTH[month - 1] + day - 1;
}
