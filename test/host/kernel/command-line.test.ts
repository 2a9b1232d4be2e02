// kernel/boot/command-line.ts: the words the kernel understands, wherever they stand; and the days of time.ts.

import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { BootMachine } from './boot-machine.js';

async function parsed(line: string): Promise<BootMachine> {
  const machine = await BootMachine.create();
  machine.setCommandLine(line);
  machine.call('words');
  return machine;
}

describe('words of the command line', () => {
  for (const [line, field, expected] of [
    ['', 'logLevel', 7n],
    ['quiet', 'logLevel', 4n],
    ['  quiet\tdebug ', 'logLevel', 8n],
    ['loglevel=3', 'logLevel', 3n],
    ['loglevel=', 'logLevel', 0n],
    ['loglevel=99999999999999999999', 'logLevel', 999999n],
    ['quieter xquiet quiet=1', 'logLevel', 7n],
    ['kairo.log=debugcon', 'logToDebugConsole', 1n],
    ['kairo.log=screen', 'logToScreen', 1n],
    ['kairo.log=debugconsole', 'logToDebugConsole', 0n],
    ['panic=5', 'panicSeconds', 5n],
    ['panic=-1', 'panicSeconds', 0xffff_ffff_ffff_ffffn],
    ['console=ttyS0 -- panic=0', 'panicSeconds', 0n],
    ['noapic', 'noIoApic', 1n],
  ] as const) {
    it(`'${line}': ${field} is ${expected}`, async () => {
      assert.equal((await parsed(line)).option(field), expected);
    });
  }
});

test("days since 1970 are the calendar's", async () => {
  const machine = await BootMachine.create();
  for (let year = 2000; year < 2100; year += 1) {
    for (const [month, day] of [
      [1, 1],
      [2, 28],
      [3, 1],
      [12, 31],
    ] as const) {
      const expected = Date.UTC(year, month - 1, day) / 86_400_000;
      assert.equal(Number(machine.call('days', year, month, day)), expected, `${year}-${month}-${day}`);
    }
  }
});
