/** Lays figures out beside the peers'. */
import type { Row } from './peers.js';

export interface Figure {
  row: Row;
  /** Undefined where the measurement gave nothing. */
  kairo: number | undefined;
}

/** What a row is judged by: the lowest of the peers' figures. */
export function best(row: Row): number | undefined {
  const known = [row.linux, row.linuxHere, row.sel4].filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

export function verdictOf({ row, kairo }: Figure): string {
  const peer = best(row);
  if (kairo === undefined) return 'not measured';
  if (peer === undefined) return '';
  const ratio = `${(kairo / peer).toFixed(2)}x`;
  if (kairo <= peer) return ratio;
  return row.owed ? `${ratio}, owed: not there yet` : ratio;
}

export function formatTable(heading: string, figures: Figure[]): string {
  const lines = [
    [heading, 'Kairo', 'Linux', 'Linux, same program', 'seL4', 'against the best peer'],
    ...figures.map((figure) => [
      figure.row.title,
      number(figure.kairo),
      number(figure.row.linux),
      number(figure.row.linuxHere),
      number(figure.row.sel4),
      verdictOf(figure),
    ]),
  ];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  const text = lines.map((line) =>
    line
      .map((cell, column) =>
        column === 0 || column === 5 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  text.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  return `${text.join('\n')}\n`;
}

function number(value: number | undefined): string {
  return value === undefined ? '-' : value.toLocaleString('en-US');
}

/** `name<TAB>value` lines, as the measuring programs print them; others are ignored. */
export function parseFigures(output: string): Map<string, number> {
  const figures = new Map<string, number>();
  for (const line of output.split('\n')) {
    const match = /^([a-z0-9-]+)\t(\d+)$/.exec(line);
    if (match?.[1] !== undefined) figures.set(match[1], Number(match[2]));
  }
  return figures;
}

/** `# name: 12.3 ticks` lines, as the kernel's tests print them between their cases. */
export function parseKernelFigures(output: string): Map<string, number> {
  const figures = new Map<string, number>();
  for (const line of output.split(/\r?\n/)) {
    const match = /^# (.+): (\d+(?:\.\d+)?) ticks$/.exec(line);
    if (match?.[1] !== undefined) figures.set(match[1], Number(match[2]));
  }
  return figures;
}
