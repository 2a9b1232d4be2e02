/**
 * The clocks of the machine: the time stamp counter and its frequency, measured against the 8254 or ACPI's timer, and the date
 * from the battery clock. The scheduler's timer is in apic-timer.ts.
 */
import { PORT_CMOS_DATA, PORT_CMOS_INDEX, PORT_PIT_COUNTER0, PORT_PIT_MODE } from './ports.js';

const PIT_HERTZ: u64 = 1_193_182;
const PM_TIMER_HERTZ: u64 = 3_579_545;
/** One measurement takes 2 ms. */
const INTERVALS_PER_SECOND: u64 = 500;
/** A stuck timer must not hang the machine: a port read takes a microsecond or so. */
const MAXIMUM_POLLS: u64 = 2_000_000;
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

/** The time stamp counter where a few cycles do not matter: the processor may read it early. */
export function readTscRoughly(): u64 {
  return readTimeStampRoughly();
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

/**
 * Waits for one 500th of a second by the 8254's counter 0, whose interrupt is masked: mode 0, so its output rises at the
 * end of the count, which the read-back command shows (Intel 8254 data sheet). False if the timer does not run; where
 * there is none, the port reads as if it had ended, at once.
 */
export function waitByPit(): boolean {
  const ticks = PIT_HERTZ / INTERVALS_PER_SECOND;
  out8(PORT_PIT_MODE, 0x30);
  out8(PORT_PIT_COUNTER0, ticks & 0xff);
  out8(PORT_PIT_COUNTER0, ticks >>> 8);
  for (let poll: u64 = 0; poll < MAXIMUM_POLLS; poll++) {
    out8(PORT_PIT_MODE, 0xe2);
    if ((in8(PORT_PIT_COUNTER0) & 0x80) !== 0) {
      return true;
    }
  }
  return false;
}

/** The same by ACPI's power management timer at `port` (ACPI 6.5, 4.8.3.3), of which 24 bits count for sure. */
export function waitByPowerTimer(port: u64): boolean {
  const ticks = PM_TIMER_HERTZ / INTERVALS_PER_SECOND;
  const start: u64 = in32(port);
  for (let poll: u64 = 0; poll < MAXIMUM_POLLS; poll++) {
    if (((in32(port) - start) & 0xff_ffff) >= ticks) {
      return true;
    }
  }
  return false;
}

/** What a count over one interval is per millisecond. */
export function perMillisecond(count: u64): u64 {
  return (count * INTERVALS_PER_SECOND) / 1000;
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
