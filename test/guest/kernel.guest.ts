/**
 * The kernel's own cases: an image whose root task is test/guest/kernel, booted on each processor model. Every case it
 * reports is a test here, and a report that is not complete is a failure.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type Documented, documentedInvocations, documentedOperations, errorName } from '../documented-errors.js';
import { kairo, projectRoot } from './kairo.js';
import { incompleteness, parseKtap } from './ktap.js';

const image = [
  '--kernel',
  join(projectRoot, 'build/kernel-test.elf'),
  '--initrd',
  join(projectRoot, 'build/root.cpio'),
];

/** Codes of operations in the report start here (test/guest/kernel/outcomes.ts). */
const FIRST_OPERATION = 0x100;

/** What passing cases were about: the errors of each code. */
function outcomes(output: string): Map<number, Set<number>> {
  const lines = [...output.matchAll(/^# outcome (\d+)((?: \d+)+)\r?$/gm)];
  return new Map(lines.map(([, code, errors]) => [Number(code), new Set(errors?.trim().split(' ').map(Number))]));
}

function covers({ name, errors, possible }: Documented, seen: ReadonlySet<number>): void {
  const names = (list: number[]) => list.map(errorName).join(', ');
  const missing = [...errors].filter((error) => !seen.has(error));
  assert.equal(names(missing), '', `documented for ${name}, but no case has seen it`);
  const more = [...seen].filter((error) => !possible.has(error));
  assert.equal(names(more), '', `given by ${name}, but not documented`);
}

for (const model of ['qemu64', 'Haswell', 'max']) {
  const { status, stdout, stderr } = kairo([...image, '--cpu', model], { seconds: 60 });
  const report = parseKtap(stdout.toString());

  describe(`the kernel on ${model}`, () => {
    it('reports every case it planned and powers off', () => {
      assert.equal(incompleteness(report), undefined, stderr);
      assert.ok(report.cases.length > 0);
      assert.equal(status, 0, stderr);
    });

    const seen = outcomes(stdout.toString());
    for (const invocation of documentedInvocations()) {
      it(`${invocation.name}: a case for success and for each error that lib/abi documents, and no other`, () =>
        covers(invocation, seen.get(invocation.code) ?? new Set()));
    }
    for (const operation of documentedOperations()) {
      it(`${operation.name}: a case for success and for each error that lib/abi documents, and no other`, () =>
        covers(operation, seen.get(FIRST_OPERATION + operation.code) ?? new Set()));
    }

    for (const { number, name, passed } of report.cases) {
      it(`${number} ${name}`, () => assert.ok(passed, name));
    }
  });
}
