/** What the root task finds at its start. */
import { BOOT_MAGIC, FIRST_UNTYPED_SLOT } from '../../../lib/abi/boot-information.js';
import { KernelError } from '../../../lib/abi/error.js';
import { Invocation } from '../../../lib/abi/invocation.js';
import { invoke, result0, result1 } from './arch/x86_64/kernel.js';
import { bootInformationAt } from './arch/x86_64/memory.js';
import { check, expect, family } from './report.js';

export function testBoot(information: u64): void {
  const boot = bootInformationAt(information);
  family('boot');
  expect(boot.magic, BOOT_MAGIC, 'the boot information has its magic number');
  check(boot.untypedCount > 0, 'there is untyped memory');
  check(boot.untypedMemory < boot.totalMemory, 'the kernel has some of the memory');
  let wrong: u64 = 0;
  for (let index: u64 = 0; index < boot.untypedCount; index++) {
    const error = invoke(FIRST_UNTYPED_SLOT + index, Invocation.UntypedStatus, 0, 0, 0, 0);
    if (error !== KernelError.None || result0() !== boot.untyped[index].physical) {
      wrong++;
    } else if (result1() !== boot.untyped[index].bits) {
      wrong++;
    }
  }
  expect(wrong, 0, 'every Untyped is what the list says');
}
