/** What protects the kernel on a running machine: page rights, and the processor features that enforce them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Machine, symbol } from './machine.js';

const PROMPT = /# /;
const KERNEL_HALF = 0x8000_0000_0000_0000n;

interface Page {
  address: bigint;
  noExecute: boolean;
  user: boolean;
  writable: boolean;
}

/** `info tlb`: address, physical address, and one letter or dash for each bit XGPDACTUW. */
async function pages(machine: Machine): Promise<Page[]> {
  const text = await machine.ask('info tlb');
  return [...text.matchAll(/^([0-9a-f]{16}): [0-9a-f]{16} ([-XGPDACTUW]{9})$/gm)].map((match) => {
    const flags = match[2] ?? '';
    return {
      address: BigInt(`0x${match[1]}`),
      noExecute: flags.includes('X'),
      user: flags.includes('U'),
      writable: flags.includes('W'),
    };
  });
}

describe('page rights', () => {
  it("no page is writable and executable; the kernel's are not the user's; the stack has a guard", async () => {
    await Machine.with({}, async (machine) => {
      await machine.waitForConsole(PROMPT);
      const all = await pages(machine);
      const kernel = all.filter(({ address }) => address >= KERNEL_HALF);
      assert.ok(kernel.length > 50, 'the kernel is mapped');
      for (const page of all) {
        const where = page.address.toString(16);
        assert.ok(page.noExecute || !page.writable, `${where} is writable and executable`);
        assert.equal(page.user, page.address < KERNEL_HALF, `${where} is in the wrong half`);
      }
      const at = (address: bigint) => kernel.find((page) => page.address === (address & ~0xfffn));
      const text = at(symbol('leave_kernel'));
      assert.ok(text !== undefined && !text.noExecute && !text.writable, 'text is executable and read-only');
      const constants = at(symbol('symbol_table'));
      assert.ok(constants?.noExecute && !constants.writable, 'constants are read-only');
      assert.equal(at(symbol('boot_stack_guard')), undefined, 'nothing below the boot stack');
    });
  });
});

const CR0_WP = 1n << 16n;
const CR4 = { UMIP: 1n << 11n, FSGSBASE: 1n << 16n, OSXSAVE: 1n << 18n, SMEP: 1n << 20n, SMAP: 1n << 21n };
const EFER_NXE = 1n << 11n;

describe('processor features in use', () => {
  for (const [cpu, used] of [
    ['qemu64', []],
    ['Haswell', ['OSXSAVE', 'SMEP']],
    ['max', ['OSXSAVE', 'SMEP', 'SMAP', 'UMIP']],
  ] as const) {
    it(`${cpu}: ${used.length === 0 ? 'only the basic ones' : used.join(', ')}; never FSGSBASE`, async () => {
      await Machine.with({ cpu }, async (machine) => {
        await machine.waitForConsole(PROMPT);
        const control = await machine.register('CR4');
        for (const [name, bit] of Object.entries(CR4)) {
          assert.equal((control & bit) !== 0n, (used as readonly string[]).includes(name), name);
        }
        assert.notEqual((await machine.register('CR0')) & CR0_WP, 0n);
        assert.notEqual((await machine.register('EFER')) & EFER_NXE, 0n);
      });
    });
  }
});
