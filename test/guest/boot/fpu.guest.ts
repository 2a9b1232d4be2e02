/** Floating-point and vector registers belong to each process, however the processor is shared and saves them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { script } from '../kairo.js';

const PROCESSES = 6;
const WORK = `work() { awk 'BEGIN { for (i = 1; i < 150000; i++) s += i / (i + 0.5) / 3.7; printf "%.12f\\n", s }'; }`;

/** What IEEE 754 double precision gives, in the order of awk's operations. */
function expected(): string {
  let sum = 0;
  for (let i = 1; i < 150000; i++) sum += i / (i + 0.5) / 3.7;
  return sum.toFixed(12);
}

describe('floating point in processes that preempt each other', () => {
  // qemu64 has FXSAVE only; Haswell and max keep AVX state by XSAVE, and their C library uses it.
  for (const cpu of ['qemu64', 'Haswell', 'max']) {
    it(cpu, () => {
      const text = `${WORK}; for i in $(seq ${PROCESSES}); do work >/tmp/$i & done; wait; cat /tmp/[1-${PROCESSES}]`;
      const { stdout, stderr } = script(text, ['--cpu', cpu], { seconds: 90 });
      assert.deepEqual(stdout.toString().split('\n'), [...Array(PROCESSES).fill(expected()), ''], stderr);
    });
  }
});
