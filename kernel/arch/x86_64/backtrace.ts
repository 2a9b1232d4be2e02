/**
 * The chain of calls on a kernel stack: each function pushes the caller's rbp below its return address (System V psABI,
 * 3.2.2, with -fno-omit-frame-pointer). Every step is checked, since a panic may have a wild stack.
 */
import { LogLevel, logBegin, logByteOut, logEnd, logHexWord, logText } from '../../log.js';
import { isKernelCode, logSymbol } from './symbols.js';

const MAXIMUM_DEPTH = 32;

/** One line: an address and its name. */
export function logCodeAddress(address: u64): void {
  logBegin(LogLevel.Error);
  logText('  ');
  logHexWord(address);
  logByteOut(0x20);
  logSymbol(address);
  logEnd();
}

/** Logs the callers found from frame pointer `frame` upwards. */
export function logBacktrace(frame: u64): void {
  let at = frame;
  for (let depth = 0; depth < MAXIMUM_DEPTH; depth++) {
    if ((at & 7) !== 0 || at < imageStart() || at > imageEnd() - 16) {
      return;
    }
    const returnAddress = load64(at + 8);
    if (!isKernelCode(returnAddress)) {
      return;
    }
    logCodeAddress(returnAddress - 1); // the call, not what follows it: a call may be a function's last instruction
    const next = load64(at);
    if (next <= at) {
      return;
    }
    at = next;
  }
}
