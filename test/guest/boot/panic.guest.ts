/** A panic says what happened, where, to whom and how it came there; then the machine does what `panic=` asks. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KERNEL, Machine, STATUS_PANIC, symbol } from './machine.js';

const PROMPT = /# /;
const SYSTEM_CALL = 'kernel_foreign_system_call';

/** The complete report of an exception. */
function checkReport(log: string, what: RegExp): void {
  assert.match(log, what);
  assert.match(log, /CPU 0, thread ffff[0-9a-f]{12}, address space [0-9a-f]{16}/);
  for (const name of [
    'rax',
    'rbx',
    'rcx',
    'rdx',
    'rsi',
    'rdi',
    'rbp',
    'rsp',
    'r8 ',
    'r15',
    'rip',
    'cr2',
    'cr3',
    'cr4',
  ]) {
    assert.match(log, new RegExp(`\\b${name} [0-9a-f]{16}`), name);
  }
  assert.match(log, /---\[ end of panic \]---\n$/);
}

describe('an exception in the kernel', () => {
  it('ends QEMU with the panic status after a report with registers, thread and CPU', async () => {
    await Machine.with({}, async (machine) => {
      await machine.waitForConsole(PROMPT);
      await machine.ask('nmi');
      assert.equal(await machine.status(), STATUS_PANIC);
      checkReport(machine.log, /Kernel panic: non-maskable interrupt \(vector 2, error code 0x0\)/);
      assert.match(machine.log, /^\[.*\] {3}ffffffff80[0-9a-f]{6} leave_kernel\S*\+\d+$/m);
    });
  });

  it('reported by the processor itself is a machine check', async () => {
    await Machine.with({ cpu: 'max' }, async (machine) => {
      await machine.waitForConsole(PROMPT);
      await machine.ask('mce 0 1 0xbe00000000000005 0x7 0x1000 0x0');
      assert.equal(await machine.status(), STATUS_PANIC);
      checkReport(machine.log, /Kernel panic: machine check \(vector 18/);
    });
  });

  it('at a wild address is a page fault with that address', async () => {
    await Machine.with({}, async (machine) => {
      await machine.waitForConsole(PROMPT);
      const debug = await machine.debug();
      void machine.type('echo\n');
      await debug.runTo(symbol(SYSTEM_CALL));
      // As if a pointer to the next function had been wrong. rbp is still the client's: nothing to follow.
      await debug.setRegister(16, 0xffff_9000_0000_1234n);
      debug.go();
      assert.equal(await machine.status(), STATUS_PANIC);
      checkReport(machine.log, /Kernel panic: page fault \(vector 14, error code 0x10\)/);
      assert.match(machine.log, /cr2 ffff900000001234/);
    });
  });

  it('that overflows the kernel stack is reported from a stack of its own', async () => {
    await Machine.with({}, async (machine) => {
      await machine.waitForConsole(PROMPT);
      const debug = await machine.debug();
      void machine.type('echo\n');
      await debug.runTo(symbol(SYSTEM_CALL));
      await debug.setRegister(7, symbol('boot_stack_guard') + 0x800n);
      await debug.setRegister(16, symbol('interrupt_stubs')); // which begins with a push
      debug.go();
      assert.equal(await machine.status(), STATUS_PANIC);
      checkReport(machine.log, /Kernel panic: double fault \(vector 8/);
    });
  });
});

it('a panic names the functions that led to it, up to the entry from ring 3', async () => {
  // Without a root file system the root task gives up and asks the kernel to panic.
  const boot = ['-kernel', KERNEL, '-append', 'kairo.log=debugcon'];
  await Machine.with({ boot }, async (machine) => {
    assert.equal(await machine.status(), STATUS_PANIC);
    checkReport(
      machine.log,
      /^server: no root file system: [^\n]*\n(?:.*\n)?.*Kernel panic: the root task asked for it\n/m,
    );
    assert.match(machine.log, /in ring 3 at rip 0000000000[0-9a-f]{6}, rsp [0-9a-f]{16}/);
    const names = [...machine.log.matchAll(/^\[.*\] {3}ffffffff80[0-9a-f]{6} (\S+)\+\d+$/gm)].map(
      (match) => match[1] ?? '',
    );
    assert.ok(
      names.some((name) => name.startsWith('api_system_')),
      names.join(),
    );
    assert.equal(names.at(-1), 'system_call_entry');
  });
});

describe('after a panic', () => {
  it('panic=1 starts the machine again after a second', async () => {
    const append = 'kairo.log=debugcon panic=1';
    await Machine.with({ append, bare: true }, async (machine) => {
      await machine.waitForConsole(PROMPT);
      await machine.ask('nmi');
      await machine.waitForLog('end of panic');
      assert.ok(await machine.isRunningAfter(500));
      assert.equal(await machine.status(), 0);
    });
  });

  it('without panic= it halts, with the report on the screen', async () => {
    await Machine.with({ append: 'loglevel=8', bare: true }, async (machine) => {
      await machine.waitForConsole(PROMPT);
      await machine.ask('nmi');
      await machine.waitForConsole('end of panic');
      assert.ok(await machine.isRunningAfter(1500));
      const cells = await machine.physical(0xb8000, 4000);
      const text = String.fromCharCode(...cells.filter((_, index) => index % 2 === 0));
      assert.match(text, /Kernel panic: non-maskable interrupt/);
    });
  });
});
