/** Switching off and starting again, with QEMU's exit device and as a real machine does it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Machine, STATUS_POWER_OFF } from './machine.js';

const PROMPT = /# /;

async function end(command: string, machine: string, bare: boolean): Promise<number | null> {
  let status: number | null = null;
  await Machine.with({ machine, bare }, async (running) => {
    await running.waitForConsole(PROMPT);
    await running.type(`${command}\n`);
    status = await running.status();
  });
  return status;
}

describe('power', () => {
  it('off tells QEMU', async () => assert.equal(await end('poweroff -f', 'pc', false), STATUS_POWER_OFF));
  it('off by ACPI on pc', async () => assert.equal(await end('poweroff -f', 'pc', true), 0));
  it('off by ACPI on q35', async () => assert.equal(await end('poweroff -f', 'q35', true), 0));
  it('off by ACPI on microvm', async () => assert.equal(await end('poweroff -f', 'microvm', true), 0));
  // QEMU runs with -no-reboot: a reset ends it.
  it('reset on pc', async () => assert.equal(await end('reboot -f', 'pc', true), 0));
  it('reset on q35', async () => assert.equal(await end('reboot -f', 'q35', true), 0));
  it('reset on microvm', async () => assert.equal(await end('reboot -f', 'microvm', true), 0));
});
