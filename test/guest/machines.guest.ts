/** The kernel comes up on every machine, firmware, processor model and memory size that it promises. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { script } from './kairo.js';

function comesUp(words: string[], seconds = 60): void {
  const { status, stdout, stderr } = script('echo up; exit 7', words, { seconds });
  assert.equal(stdout.toString(), 'up\n', stderr);
  assert.equal(status, 7);
}

describe('machine and firmware', () => {
  for (const [machine, firmware, memory] of [
    ['pc', 'pvh', '256M'],
    ['q35', 'pvh', '256M'],
    ['microvm', 'pvh', '256M'],
    ['pc', 'bios', '256M'],
    ['q35', 'bios', '256M'],
    ['pc', 'uefi', '256M'],
    ['q35', 'uefi', '256M'],
  ] as const) {
    it(`${machine} by ${firmware}`, () => {
      comesUp(['--machine', machine, '--firmware', firmware, '--memory', memory], firmware === 'uefi' ? 120 : 60);
    });
  }
});

describe('processor model', () => {
  for (const model of ['qemu64', 'Haswell', 'max']) {
    it(model, () => comesUp(['--cpu', model]));
  }

  it('several processors', () => comesUp(['--cpus', '4']));
});

describe('memory', () => {
  for (const [memory, firmware] of [
    ['16M', 'pvh'],
    ['32M', 'pvh'],
    ['8G', 'pvh'],
    ['16M', 'bios'],
    ['8G', 'bios'],
    ['64M', 'uefi'],
    ['8G', 'uefi'],
  ] as const) {
    it(`${memory} by ${firmware}`, () => comesUp(['--memory', memory, '--firmware', firmware], 120));
  }
});

describe('words of --append', () => {
  for (const firmware of ['pvh', 'bios', 'uefi']) {
    it(`reach init one by one, spaces in quotes kept: ${firmware}`, () => {
      const words = ['--append', 'word NAME=x', '--append', 'TEXT="two words" loglevel=7'];
      const show = 'tr "\\0" "\\n" </proc/1/cmdline | tail -n +4; echo "$TEXT, $NAME"';
      const { stdout, stderr } = script(show, ['--firmware', firmware, ...words], { seconds: 120 });
      assert.equal(stdout.toString(), 'word\ntwo words, x\n', stderr);
    });
  }
});

describe('counted instructions', () => {
  it('are the same on every run', () => {
    const run = () =>
      script('awk "BEGIN {for (i = 0; i < 1000; i++) s += i; print s}"; cat /proc/uptime', ['--icount']);
    const first = run();
    assert.equal(first.status, 0, first.stderr);
    assert.equal(run().stdout.toString(), first.stdout.toString());
  });
});
