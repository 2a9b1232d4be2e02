/**
 * The person's terminal while it is the guest's console: raw, so that every key reaches the guest, and restored
 * however the run ends. ^] is the way out when the guest no longer answers.
 */

const ESCAPE = 0x1d; // ^]

export class Terminal {
  private readonly restore = () => process.stdin.setRawMode(false);
  private readonly resized = () => this.reportSize();

  constructor(private readonly onSize: (rows: number, columns: number) => void) {}

  open(): void {
    process.stdin.setRawMode(true);
    process.on('exit', this.restore);
    process.stdout.on('resize', this.resized);
  }

  close(): void {
    process.stdout.off('resize', this.resized);
    process.off('exit', this.restore);
    this.restore();
  }

  reportSize(): void {
    this.onSize(process.stdout.rows, process.stdout.columns);
  }
}

/** True if the keys just typed ask to leave. */
export function asksToLeave(keys: Buffer): boolean {
  return keys.includes(ESCAPE);
}
