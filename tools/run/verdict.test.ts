/** How each ending of a run shows: one status and one first line for each, none of them mistaken for success. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Ending, judge } from './verdict.js';

const powerOff: Ending = {
  code: 33,
  signal: null,
  qemuErrors: '',
  shutdownReason: 'guest-shutdown',
  status: undefined,
  statusOwed: false,
  timeout: undefined,
  position: '',
  channelError: undefined,
  log: '',
  logShown: false,
};

describe('the verdict on a run', () => {
  it("is the command's status, whatever it is", () => {
    for (const status of [0, 1, 42, 124, 126, 137, 255]) {
      assert.deepEqual(judge({ ...powerOff, status, statusOwed: true }), { status, lines: [] });
    }
  });

  it('is 0 for a power-off when nobody asked for a status, by debug-exit or by ACPI', () => {
    assert.equal(judge(powerOff).status, 0);
    assert.equal(judge({ ...powerOff, code: 0 }).status, 0);
  });

  it('is a failure when the command never reported', () => {
    const verdict = judge({ ...powerOff, statusOwed: true });
    assert.equal(verdict.status, 126);
    assert.match(verdict.lines[0] ?? '', /before COMMAND reported/);
  });

  it("is 125 for a panic, with the panic's text even after a status", () => {
    const verdict = judge({
      ...powerOff,
      code: 65,
      status: 0,
      log: '0\n1\n2\n3\n4\n5\n6\nKernel panic: bad\nRIP=1\n---[ end of panic ]---\n',
    });
    assert.deepEqual(verdict, {
      status: 125,
      lines: [
        'kairo: panic: the kernel stopped',
        '  1',
        '  2',
        '  3',
        '  4',
        '  5',
        '  6',
        '  Kernel panic: bad',
        '  RIP=1',
        '  ---[ end of panic ]---',
      ],
    });
  });

  it('is 125 for a reset that no power-off announced', () => {
    assert.equal(judge({ ...powerOff, code: 0, shutdownReason: 'guest-reset' }).status, 125);
  });

  it('is 124 when time ran out, and says where the processors stood', () => {
    const verdict = judge({ ...powerOff, code: null, signal: 'SIGKILL', timeout: 3, position: 'RIP=5' });
    assert.deepEqual(verdict, {
      status: 124,
      lines: ['kairo: time-out: the guest was still running after 3 s', '  RIP=5'],
    });
  });

  it("is 126 when QEMU fails, in QEMU's words", () => {
    const verdict = judge({ ...powerOff, code: 1, shutdownReason: undefined, qemuErrors: 'no such cpu\n' });
    assert.deepEqual(verdict, { status: 126, lines: ['kairo: failure: QEMU exited with status 1', '  no such cpu'] });
    assert.equal(judge({ ...powerOff, code: null, signal: 'SIGSEGV' }).status, 126);
    assert.equal(judge({ ...powerOff, code: 0, shutdownReason: undefined }).status, 126);
  });

  it('is 126 when the channel carries nonsense', () => {
    const verdict = judge({ ...powerOff, code: null, signal: 'SIGKILL', channelError: 'a frame of type 0x0' });
    assert.equal(verdict.status, 126);
    assert.match(verdict.lines[0] ?? '', /type 0x0/);
  });
});
