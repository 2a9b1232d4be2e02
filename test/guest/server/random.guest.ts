/**
 * Random and hostile programs: whatever they do to the processor, and whatever they ask of the process server, ends
 * with them. The machine goes on, and what they used comes back.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { effort, seed } from '../../seed.js';
import { script } from '../kairo.js';
import { counters, golden, withPrograms } from './programs.js';

/** Runs `warmUp` and then `command`; what it leaves in use must be less than `slack` kilobytes. */
function leavesNothing(warmUp: string, command: string, program: string, slack: number, ...words: string[]): void {
  const { status, stdout, stderr } = script(
    `${counters}
    cd /tmp; ${warmUp} >/dev/null
    before=$(settled); processes=$(alive)
    ${command} || exit 1
    echo "left $((before - $(settled))) kB, $(($(alive) - processes)) processes"`,
    [...withPrograms(program), '--verbose', ...words],
    { seconds: 150 * effort },
  );
  const told = `${command}\n${stdout}\n${stderr}`;
  assert.equal(status, 0, told);
  assert.doesNotMatch(stderr, /panic|server:/i, told);
  const left = /^left (-?\d+) kB, (-?\d+) processes$/m.exec(stdout.toString());
  assert.ok(left !== null, told);
  assert.ok(Number(left[1]) <= slack, told);
  assert.equal(Number(left[2]), 0, told);
}

describe('programs that misuse the processor', () => {
  for (const model of ['qemu64', 'max']) {
    it(`get the signals that Linux gives them, on ${model}`, () => {
      const { status, stdout, stderr } = script('hostile-faults', [
        ...withPrograms('hostile-faults'),
        ...['--cpu', model],
      ]);
      assert.equal(stdout.toString(), golden('hostile-faults.txt'), stderr);
      assert.equal(status, 0);
    });
  }

  it('through forged signal frames and random code leave nothing behind', () => {
    leavesNothing('hostile-faults 1 20', `hostile-faults ${seed} ${100 * effort}`, 'hostile-faults', 256);
  });
});

describe('programs that make random system calls', () => {
  it('are survived, and leave nothing behind', () => {
    leavesNothing('random-calls 1 20 3000', `random-calls ${seed} ${30 * effort} 3000`, 'random-calls', 512);
  });

  it('are survived in the smallest of slices, between which others run', () => {
    const command = `random-calls ${seed + 1} ${30 * effort} 3000`;
    leavesNothing('random-calls 1 20 3000', command, 'random-calls', 512, '--append', 'kairo.budget=1');
  });
});
