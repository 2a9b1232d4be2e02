/**
 * The first line of a script, `#! interpreter [argument]`, as Linux 6.1 reads it (fs/binfmt_script.c): in the first 256
 * bytes; blanks around the words are dropped, and all that follows the interpreter is one argument.
 */
import { byteAt, setByteAt } from '../../lib/arch/x86_64/bytes';

/** Bytes of a file that decide what it is (BINPRM_BUF_SIZE). */
export const FIRST_BYTES: u64 = 256;
const NEWLINE = 10;
const TAB = 9;
const SPACE = 32;

export class ScriptLine {
  /** Addresses of NUL-terminated texts within the bytes that were read; `argument` 0: there is none. */
  interpreter!: u64;
  argument!: u64;
}

function isBlank(address: u64): boolean {
  const byte = byteAt(address);
  return byte === SPACE || byte === TAB;
}

/** Where a word ends: at a blank, a NUL, or `end`. */
function wordEnd(address: u64, end: u64): u64 {
  let at = address;
  while (at < end && !isBlank(at) && byteAt(at) !== 0) at++;
  return at;
}

function skipBlanks(address: u64, end: u64): u64 {
  let at = address;
  while (at < end && isBlank(at)) at++;
  return at;
}

/** Whether the FIRST_BYTES at `text` begin with `#!`. */
export function isScript(text: u64): boolean {
  return byteAt(text) === 35 && byteAt(text + 1) === 33;
}

/** Takes the line apart, in place. False: no interpreter is named, or its name is cut off (ENOEXEC). */
export function parseScript(text: u64, line: ScriptLine): boolean {
  const last = text + FIRST_BYTES - 1;
  let end = text + 2;
  while (end < last && byteAt(end) !== NEWLINE && byteAt(end) !== 0) end++;
  const isCut = end === last && byteAt(end) !== NEWLINE && byteAt(end) !== 0;
  if (isCut) {
    const first = skipBlanks(text + 2, last);
    if (first === last || wordEnd(first, last) === last) return false;
  }
  while (end > text + 2 && isBlank(end - 1)) end--;
  const name = skipBlanks(text + 2, end);
  if (name === end) return false;
  const nameEnd = wordEnd(name, end);
  const argument = skipBlanks(nameEnd, end);
  setByteAt(end, 0);
  setByteAt(nameEnd, 0);
  line.interpreter = name;
  line.argument = argument < end ? argument : 0;
  return true;
}
