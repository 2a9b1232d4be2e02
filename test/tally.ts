/** How many tests of a kind passed and failed. */
export interface Tally {
  passed: number;
  failed: number;
}

export function add(left: Tally, right: Tally): Tally {
  return { passed: left.passed + right.passed, failed: left.failed + right.failed };
}
