/**
 * An invocation's arguments and results: message words of the caller. Words 0..3 are in its registers; decode reads
 * them through these names so that no argument is touched before the length has been checked.
 */
import { MESSAGE_LENGTH_MASK } from '../../lib/abi/operation.js';
import type { Tcb } from '../object/tcb.js';

/** Whether the message has at least `count` words. */
export function hasWords(caller: Tcb, count: u64): boolean {
  return (caller.frame.rsi & MESSAGE_LENGTH_MASK) >= count;
}

export function word0(caller: Tcb): u64 {
  return caller.frame.rdx;
}

export function word1(caller: Tcb): u64 {
  return caller.frame.r10;
}

export function word2(caller: Tcb): u64 {
  return caller.frame.r8;
}

export function word3(caller: Tcb): u64 {
  return caller.frame.r9;
}

/** The two capability pointers that share a word. */
export function lowHalf(word: u64): u64 {
  return word & 0xffff_ffff;
}

export function highHalf(word: u64): u64 {
  return word >>> 32;
}

export function setResult0(caller: Tcb, value: u64): void {
  caller.frame.rdx = value;
}

export function setResults(caller: Tcb, result0: u64, result1: u64, result2: u64, result3: u64): void {
  caller.frame.rdx = result0;
  caller.frame.r10 = result1;
  caller.frame.r8 = result2;
  caller.frame.r9 = result3;
}
