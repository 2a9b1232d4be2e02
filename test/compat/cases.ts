/**
 * The compatibility cases: one shell script each under test/compat/cases, run on Linux and on Kairo in the same root.
 * A script's first lines say in comments what it shows and, when it is not for the plain shell, which shell runs it:
 *   # Shows: the field's words for the topic
 *   # Shell: bash
 *   # Needs: root      (what Linux grants only to root outside of user name spaces; such a case has a pattern)
 * What both systems print must be the same bytes, unless a file NAME.pattern says what each line must look like.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Case {
  name: string;
  shows: string;
  /** What runs the script: a path inside the root, and its options. */
  shell: string;
  /** Linux lets only root do this, and root of a user name space is not enough (user_namespaces(7)). */
  needsRoot: boolean;
  /** One regular expression per line of output; undefined where the bytes must be Linux's. */
  pattern: string[] | undefined;
}

export interface Result {
  status: number;
  output: string;
}

const shells: Record<string, string> = { sh: '/bin/sh', bash: '/bin/bash', zsh: '/bin/zsh', sash: '/bin/sash -f' };

export function readCases(folder: string): Case[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sh'))
    .sort()
    .map((file) => {
      const name = file.slice(0, -'.sh'.length);
      const path = join(folder, `${name}.pattern`);
      const pattern = existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : undefined;
      const header = parseHeader(name, readFileSync(join(folder, file), 'utf8'));
      if (header.needsRoot && pattern === undefined) throw new Error(`${name}.sh needs root, and so a pattern`);
      return { ...header, pattern };
    });
}

export function parseHeader(name: string, script: string): Omit<Case, 'pattern'> {
  const value = (key: string) => new RegExp(`^# ${key}: (.+)$`, 'm').exec(script)?.[1];
  const shows = value('Shows');
  if (shows === undefined) throw new Error(`${name}.sh does not say what it shows`);
  const shell = shells[value('Shell') ?? 'sh'];
  if (shell === undefined) throw new Error(`${name}.sh names an unknown shell`);
  const needs = value('Needs');
  if (needs !== undefined && needs !== 'root') throw new Error(`${name}.sh needs an unknown thing`);
  return { name, shows, shell, needsRoot: needs === 'root' };
}

/**
 * Undefined if `actual` is what it should be, else what is wrong, in a line or two. Without a result of Linux only a
 * pattern can tell.
 */
export function compare(wanted: Case, linux: Result | undefined, actual: Result): string | undefined {
  if (wanted.pattern !== undefined) {
    const problem = linux === undefined ? undefined : mismatch(wanted.pattern, linux, 'on Linux');
    return problem ?? mismatch(wanted.pattern, actual, 'on Kairo');
  }
  if (linux === undefined) return 'Linux gave no result';
  if (actual.status !== linux.status) {
    return `status ${actual.status}, on Linux ${linux.status}; output ends ${quote(actual.output.slice(-200))}`;
  }
  return firstDifference(linux.output, actual.output);
}

function firstDifference(expected: string, actual: string): string | undefined {
  if (expected === actual) return undefined;
  const wanted = expected.split('\n');
  const lines = actual.split('\n');
  const index = wanted.findIndex((line, position) => line !== lines[position]);
  const at = index === -1 ? wanted.length : index;
  return `line ${at + 1}: ${quote(lines[at])}, on Linux ${quote(wanted[at])}`;
}

/** A pattern line that starts with `*` takes every line that matches it, also none. */
function mismatch(pattern: string[], result: Result, where: string): string | undefined {
  if (result.status !== 0) return `status ${result.status} ${where}; output ends ${quote(result.output.slice(-200))}`;
  const lines = result.output.replace(/\n$/, '').split('\n');
  let at = 0;
  for (const line of pattern) {
    const repeated = line.startsWith('*');
    const expression = new RegExp(`^(?:${repeated ? line.slice(1) : line})$`);
    if (repeated) {
      while (at < lines.length && expression.test(lines[at] ?? '')) at++;
    } else if (expression.test(lines[at] ?? '')) at++;
    else return `line ${at + 1} ${where}: ${quote(lines[at])} does not match ${line}`;
  }
  return at === lines.length ? undefined : `line ${at + 1} ${where}: ${quote(lines[at])} is more than the pattern has`;
}

function quote(text: string | undefined): string {
  return text === undefined ? 'nothing' : JSON.stringify(text.length > 300 ? `${text.slice(0, 300)}...` : text);
}
