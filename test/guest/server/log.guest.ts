/** What the process server says of system calls when it is asked to: unknown ones, and all of them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { kairo } from '../kairo.js';
import { golden, withPrograms } from './programs.js';

function logOf(program: string, append: string, status: number, stdout: string): string[] {
  const outcome = kairo([...withPrograms(program), '--verbose', '--append', append, '--', program]);
  assert.equal(outcome.stdout.toString(), stdout, outcome.stderr);
  assert.equal(outcome.status, status, outcome.stderr);
  return outcome.stderr.split('\n');
}

describe('a system call that does not exist', () => {
  const numbers = ['500', '777', '1023', '100000', '-1'];
  const answers = numbers.map((number) => `${number}: -1, ENOSYS\n`).join('');

  it('returns ENOSYS, and is logged once per number at loglevel=7', () => {
    const lines = logOf('unknown-calls', 'loglevel=7', 0, answers);
    const said = lines.filter((line) => line.includes('syscall_'));
    const unsigned = numbers.map((number) => BigInt.asUintN(64, BigInt(number)));
    assert.deepEqual(
      said,
      unsigned.map((number) => `system call syscall_${number} (${number}) is not offered: ENOSYS`),
    );
  });

  it('is not logged otherwise', () => {
    const lines = logOf('unknown-calls', 'loglevel=6', 0, answers);
    assert.deepEqual(
      lines.filter((line) => line.includes('not offered')),
      [],
    );
  });
});

describe('kairo.trace=1', () => {
  it('writes each call as a line, in the manner of strace', () => {
    const lines = logOf('traced', 'kairo.trace=1', 3, '');
    const first = lines.findIndex((line) => line.includes('execve("/bin/traced"'));
    const last = lines.findIndex((line, index) => index > first && line.includes('exit_group'));
    const pid = /^\[(\d+)\]/.exec(lines[first] ?? '')?.[1] ?? '?';
    const traced = lines.slice(first, last + 1).map((line) =>
      line
        .replace(/0x[0-9a-f]{6,}/g, 'ADDRESS')
        .replace(`[${pid}]`, '[PID]')
        .replace(new RegExp(`= ${pid}$`), '= PID'),
    );
    assert.equal(`${traced.join('\n')}\n`, golden('traced.txt'));
  });
});
