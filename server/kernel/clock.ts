/** The kernel's Clock: one deadline, signalled to the server's notification. */
import { CLOCK_SLOT } from '../../lib/abi/boot-information';
import { Invocation } from '../../lib/abi/invocation';
import { invoke } from '../arch/x86_64/kernel-call';
import { eventNotification } from './endpoint';

/** Has the clock signal `badge` when its deadline has come. */
export function bindClock(badge: u64): void {
  invoke(CLOCK_SLOT, Invocation.ClockSetNotification, eventNotification, badge, 0, 0);
}

/** The time stamp at which to be woken; 0: never. */
export function setClockDeadline(tick: u64): void {
  invoke(CLOCK_SLOT, Invocation.ClockSetDeadline, tick, 0, 0, 0);
}
