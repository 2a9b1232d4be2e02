/**
 * Takes what the kernel says: into a file, and with --verbose to standard error as well, there in whole lines, since
 * the program's own output goes to the same terminal. The last 64 KB stay at hand for the verdict.
 */
import { closeSync, openSync, writeSync } from 'node:fs';

const TAIL_LENGTH = 64 * 1024;

export class LogSink {
  tail = '';
  private readonly file: number;
  /** What was not shown yet: the beginning of a line. */
  private line = '';

  constructor(
    path: string,
    readonly shown: boolean,
    private readonly show: (text: string) => void = (text) => process.stderr.write(text, 'latin1'),
  ) {
    this.file = openSync(path, 'w');
  }

  write(bytes: Buffer): void {
    writeSync(this.file, bytes);
    const text = bytes.toString('latin1');
    this.tail = (this.tail + text).slice(-TAIL_LENGTH);
    if (!this.shown) return;
    this.line += text;
    const end = this.line.lastIndexOf('\n') + 1;
    if (end === 0) return;
    this.show(this.line.slice(0, end));
    this.line = this.line.slice(end);
  }

  /** Nothing comes any more. */
  close(): void {
    if (this.line !== '') this.show(`${this.line}\n`);
    closeSync(this.file);
  }
}
