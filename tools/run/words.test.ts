/** The kernel command line, the choice of streams, and the command file that init runs. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseOptions, type RawOptions } from './options.js';
import { qemuArguments } from './qemu.js';
import { chooseCommand, chooseStreams, commandFile, kernelWords } from './words.js';

const defaults: RawOptions = {
  add: [],
  append: [],
  cpus: '1',
  memory: '256M',
  machine: 'pc',
  firmware: 'pvh',
  icount: false,
  verbose: false,
  gdb: false,
};
const options = (changes: Partial<RawOptions> = {}, command: string[] = []) =>
  parseOptions({ ...defaults, ...changes }, command);

describe('streams', () => {
  it('are the console between two terminals, and frames otherwise', () => {
    assert.deepEqual(chooseStreams(options(), true, true), { stdio: 'console', terminal: true, channel: true });
    for (const [input, output] of [
      [true, false],
      [false, true],
      [false, false],
    ] as const) {
      assert.deepEqual(chooseStreams(options(), input, output), { stdio: 'host', terminal: false, channel: true });
    }
  });

  it('are always the console for an initramfs with an init of its own', () => {
    const foreign = options({ initrd: '/etc/passwd' });
    assert.deepEqual(chooseStreams(foreign, false, false), { stdio: 'console', terminal: false, channel: true });
  });
});

describe('under gdb', () => {
  it('there is no second serial line, so none is promised to the guest', () => {
    const chosen = options({ gdb: true });
    assert.ok(!kernelWords(chosen, chooseStreams(chosen, true, true), undefined).includes('kairo.host=com2'));
  });
});

describe('the command', () => {
  it('is a shell that reads standard input when none is given and input is no terminal', () => {
    assert.deepEqual(chooseCommand(options(), chooseStreams(options(), false, false)), ['/bin/sh']);
    assert.deepEqual(chooseCommand(options(), chooseStreams(options(), true, true)), []);
  });

  it('reaches the guest word for word', () => {
    const word = fc.string({ unit: 'binary-ascii' }).map((text) => text.replaceAll('\0', ''));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), (words) => {
        const result = spawnSync('/bin/sh', ['-c', commandFile(['printf', '%s\\0', ...words, 'end'])]);
        assert.equal(result.stdout.toString('latin1'), [...words, 'end'].map((text) => `${text}\0`).join(''));
      }),
      { numRuns: 50 },
    );
  });
});

describe('kernel words', () => {
  it("are ours first and the user's last", () => {
    const chosen = options({ append: ['loglevel=7', 'a b'] });
    assert.equal(
      kernelWords(chosen, chooseStreams(chosen, false, false), '/.kairo/init').join(' '),
      'console=ttyS0 kairo.log=debugcon kairo.host=com2 kairo.stdio=host rdinit=/.kairo/init loglevel=7 a b',
    );
  });
});

describe('the QEMU command line', () => {
  const line = (changes: Partial<RawOptions>, iso?: string) =>
    qemuArguments(options(changes), { kernel: 'k', initrd: 'i', ...(iso === undefined ? {} : { iso }) }, ['w']).join(
      ' ',
    );

  it('counts instructions on qemu64 with --icount, and on another model when told', () => {
    const expected =
      '-accel tcg,thread=single -icount shift=0,sleep=off -rtc base=2026-01-01T00:00:00,clock=vm -seed 1';
    assert.ok(line({ icount: true }).includes(`-cpu qemu64 ${expected}`));
    assert.ok(line({ icount: true, cpu: 'Haswell' }).includes(`-cpu Haswell ${expected}`));
    assert.ok(!line({}).includes('-icount'));
  });

  it('gives a microvm its legacy devices and no screen', () => {
    assert.match(line({ machine: 'microvm' }), /-M microvm,isa-serial=on/);
    assert.ok(!line({ machine: 'microvm' }).includes('-vga'));
    assert.match(line({ machine: 'q35' }), /-M q35 -vga std/);
  });

  it('boots kernel and initrd without firmware, and the ISO with', () => {
    assert.match(line({}), /-kernel k -initrd i -append w$/);
    assert.match(line({ firmware: 'bios' }, 'x.iso'), /-boot d -cdrom x.iso$/);
    assert.match(line({ firmware: 'uefi' }, 'x.iso'), /-bios \S+OVMF.fd -boot d -cdrom x.iso$/);
    assert.ok(!line({ firmware: 'bios' }, 'x.iso').includes('-kernel'));
  });
});
