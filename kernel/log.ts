/**
 * The kernel's log: lines with a time stamp, kept in a ring and shown on the console as the command line asks. Until
 * the command line is known, lines are only kept; `openLog` shows them then. Portable: the devices are in arch/x86_64.
 */
import { writeScreen } from './arch/x86_64/screen.js';
import { writeDebugConsole, writeSerial } from './arch/x86_64/serial.js';
import { microsecondsSinceBoot } from './arch/x86_64/time.js';

/** syslog(3)'s levels, as `loglevel=` counts them: lines with a level below the console's are shown. */
export enum LogLevel {
  Error = 3,
  Warning = 4,
  Info = 6,
  Debug = 7,
}

const RING_BYTES: u64 = 16384;

/** The last RING_BYTES bytes; byte n of the log is at n modulo RING_BYTES. */
const ring: Fixed<u8, 16384> = reserve();
let written: u64 = 0;
let consoleLevel: u64 = LogLevel.Debug;
let consoleDevices: u64 = 0;
let lineLevel: LogLevel = LogLevel.Info;
/** The latest time stamp: the clock may go back once, when the processor's real frequency has been measured. */
let latest: u64 = 0;

/** Devices that can show the log, as bits. */
export enum LogDevice {
  DebugConsole = 1,
  Serial = 2,
  Screen = 4,
  SerialAndScreen = 6,
  All = 7,
}

/** Chooses the devices and shows what was logged so far. From then on, lines below `level` are shown. */
export function openLog(level: u64, devices: u64): void {
  consoleLevel = level;
  consoleDevices = devices;
  if (level <= LogLevel.Info) {
    return;
  }
  const first: u64 = written < RING_BYTES ? 0 : written - RING_BYTES;
  for (let at = first; at < written; at++) {
    show(ring[at & (RING_BYTES - 1)]);
  }
}

/** From here on everything is shown, on all devices if none was chosen yet, and never on a screen alone: for a panic. */
export function openLogForPanic(): void {
  if (consoleDevices === 0) {
    openLog(LogLevel.Debug + 1, LogDevice.All);
  } else if (consoleDevices === LogDevice.Screen) {
    consoleDevices = LogDevice.SerialAndScreen;
  }
  consoleLevel = LogLevel.Debug + 1;
}

/** How many bytes were ever logged. */
export function logLength(): u64 {
  return written;
}

/** Byte `at` of the log, which must be one of the last RING_BYTES. */
export function logByte(at: u64): u8 {
  return ring[at & (RING_BYTES - 1)];
}

/** Starts a line: `[seconds.microseconds] `. */
export function logBegin(level: LogLevel): void {
  lineLevel = level;
  const now = microsecondsSinceBoot();
  if (now > latest) {
    latest = now;
  }
  logByteOut(0x5b);
  logPadded(latest / 1_000_000, 5, 0x20);
  logByteOut(0x2e);
  logPadded(latest % 1_000_000, 6, 0x30);
  logText('] ');
}

export function logEnd(): void {
  logByteOut(0x0a);
}

/** A whole line. */
export function logLine(level: LogLevel, text: string): void {
  logBegin(level);
  logText(text);
  logEnd();
}

export function logText(text: string): void {
  for (let at = 0; at < text.length; at++) {
    logByteOut(text.charCodeAt(at));
  }
}

/** In decimal. */
export function logNumber(value: u64): void {
  logPadded(value, 1, 0x30);
}

/** In hexadecimal with 0x and no leading zeros. */
export function logHex(value: u64): void {
  logText('0x');
  let shift: u64 = 60;
  while (shift !== 0 && value >>> shift === 0) {
    shift -= 4;
  }
  logHexDigits(value, shift);
}

/** All sixteen digits, for register dumps. */
export function logHexWord(value: u64): void {
  logHexDigits(value, 60);
}

function logHexDigits(value: u64, firstShift: u64): void {
  let shift: i64 = firstShift;
  while (shift >= 0) {
    const digit = (value >>> shift) & 15;
    logByteOut(digit < 10 ? 0x30 + digit : 0x57 + digit);
    shift -= 4;
  }
}

/** In decimal, at least `width` characters wide, filled on the left with `fill`. */
function logPadded(value: u64, width: u64, fill: u8): void {
  let unit: u64 = 1;
  let digits: u64 = 1;
  while (value / unit >= 10) {
    unit *= 10;
    digits++;
  }
  while (digits < width) {
    logByteOut(fill);
    digits++;
  }
  while (unit !== 0) {
    logByteOut(0x30 + ((value / unit) % 10));
    unit /= 10;
  }
}

/** One byte of a line that logBegin started, or of text that a native thread prints. */
export function logByteOut(byte: u8): void {
  ring[written & (RING_BYTES - 1)] = byte;
  written++;
  if (lineLevel < consoleLevel) {
    show(byte);
  }
}

function show(byte: u8): void {
  if ((consoleDevices & LogDevice.DebugConsole) !== 0) {
    writeDebugConsole(byte);
  }
  if ((consoleDevices & LogDevice.Serial) !== 0) {
    writeSerial(byte);
  }
  if ((consoleDevices & LogDevice.Screen) !== 0) {
    writeScreen(byte);
  }
}
