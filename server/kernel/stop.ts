/** The end of the road: a broken promise inside the server stops the machine with a message, before it does harm. */
import { SYSTEM_SLOT } from '../../lib/abi/boot-information';
import { Invocation } from '../../lib/abi/invocation';
import { invoke, logByte } from '../arch/x86_64/kernel-call';

/** Writes `text` and a newline to the kernel's log. */
export function logLine(text: string): void {
  for (let index: u64 = 0; index < text.length; index++) logByte(text.charCodeAt(index));
  logByte(10);
}

export function stop(reason: string): never {
  logLine('server: stopped');
  logLine(reason);
  for (;;) invoke(SYSTEM_SLOT, Invocation.SystemPanic, 0, 0, 0, 0);
}
