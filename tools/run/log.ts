/**
 * Takes what the kernel says: into a file, and with --verbose to standard error as well.
 * The last 64 KB stay at hand for the verdict.
 */

import type { Buffer } from 'node:buffer';
import { closeSync, openSync, writeSync } from 'node:fs';

const TAIL_LENGTH = 64 * 1024;

export class LogSink {
  tail = '';
  private readonly file: number;

  constructor(
    path: string,
    readonly shown: boolean,
  ) {
    this.file = openSync(path, 'w');
  }

  write(bytes: Buffer): void {
    writeSync(this.file, bytes);
    if (this.shown) process.stderr.write(bytes);
    this.tail = (this.tail + bytes.toString('latin1')).slice(-TAIL_LENGTH);
  }

  close(): void {
    closeSync(this.file);
  }
}
