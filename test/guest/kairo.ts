/** Starts `tools/kairo run` from a test and gathers what it says. Every run has a time limit of its own. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** This file is build/tools/test/guest/kairo.js. */
export const projectRoot = join(dirname(fileURLToPath(import.meta.url)), '../../../..');

export interface Outcome {
  status: number | null;
  stdout: Buffer;
  stderr: string;
}

export interface RunSettings {
  input?: Buffer | string;
  /** Seconds; the run's own --timeout. */
  seconds?: number;
}

/** `words` are those after `tools/kairo run`. */
export function kairo(words: string[], { input = '', seconds = 60 }: RunSettings = {}): Outcome {
  mkdirSync(join(projectRoot, 'build/test'), { recursive: true });
  const result = spawnSync(
    process.execPath,
    [
      join(projectRoot, 'build/tools/tools/run/main.js'),
      ...['run', '--timeout', String(seconds), '--log', join(projectRoot, 'build/test/kernel.log')],
      ...words,
    ],
    { input, maxBuffer: 1 << 28 },
  );
  return { status: result.status, stdout: result.stdout, stderr: result.stderr.toString() };
}

/** Runs a shell script in the default root. */
export function script(text: string, words: string[] = [], settings: RunSettings = {}): Outcome {
  return kairo([...words, '--', '/bin/sh', '-c', text], settings);
}
