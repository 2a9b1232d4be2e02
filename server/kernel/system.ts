/** Power: through the System capability the kernel gave at boot. */
import { SYSTEM_SLOT } from '../../lib/abi/boot-information';
import { Invocation } from '../../lib/abi/invocation';
import { invoke } from '../arch/x86_64/kernel-call';

export function powerOff(): void {
  invoke(SYSTEM_SLOT, Invocation.SystemPowerOff, 0, 0, 0, 0);
}

export function reboot(): void {
  invoke(SYSTEM_SLOT, Invocation.SystemReboot, 0, 0, 0, 0);
}
