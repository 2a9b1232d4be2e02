/** The two sides of a batch: its arguments, and the results in what it prints. */
import type { Case, Result } from './cases.js';

/** Seconds after which a single case is ended. */
export const CASE_SECONDS = 30;

export function batchArguments(cases: Case[]): string[] {
  return ['/compat/batch.sh', String(CASE_SECONDS), ...cases.flatMap(({ shell, name }) => [shell, name])];
}

/** The complete results in a batch's output; what is cut off at the end counts as absent. */
export function parseBatch(output: Buffer): Map<string, Result> {
  const results = new Map<string, Result>();
  let offset = 0;
  for (;;) {
    const end = output.indexOf(0x0a, offset);
    if (end === -1) return results;
    const header = /^@@@ (\S+) (\d+) (\d+)$/.exec(output.toString('latin1', offset, end));
    if (header?.[1] === undefined) return results;
    const length = Number(header[3]);
    const start = end + 1;
    if (start + length + 1 > output.length) return results;
    results.set(header[1], { status: Number(header[2]), output: output.toString('latin1', start, start + length) });
    offset = start + length + 1;
  }
}
