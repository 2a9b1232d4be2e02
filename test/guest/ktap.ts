/** Reads KTAP (Documentation/dev-tools/ktap.rst) out of a serial line on which other text may be mixed in. */

export interface KtapCase {
  number: number;
  name: string;
  passed: boolean;
}

export interface KtapReport {
  cases: KtapCase[];
  /** The number of cases that the plan promises; undefined if the run stopped before it said so. */
  planned: number | undefined;
  /** What a test said when it could not go on (`Bail out!`). */
  bailedOut: string | undefined;
}

export function parseKtap(text: string): KtapReport {
  const report: KtapReport = { cases: [], planned: undefined, bailedOut: undefined };
  let started = false;
  for (const line of text.split(/\r?\n/)) {
    if (/^KTAP version \d+$/.test(line)) started = true;
    if (!started) continue;
    const bail = /Bail out! ?(.*)$/.exec(line);
    if (bail !== null) report.bailedOut ??= bail[1];
    const plan = /^1\.\.(\d+)$/.exec(line);
    if (plan !== null) report.planned = Number(plan[1]);
    const result = /^(not )?ok (\d+) (.*)$/.exec(line);
    if (result !== null) {
      report.cases.push({ number: Number(result[2]), name: result[3] ?? '', passed: result[1] === undefined });
    }
  }
  return report;
}

/** What is wrong with a report as a whole, or undefined. */
export function incompleteness({ cases, planned, bailedOut }: KtapReport): string | undefined {
  if (bailedOut !== undefined) return `bailed out: ${bailedOut}`;
  if (planned === undefined) return `no plan: the run stopped after case ${cases.length}`;
  if (planned !== cases.length) return `${cases.length} cases of ${planned} planned`;
  const odd = cases.findIndex(({ number }, index) => number !== index + 1);
  return odd === -1 ? undefined : `case ${odd + 1} is numbered ${cases[odd]?.number}`;
}
