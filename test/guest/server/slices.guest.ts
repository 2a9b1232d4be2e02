/**
 * No request holds the process server for more than 1,000,000 instructions: while one process has something long done,
 * another's calls are answered all along. Under --icount the time-stamp counter counts instructions.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { script } from '../kairo.js';
import { withPrograms } from './programs.js';

const LIMIT = 1_000_000;
const works: [name: string, what: string][] = [
  ['read', 'reads 256 MB of /dev/zero at once'],
  ['write', 'writes 64 MB to a tmpfs at once'],
  ['unlink', 'removes a file of 64 MB'],
  ['fork', 'forks with 64 MB touched'],
  ['munmap', 'unmaps 64 MB'],
  ['mprotect', 'protects 64 MB'],
  ['exit', 'exits with 64 MB touched'],
  ['execve', 'executes with 64 MB touched and 1.8 MB of arguments'],
];

describe('one process is answered within 1,000,000 instructions while another', () => {
  for (const [name, what] of works) {
    it(what, () => {
      const words = [...withPrograms('slices'), '--icount', '--memory', '512M'];
      const { status, stdout, stderr } = script(`slices ${name}`, words, { seconds: 120 });
      const told = /status 0, (\d+) calls, longest (\d+)$/m.exec(stdout.toString());
      assert.ok(status === 0 && told !== null, `${stdout}${stderr}`);
      assert.ok(Number(told[1]) > 1000, `only ${told[1]} calls`);
      assert.ok(Number(told[2]) < LIMIT, `${told[2]} instructions between two answers`);
    });
  }
});
