/**
 * The local APIC of this CPU (SDM 3A 11): xAPIC through its page of registers, or x2APIC through MSRs where the
 * processor has it. Its timer is the scheduler's: one-shot, by TSC deadline where present, else by a count calibrated
 * against the 8254 or ACPI's timer.
 */
import { powerTimerPort } from './acpi-power.js';
import { currentCpu } from './cpu.js';
import { features } from './cpu-features.js';
import { mapDevice } from './kernel-map.js';
import { madt } from './madt.js';
import { directAddress } from './memory.js';
import { perMillisecond, readTsc, setTscKilohertz, tscKilohertz, waitByPit, waitByPowerTimer } from './time.js';

export const VECTOR_TIMER = 0x20;
export const VECTOR_SPURIOUS = 0xff;

const MSR_APIC_BASE: u64 = 0x1b;
const MSR_TSC_DEADLINE: u64 = 0x6e0;
const MSR_X2APIC: u64 = 0x800;
const APIC_BASE_ENABLE: u64 = 1 << 11;
const APIC_BASE_X2APIC: u64 = 1 << 10;

/** Register offsets in the xAPIC page; the x2APIC MSR is 0x800 plus a sixteenth. */
const ID: u64 = 0x20;
const TASK_PRIORITY: u64 = 0x80;
const END_OF_INTERRUPT: u64 = 0xb0;
const SPURIOUS: u64 = 0xf0;
const LVT_TIMER: u64 = 0x320;
const LVT_PERFORMANCE: u64 = 0x340;
const LVT_LINT0: u64 = 0x350;
const LVT_LINT1: u64 = 0x360;
const LVT_ERROR: u64 = 0x370;
const INITIAL_COUNT: u64 = 0x380;
const CURRENT_COUNT: u64 = 0x390;
const DIVIDE: u64 = 0x3e0;

const SOFTWARE_ENABLE: u64 = 0x100;
const LVT_MASKED: u64 = 0x10000;
const LVT_NMI: u64 = 0x400;
const LVT_EXTERNAL: u64 = 0x700;
const TIMER_TSC_DEADLINE: u64 = 2 << 17;
const DIVIDE_BY_1: u64 = 0xb;
const MAXIMUM_COUNT: u64 = 0xffff_ffff;
/** A TSC below 50 MHz is none: the reference timer is broken. */
const INTERVAL_STAMPS_MINIMUM: u64 = 100_000;

let isX2Apic = false;
let registers: u64 = 0;
let countsPerMillisecond: u64 = 0;

function read(register: u64): u64 {
  return isX2Apic ? readMsr(MSR_X2APIC + (register >>> 4)) : loadOnce32(registers + register);
}

function write(register: u64, value: u64): void {
  if (isX2Apic) {
    writeMsr(MSR_X2APIC + (register >>> 4), value);
  } else {
    storeOnce32(registers + register, value);
  }
}

