/** What `tools/kairo run` accepts, and the one line with which it refuses the rest. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseOptions, type RawOptions, UsageError } from './options.js';

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

const parse = (changes: Partial<RawOptions>, command: string[] = []) =>
  parseOptions({ ...defaults, ...changes }, command);

function refuses(changes: Partial<RawOptions>, message: RegExp, command: string[] = []): void {
  assert.throws(
    () => parse(changes, command),
    (error: Error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, message);
      assert.ok(!error.message.includes('\n'), 'one line');
      return true;
    },
  );
}

describe('options of a run', () => {
  it('default to one processor, 256 MB, pc and PVH', () => {
    const options = parse({});
    assert.deepEqual(options.source, { kind: 'default' });
    assert.equal(options.memoryKilobytes, 256 * 1024);
    assert.equal(options.cpus, 1);
    assert.equal(options.timeoutSeconds, undefined);
  });

  it('take sizes with and without a unit, in either case', () => {
    assert.equal(parse({ memory: '16' }).memoryKilobytes, 16 * 1024);
    assert.equal(parse({ memory: '2g' }).memoryKilobytes, 2 * 1024 * 1024);
    assert.equal(parse({ memory: '65536K' }).memoryKilobytes, 65536);
  });

  it('refuse sizes, counts and times that mean nothing', () => {
    for (const memory of ['', '0', 'M', '16T', '-1', '512K', '1e3']) refuses({ memory }, /^--memory/);
    for (const cpus of ['0', '256', '-1', 'two', '1.5', '']) refuses({ cpus }, /^--cpus/);
    for (const timeout of ['0', '-1', 'soon', '', '1s', '2147484']) refuses({ timeout }, /^--timeout/);
  });

  it('refuse names that are not on the list, and say which are', () => {
    refuses({ machine: 'isapc' }, /^--machine isapc: choose pc, q35, microvm$/);
    refuses({ firmware: 'coreboot' }, /^--firmware coreboot: choose pvh, bios, uefi$/);
  });

  it('refuse what cannot be together', () => {
    refuses({ machine: 'microvm', firmware: 'bios' }, /microvm has no bios/);
    refuses({ machine: 'microvm', firmware: 'uefi' }, /microvm has no uefi/);
    refuses({ firmware: 'uefi', memory: '63M' }, /uefi needs --memory 64M/);
    refuses({ initrd: '/etc/passwd', root: '/etc' }, /exclude each other/);
    refuses({ initrd: '/etc/passwd' }, /COMMAND needs our init/, ['ls']);
    refuses({ gdb: true, timeout: '5' }, /without --timeout/);
  });

  it('refuse files and folders that are not there or of the wrong kind', () => {
    refuses({ initrd: '/nowhere' }, /--initrd \/nowhere does not exist/);
    refuses({ initrd: '/etc' }, /is not a file/);
    refuses({ root: '/etc/passwd' }, /is not a directory/);
    refuses({ kernel: '/nowhere' }, /--kernel \/nowhere does not exist/);
    refuses({ add: ['/nowhere:/bin/x'] }, /--add \/nowhere does not exist/);
  });

  it('take additions as HOST:GUEST, where HOST may hold colons', () => {
    assert.deepEqual(parse({ add: ['/etc/passwd:/x/y'] }).additions, [{ host: '/etc/passwd', guest: '/x/y' }]);
    for (const add of ['/etc', ':/x', '/etc:x', '/etc:/a/../b', '/etc:/', '/etc:/./x'])
      refuses({ add: [add] }, /^--add/);
  });
});
