/**
 * The kernel command line, as Linux reads it (Documentation/admin-guide/kernel-parameters.txt): what the server itself
 * acts on, and what is passed to init. An unknown `name=value` goes to init's environment, any other unknown word to
 * its arguments, and everything after `--` too. A name with a point is a module's, or one of ours (`kairo.`): not init's.
 */
import type { BootInformation } from '../lib/abi/boot-information';
import { addressOfString, byteAt, copyMemory, sameBytes, setByteAt } from '../lib/arch/x86_64/bytes';

const LIMIT: u64 = 2048;
const ZERO: u64 = 48;
const SPACE: u64 = 32;
const EQUALS: u64 = 61;
const QUOTE: u64 = 34;
const POINT: u64 = 46;

/** The line as it was given, for /proc/cmdline. */
export const commandLine: Fixed<u8, 2049> = reserve();
export let commandLineLength: u64 = 0;
/** Words for init, each NUL-terminated, one after another. */
export const initArguments: Fixed<u8, 2049> = reserve();
export let initArgumentsLength: u64 = 0;
export const initEnvironment: Fixed<u8, 2112> = reserve();
export let initEnvironmentLength: u64 = 0;
/** init= and rdinit=, NUL-terminated; length 0 if not given. */
export const initPath: Fixed<u8, 257> = reserve();
export let initPathLength: u64 = 0;
export const ramInitPath: Fixed<u8, 257> = reserve();
export let ramInitPathLength: u64 = 0;

let isTracing = false;
let isHostOnSerial = false;
let budgetUnits: u64 = 0;
let logLevel: u64 = 4;

/** kairo.trace=1: system calls are logged. */
export function tracesCalls(): boolean {
  return isTracing;
}

/** kairo.host=com2: the host channel is on the second serial line. */
export function hasHostChannel(): boolean {
  return isHostOnSerial;
}

/** kairo.budget=N: what one event sets off at once (wait/budget.ts); 0: as usual. */
export function budgetOfTurn(): u64 {
  return budgetUnits;
}

/** loglevel=7 or more: debugging messages are wanted. */
export function isDebugLogged(): boolean {
  return logLevel >= 7;
}

/** Whether the `length` bytes at `address` begin with `text`. */
function begins(address: u64, length: u64, text: string): boolean {
  const size: u64 = text.length;
  return length >= size && sameBytes(address, addressOfString(text), size);
}

function isWord(address: u64, length: u64, text: string): boolean {
  return length === (text.length as u64) && begins(address, length, text);
}

/** Names that the kernel or the server knows; they never reach init. */
function isKnown(address: u64, length: u64): boolean {
  if (isWord(address, length, 'quiet') || isWord(address, length, 'debug') || isWord(address, length, 'nokaslr'))
    return true;
  if (isWord(address, length, 'ro') || isWord(address, length, 'rw')) return true;
  return (
    begins(address, length, 'console=') ||
    begins(address, length, 'panic=') ||
    begins(address, length, 'loglevel=') ||
    begins(address, length, 'root=') ||
    begins(address, length, 'rootfstype=') ||
    begins(address, length, 'reboot=') ||
    begins(address, length, 'acpi=') ||
    begins(address, length, 'BOOT_IMAGE=')
  );
}

function hasByte(address: u64, length: u64, byte: u64): boolean {
  for (let index: u64 = 0; index < length; index++) {
    if ((byteAt(address + index) as u64) === byte) return true;
  }
  return false;
}

/** The value of a `name=value` word, into a buffer of 256 bytes and a NUL; gives its length, 0 if it is too long. */
function takePath(destination: u64, address: u64, length: u64): u64 {
  if (length > 256) return 0;
  copyMemory(destination, address, length);
  setByteAt(destination + length, 0);
  return length;
}

function keepArgument(address: u64, length: u64): void {
  copyMemory(addressOf(initArguments) + initArgumentsLength, address, length);
  initArgumentsLength += length + 1;
}