/** Switches the APIC on with all its sources masked but NMI; false if this processor has none at that address. */
export function enableLocalApic(acceptsPic: boolean): boolean {
  if (features.x2apic) {
    writeMsr(MSR_APIC_BASE, readMsr(MSR_APIC_BASE) | APIC_BASE_ENABLE);
    writeMsr(MSR_APIC_BASE, readMsr(MSR_APIC_BASE) | APIC_BASE_X2APIC);
    isX2Apic = true;
  } else {
    if (!mapDevice(madt.localApicPhysical, 4096)) {
      return false;
    }
    registers = directAddress(madt.localApicPhysical);
    writeMsr(MSR_APIC_BASE, readMsr(MSR_APIC_BASE) | APIC_BASE_ENABLE);
  }
  write(TASK_PRIORITY, 0);
  write(LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
  write(LVT_PERFORMANCE, LVT_MASKED);
  write(LVT_ERROR, LVT_MASKED);
  // LINT0 is the 8259s' output: it is let through only where they deliver the interrupts.
  write(LVT_LINT0, acceptsPic ? LVT_EXTERNAL : LVT_MASKED);
  write(LVT_LINT1, LVT_NMI);
  write(SPURIOUS, SOFTWARE_ENABLE | VECTOR_SPURIOUS);
  write(DIVIDE, DIVIDE_BY_1);
  currentCpu().apicId = localApicId();
  return true;
}

/** This CPU's identifier, as I/O APICs and other CPUs address it. */
function localApicId(): u32 {
  return isX2Apic ? read(ID) : read(ID) >>> 24;
}

/** The interrupt being handled is done. */
export function endInterrupt(): void {
  write(END_OF_INTERRUPT, 0);
}

/** How often the frequencies are measured at most, and how well two measurements must agree. */
const MAXIMUM_MEASUREMENTS = 8;
const AGREEMENT: u64 = 1000;

/** Time stamps and timer counts during one interval. */
class Measurement {
  stamps!: u64;
  counts!: u64;
}

const shortest: Measurement = reserve();
const last: Measurement = reserve();

/**
 * Measures the TSC's and the timer's frequency; false if there is nothing to measure against. A virtual processor that
 * is held up measures too much, never too little, so the shortest of several measurements is right; two that agree end
 * it.
 */
export function calibrateTimers(): boolean {
  shortest.stamps = 0;
  for (let attempt = 0; attempt < MAXIMUM_MEASUREMENTS; attempt++) {
    if (measureOnce()) {
      break;
    }
  }
  if (shortest.stamps !== 0) {
    setTscKilohertz(perMillisecond(shortest.stamps));
    countsPerMillisecond = perMillisecond(shortest.counts);
  }
  write(LVT_TIMER, features.tscDeadline ? TIMER_TSC_DEADLINE | VECTOR_TIMER : VECTOR_TIMER);
  return shortest.stamps !== 0;
}

/** True if this measurement agrees with the shortest before it, or nothing can be measured. */
function measureOnce(): boolean {
  if (!measure(true) && (powerTimerPort() === 0 || !measure(false))) {
    return true;
  }
  const before = shortest.stamps;
  const stamps = last.stamps;
  if (before === 0 || stamps < before) {
    shortest.stamps = stamps;
    shortest.counts = last.counts;
  }
  const difference = stamps < before ? before - stamps : stamps - before;
  return before !== 0 && difference < stamps / AGREEMENT;
}

/** Fills `last`; false if the timer chosen does not run. */
function measure(byPit: boolean): boolean {
  write(INITIAL_COUNT, MAXIMUM_COUNT);
  const start = readTsc();
  const isMeasured = byPit ? waitByPit() : waitByPowerTimer(powerTimerPort());
  last.stamps = readTsc() - start;
  last.counts = MAXIMUM_COUNT - read(CURRENT_COUNT);
  write(INITIAL_COUNT, 0);
  return isMeasured && last.stamps >= INTERVAL_STAMPS_MINIMUM;
}

/** Raises the timer interrupt once, at or soon after time stamp `deadline`. Replaces what was set before. */
export function setTimer(deadline: u64): void {
  if (features.tscDeadline) {
    writeMsr(MSR_TSC_DEADLINE, deadline);
    return;
  }
  const now = readTsc();
  let counts: u64 = 1;
  if (deadline > now) {
    const stamps = deadline - now;
    const milliseconds = stamps / tscKilohertz();
    counts =
      milliseconds * countsPerMillisecond + ((stamps % tscKilohertz()) * countsPerMillisecond) / tscKilohertz() + 1;
  }
  write(INITIAL_COUNT, counts < MAXIMUM_COUNT ? counts : MAXIMUM_COUNT); // too far: an early interrupt sets the rest
}

/** No timer interrupt until the next setTimer. */
export function stopTimer(): void {
  if (features.tscDeadline) {
    writeMsr(MSR_TSC_DEADLINE, 0);
  } else {
    write(INITIAL_COUNT, 0);
  }
}
