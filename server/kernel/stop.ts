/** The end of the road: a broken promise inside the server stops the machine with a message, before it does harm. */
import { SYSTEM_SLOT } from '../../lib/abi/boot-information';
import { Invocation } from '../../lib/abi/invocation';
import { invoke, logByte } from '../arch/x86_64/kernel-call';

function logText(text: string): void {
  for (let index: u64 = 0; index < text.length; index++) logByte(text.charCodeAt(index));
}

/** Ends the machine; what the log says last is the reason. */
export function halt(): never {
  for (;;) invoke(SYSTEM_SLOT, Invocation.SystemPanic, 0, 0, 0, 0);
}

export function stop(reason: string): never {
  logText('server: ');
  logText(reason);
  logByte(10);
  halt();
}