/** One word before `--`. */
function read(address: u64, length: u64): void {
  if (begins(address, length, 'init=')) initPathLength = takePath(addressOf(initPath), address + 5, length - 5);
  else if (begins(address, length, 'rdinit='))
    ramInitPathLength = takePath(addressOf(ramInitPath), address + 7, length - 7);
  else if (isWord(address, length, 'kairo.trace=1')) isTracing = true;
  else if (isWord(address, length, 'kairo.host=com2')) isHostOnSerial = true;
  else if (begins(address, length, 'kairo.budget=')) budgetUnits = numberAt(address + 13, length - 13);
  else if (begins(address, length, 'loglevel=')) logLevel = numberAt(address + 9, length - 9);
  if (isWord(address, length, 'debug')) logLevel = 7;
  if (begins(address, length, 'init=') || begins(address, length, 'rdinit=') || isKnown(address, length)) return;
  if (!hasByte(address, length, EQUALS)) {
    // A word with a point is a module's parameter, which no module here takes (as in Linux it does not reach init).
    if (!hasByte(address, length, POINT)) keepArgument(address, length);
    return;
  }
  if (!hasByte(address, lengthOfName(address, length), POINT)) keepEnvironment(address, length);
}

/** A decimal number, as far as its digits go, at most 999. */
function numberAt(address: u64, length: u64): u64 {
  let value: u64 = 0;
  for (let index: u64 = 0; index < length && index < 3; index++) {
    const digit: u64 = (byteAt(address + index) as u64) - ZERO;
    if (digit > 9) break;
    value = value * 10 + digit;
  }
  return value;
}

function lengthOfName(address: u64, length: u64): u64 {
  let index: u64 = 0;
  while (index < length && (byteAt(address + index) as u64) !== EQUALS) index += 1;
  return index;
}

/** Adds `name=value`; what the variable had before is gone. */
function keepEnvironment(address: u64, length: u64): void {
  const start = addressOf(initEnvironment);
  const sameName = lengthOfName(address, length) + 1;
  let at: u64 = 0;
  while (at < initEnvironmentLength) {
    const size = lengthOfWord(start + at) + 1;
    if (size > sameName && sameBytes(start + at, address, sameName)) {
      initEnvironmentLength -= size;
      moveDown(start + at, start + at + size, initEnvironmentLength - at);
    } else {
      at += size;
    }
  }
  copyMemory(start + initEnvironmentLength, address, length);
  setByteAt(start + initEnvironmentLength + length, 0);
  initEnvironmentLength += length + 1;
}

function lengthOfWord(address: u64): u64 {
  let length: u64 = 0;
  while ((byteAt(address + length) as u64) !== 0) length += 1;
  return length;
}

/** Copies upwards from the first byte on, so that the two may overlap when `destination` is the lower. */
function moveDown(destination: u64, source: u64, length: u64): void {
  for (let index: u64 = 0; index < length; index++) setByteAt(destination + index, byteAt(source + index));
}

/** Reads the whole line. Quotes (") keep spaces in a word and are taken away. */
export function readCommandLine(boot: BootInformation): void {
  const source = addressOf(boot.commandLine);
  let total: u64 = boot.commandLineBytes;
  if (total > LIMIT) total = LIMIT;
  while (total !== 0 && (byteAt(source + total - 1) as u64) <= SPACE) total -= 1;
  copyMemory(addressOf(commandLine), source, total);
  commandLineLength = total;
  // What Linux's init has before any word is read (init/main.c, envp_init).
  keepEnvironment(addressOfString('HOME=/'), 6);
  keepEnvironment(addressOfString('TERM=linux'), 10);
  const word: u64 = addressOf(wordBuffer);
  let position: u64 = 0;
  let isAfterDashes = false;
  while (position < total) {
    while (position < total && (byteAt(source + position) as u64) <= SPACE) position += 1;
    let length: u64 = 0;
    let isQuoted = false;
    while (position < total && (isQuoted || (byteAt(source + position) as u64) > SPACE)) {
      const byte = byteAt(source + position) as u64;
      if (byte === QUOTE) isQuoted = !isQuoted;
      else {
        setByteAt(word + length, byte);
        length += 1;
      }
      position += 1;
    }
    if (length === 0) continue;
    if (isAfterDashes) keepArgument(word, length);
    else if (isWord(word, length, '--')) isAfterDashes = true;
    else read(word, length);
  }
}

const wordBuffer: Fixed<u8, 2049> = reserve();
