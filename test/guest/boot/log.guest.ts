/** Where the kernel's log goes, and how much of it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Machine } from './machine.js';

const PROMPT = /# /;
const BANNER = 'Kairo: a capability kernel in TypeScript';

async function boot(append: string): Promise<{ log: string; console: string }> {
  let result = { log: '', console: '' };
  await Machine.with({ append }, async (machine) => {
    await machine.waitForConsole(PROMPT);
    result = { log: machine.log, console: machine.console };
  });
  return result;
}

describe('the kernel log', () => {
  it('goes to the console by default', async () => {
    const { log, console } = await boot('');
    assert.match(console, new RegExp(`\\[ +0\\.\\d{6}\\] ${BANNER}`));
    assert.equal(log, '');
  });

  it('goes to the debug console, and nowhere else, with kairo.log=debugcon', async () => {
    const { log, console } = await boot('kairo.log=debugcon');
    assert.match(log, new RegExp(BANNER));
    assert.doesNotMatch(console, new RegExp(BANNER));
  });

  it('says how much memory and which timer and interrupt controller there are', async () => {
    const { log } = await boot('kairo.log=debugcon loglevel=8');
    const match = /memory: (\d+) KB, of which free (\d+) KB; module (\d+) KB/.exec(log);
    assert.ok(match);
    const [, total = '', free = '', module = ''] = match;
    assert.ok(Number(total) > 120 * 1024 && Number(total) <= 128 * 1024, total);
    assert.ok(Number(free) + Number(module) <= Number(total));
    assert.match(log, /cpu: 1 processor, \d+ MHz, interrupts by I\/O APIC/);
  });

  it('has time stamps that never go back', async () => {
    const { log } = await boot('kairo.log=debugcon loglevel=8');
    const stamps = [...log.matchAll(/^\[ *(\d+\.\d{6})\]/gm)].map((match) => Number(match[1]));
    assert.ok(stamps.length > 3);
    assert.deepEqual(
      stamps,
      [...stamps].sort((a, b) => a - b),
    );
  });

  it('is silent with quiet', async () => {
    const { log, console } = await boot('quiet kairo.log=debugcon');
    assert.doesNotMatch(log + console, new RegExp(BANNER));
  });
});
