/**
 * The kernel's own cases: an image whose root task is test/guest/kernel, booted on each processor model. Every case it
 * reports is a test here, and a report that is not complete is a failure.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { kairo, projectRoot } from './kairo.js';
import { incompleteness, parseKtap } from './ktap.js';

const image = [
  '--kernel',
  join(projectRoot, 'build/kernel-test.elf'),
  '--initrd',
  join(projectRoot, 'build/root.cpio'),
];

for (const model of ['qemu64', 'Haswell', 'max']) {
  const { status, stdout, stderr } = kairo([...image, '--cpu', model], { seconds: 60 });
  const report = parseKtap(stdout.toString());

  describe(`the kernel on ${model}`, () => {
    it('reports every case it planned and powers off', () => {
      assert.equal(incompleteness(report), undefined, stderr);
      assert.ok(report.cases.length > 0);
      assert.equal(status, 0, stderr);
    });

    for (const { number, name, passed } of report.cases) {
      it(`${number} ${name}`, () => assert.ok(passed, name));
    }
  });
}
