/** The interactive console, driven through a pseudo-terminal that script(1) makes: what a person at a keyboard sees. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { projectRoot } from './kairo.js';

const runner = join(projectRoot, 'build/tools/tools/run/main.js');

class Terminal {
  output = '';
  private readonly child: ChildProcess;
  private readonly ended: Promise<number | null>;

  constructor(words: string) {
    const command = `stty rows 30 cols 100; '${process.execPath}' '${runner}' run --timeout 60 ${words}`;
    this.child = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdout?.on('data', (bytes: Buffer) => {
      // A terminal in Node's raw mode still turns a newline into return and newline, after the guest's own return.
      this.output = (this.output + bytes.toString()).replace(/\r+\n/g, '\n');
    });
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
  }

  type(text: string): void {
    this.child.stdin?.write(text);
  }

  /** Waits until what was printed since the last call matches, and gives it up to the end of the match. */
  async expect(pattern: RegExp, seconds = 30): Promise<string> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const match = pattern.exec(this.output);
      if (match !== null) {
        const end = match.index + match[0].length;
        const printed = this.output.slice(0, end);
        this.output = this.output.slice(end);
        return printed;
      }
      if (Date.now() > deadline) {
        this.child.kill('SIGKILL');
        assert.fail(`no ${pattern} in ${JSON.stringify(this.output)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  status(): Promise<number | null> {
    return this.ended;
  }
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A shell prompt; busybox asks the terminal where its cursor is after printing it. */
const prompt = /\S+ # (.\[6n)?$/;

/** The screenful in README.md, whose numbers (versions, process numbers, memory) are another day's. */
function screenful(): string {
  const text = readFileSync(join(projectRoot, 'README.md'), 'utf8');
  return /^```\n(BusyBox[\s\S]*?)\n```$/m.exec(text)?.[1] ?? assert.fail('no screenful in README.md');
}

/** A busybox that has just been started is still called what it was started by, /proc/self/exe. */
const anyNumbers = (text: string) =>
  text
    .replaceAll('{exe} ', '')
    .replaceAll(/\d[\w.:+-]*/g, 'N')
    .replaceAll(/ +/g, ' ');

describe('the console shell', () => {
  it('says what README.md shows', { timeout: 90_000 }, async () => {
    const expected = screenful();
    const terminal = new Terminal('');
    let seen = await terminal.expect(prompt);
    for (const [, command = ''] of expected.matchAll(/^~ # (.*)$/gm)) {
      terminal.type(`${command}\r`);
      if (command !== 'exit') seen += await terminal.expect(prompt);
    }
    assert.equal(await terminal.status(), 0);
    seen = `${seen}exit`.replaceAll('\x1b[6n', '');
    assert.equal(anyNumbers(seen.slice(seen.indexOf('BusyBox'))), anyNumbers(expected));
  });

  it('edits lines, interrupts, stops and continues jobs, and ends the run when it exits', {
    timeout: 90_000,
  }, async () => {
    const terminal = new Terminal('');
    await terminal.expect(prompt);
    terminal.type('echo one tow\x7f\x7fwo; tty; stty size\r');
    await terminal.expect(/one two\n\/dev\/\S+\n30 100\n/);
    await terminal.expect(prompt);
    terminal.type('sleep 1000\r');
    await terminal.expect(/sleep 1000\n/);
    await pause(500);
    terminal.type('\x03');
    await terminal.expect(prompt);
    terminal.type('echo "was $?"\r');
    await terminal.expect(/was 130\n/);
    await terminal.expect(prompt);
    terminal.type('sleep 1000\r');
    await terminal.expect(/sleep 1000\n/);
    await pause(500);
    terminal.type('\x1a');
    await terminal.expect(/Stopped +sleep 1000/);
    await terminal.expect(prompt);
    terminal.type('kill %1; fg\r');
    await terminal.expect(/Terminated|sleep 1000/);
    await terminal.expect(prompt);
    terminal.type('cat\r');
    await terminal.expect(/cat\n/);
    await pause(500);
    terminal.type('to cat\r');
    await terminal.expect(/to cat\nto cat\n/);
    terminal.type('\x04');
    await terminal.expect(prompt);
    terminal.type('exit 9\r');
    assert.equal(await terminal.status(), 9);
  });

  it('erases words and lines, quits with ^\\, runs jobs behind the prompt, and brings them back', {
    timeout: 90_000,
  }, async () => {
    const terminal = new Terminal('');
    await terminal.expect(prompt);
    // The shell edits for itself; under cat it is the terminal that does.
    terminal.type('cat\r');
    await terminal.expect(/cat\n/);
    await pause(500);
    terminal.type('nothing of this\x15one tow\x17two\r');
    await terminal.expect(/two\none two\n/);
    terminal.type('\x1c');
    await terminal.expect(prompt);
    terminal.type('echo "was $?"\r');
    await terminal.expect(/was 131\n/);
    await terminal.expect(prompt);
    terminal.type('sleep 1000 &\r');
    await terminal.expect(prompt);
    terminal.type('jobs\r');
    await terminal.expect(/\[1\]\S* +Running +sleep 1000/);
    await terminal.expect(prompt);
    terminal.type('fg\r');
    await terminal.expect(/fg\nsleep 1000\n/);
    await pause(500);
    terminal.type('\x1a');
    await terminal.expect(/Stopped +sleep 1000/);
    await terminal.expect(prompt);
    terminal.type('bg; jobs\r');
    await terminal.expect(/Running +sleep 1000/);
    await terminal.expect(prompt);
    terminal.type('cat &\r');
    await terminal.expect(prompt);
    await pause(500);
    terminal.type('jobs\r');
    await terminal.expect(/Stopped \(tty input\) +cat/);
    await terminal.expect(prompt);
    terminal.type('kill -9 %1 %2; exit 3\r');
    assert.equal(await terminal.status(), 3);
  });

  it('ends with ^D', { timeout: 90_000 }, async () => {
    const terminal = new Terminal('');
    await terminal.expect(prompt);
    terminal.type('\x04');
    assert.equal(await terminal.status(), 0);
  });

  it('ends when the shell is asked to power off', { timeout: 90_000 }, async () => {
    const terminal = new Terminal('');
    await terminal.expect(prompt);
    terminal.type('poweroff\r');
    assert.equal(await terminal.status(), 0);
  });

  it('opens and leaves vi', { timeout: 90_000 }, async () => {
    const terminal = new Terminal('-- sh -c "vi /tmp/file; cat /tmp/file"');
    await terminal.expect(/1\/1 100%/);
    terminal.type('itext from vi');
    await terminal.expect(/text from vi/);
    // vi takes what follows an escape at once for a key's sequence.
    terminal.type('\x1b');
    await pause(300);
    terminal.type(':wq\r');
    await terminal.expect(/text from vi\n$/);
    assert.equal(await terminal.status(), 0);
  });

  it('comes up from the ISO', { timeout: 90_000 }, async () => {
    const terminal = new Terminal('--firmware bios');
    await terminal.expect(prompt, 60);
    terminal.type('exit\r');
    assert.equal(await terminal.status(), 0);
  });
});
