/**
 * A sample application: ordinary TypeScript (maps, closures, classes, exceptions, sorting, floating point, JSON) that
 * reads a small table of measurements from text and prints a report as JSON. The text is the same on every system.
 */

interface Measurement {
  host: string;
  seconds: number;
  failed: boolean;
}

abstract class Statistic {
  abstract readonly name: string;
  abstract of(values: number[]): number;
}

class Mean extends Statistic {
  readonly name = 'mean';
  of(values: number[]): number {
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  }
}

class Median extends Statistic {
  readonly name = 'median';
  of(values: number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = Math.floor(sorted.length / 2);
    const upper = sorted[middle] ?? 0;
    return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
  }
}

function parse(text: string): Measurement[] {
  return text
    .split('\n')
    .filter((line) => line.length > 0)
    .map((line, index) => {
      const [host, seconds, state] = line.split(' ');
      const value = Number(seconds);
      if (host === undefined || Number.isNaN(value)) throw new Error(`line ${index + 1}: no number in "${line}"`);
      return { host, seconds: value, failed: state === 'failed' };
    });
}

function groupBy<T>(items: T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const known = groups.get(key(item));
    if (known) known.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

/** Rounds to `digits` decimals. */
const rounding = (digits: number) => (value: number) => Math.round(value * 10 ** digits) / 10 ** digits;

function reasonOf(work: () => unknown): string {
  try {
    work();
    return 'none';
  } catch (error) {
    return error instanceof Error ? error.message : 'unknown';
  }
}

const INPUT = 'alpha 1.25\nbeta 0.5\nalpha 2.75 failed\ngamma 10\nbeta 0.25\nalpha 4.1\nbeta 7.125 failed\n';
const round = rounding(3);
const statistics: Statistic[] = [new Mean(), new Median()];
const measurements = parse(INPUT);

const hosts = [...groupBy(measurements, (measurement) => measurement.host).entries()].map(([host, rows]) => {
  const seconds = rows.map((row) => row.seconds);
  const figures: Record<string, number> = {};
  for (const statistic of statistics) figures[statistic.name] = round(statistic.of(seconds));
  return { host, runs: rows.length, failed: rows.filter((row) => row.failed).length, ...figures };
});
hosts.sort((a, b) => b.runs - a.runs || (a.host < b.host ? -1 : 1));

const report = {
  title: 'Measurements by host'.toUpperCase(),
  total: measurements.length,
  hosts,
  rejected: reasonOf(() => parse('alpha 1\nbeta one\n')),
  roundTrip: JSON.stringify(JSON.parse('{"list":[1,2.5,{"deep":null}],"text":"a\\"b\\\\c","yes":true}')),
};
console.log(JSON.stringify(report, null, 2));
