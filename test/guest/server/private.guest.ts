/** What is private to a process, and what its signal frames bring back: as the same program finds them on Linux. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { kairo } from '../kairo.js';
import { golden, withPrograms } from './programs.js';

it('/proc shows another user nothing of memory and links; sigreturn restores the alternate stack', () => {
  const { status, stdout, stderr } = kairo([...withPrograms('private'), '--', 'private']);
  assert.equal(stdout.toString(), golden('private.txt'), stderr);
  assert.equal(status, 0);
});
