// podiag as it arrives in a container that has no way in but a terminal: pasted, through a pseudo-terminal, into the
// line editor of busybox, into a shell that leaves editing to the terminal, and into bash. The paste is typed as fast
// as the terminal takes it, and the shell keeps podiag as a command.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { Container, scriptText } from './container.js';
import { parseReport } from './report.js';
import { pathOf } from './tools.js';

const prompt = 'typed-here: ';

/** ECMA-48 control sequences, with which busybox asks where the cursor is. */
const controlSequence = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, 'g');

/** A shell on a pseudo-terminal, which script(1) makes and relays. */
class Terminal {
  private screen = '';
  private readonly child: ChildProcess;

  constructor(commandLine: string[]) {
    const quoted = commandLine.map((word) => `'${word}'`).join(' ');
    const environment = { PATH: '/usr/bin:/bin', PS1: prompt, PS2: '', TERM: 'dumb', HISTFILE: '' };
    this.child = spawn(pathOf('script'), ['-qfec', `exec ${quoted}`, '/dev/null'], { env: environment });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.screen += chunk.toString('latin1');
    });
  }

  type(text: string): void {
    this.child.stdin?.write(text);
  }

  /** What has appeared since the last call, up to the next time that the shell waits with its prompt. */
  async untilPrompt(finished: (screen: string) => boolean): Promise<string> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const text = this.screen.replaceAll('\r', '').replace(controlSequence, '');
      if (finished(text) && `\n${text}`.endsWith(`\n${prompt}`)) {
        this.screen = '';
        return text;
      }
      if (Date.now() > deadline) throw new Error(`the shell does not come back: ${JSON.stringify(text.slice(-4000))}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.type('exit\n');
    await ended;
  }
}

/** What the last line of a report with process 1 follows. The script's own text, echoed, has no number there. */
const wholeReport = /PROCESSES \d+\n[\s\S]*\nPID 1 /;

/** The report that stands last on a screen, before the prompt. */
function lastReport(screen: string): string {
  const start = [...screen.matchAll(/PROCESSES \d+\n/g)].at(-1)?.index;
  assert.ok(start !== undefined, `no report on the screen: ${screen.slice(-2000)}`);
  return screen.slice(start, screen.lastIndexOf(prompt));
}

describe('a paste into a terminal', () => {
  let container: Container;

  before(async () => {
    container = await Container.start();
  });

  after(() => container.stop());

  const shells: [string, (container: Container) => string[]][] = [
    ['busybox sh with its line editor, on a read-only root', (box) => box.enterRoot(['/bin/sh', '-i'])],
    ['busybox sh as nobody', (box) => box.enterRoot(['/bin/sh', '-i'], true)],
    ['dash, which reads lines of the terminal', (box) => box.enter([pathOf('dash'), '-i'])],
    ['bash, which expands "!"', (box) => box.enter([pathOf('bash'), '--norc', '--noprofile', '-i'])],
  ];
  for (const [name, commandLine] of shells) {
    test(`REQ-PO-031 ${name}`, async () => {
      const terminal = new Terminal(commandLine(container));
      await terminal.untilPrompt(() => true);
      terminal.type(scriptText);
      const pasted = await terminal.untilPrompt((screen) => wholeReport.test(screen));
      assert.ok(parseReport(lastReport(pasted)).processes.has(1));

      terminal.type('podiag 1; echo "status $?"\n');
      const again = await terminal.untilPrompt((screen) => /\nstatus \d+\n/.test(screen));
      assert.match(again, /\nstatus 0\n/);
      const report = parseReport(lastReport(again).replace(/status 0\n$/, ''));
      assert.deepEqual([...report.processes.keys()], [1]);

      terminal.type('podiag -x >&-; echo "status $?"\n');
      assert.match(await terminal.untilPrompt((screen) => /\nstatus \d+\n/.test(screen)), /\nstatus 2\n/);
      await terminal.end();
    });
  }

  test('REQ-PO-031 the shell that took the paste is as it was', async () => {
    const terminal = new Terminal(container.enterRoot(['/bin/sh', '-i']));
    terminal.type('set | grep -v "^_=" >&2; pwd >&2; umask >&2; echo "status $?"\n');
    const before = await terminal.untilPrompt((screen) => /\nstatus 0\n/.test(screen));
    terminal.type(scriptText);
    await terminal.untilPrompt((screen) => wholeReport.test(screen));
    terminal.type('set | grep -v "^_=" >&2; pwd >&2; umask >&2; echo "status $?"\n');
    const afterwards = await terminal.untilPrompt((screen) => /\nstatus 0\n/.test(screen));
    const settings = (screen: string): string[] => screen.split('\n').filter((line) => /^\w+='|^\/|^\d+$/.test(line));
    assert.ok(settings(before).length > 5);
    assert.deepEqual(settings(afterwards), settings(before));
    await terminal.end();
  });

  test('REQ-PO-030 a shell with set -eu and aliases runs it all the same', async () => {
    const terminal = new Terminal(container.enter([pathOf('dash'), '-i']));
    terminal.type("alias ls='ls -F --color' grep='grep -n'; set -eu; IFS=:\n");
    terminal.type(scriptText);
    const screen = await terminal.untilPrompt((text) => wholeReport.test(text));
    assert.ok(parseReport(lastReport(screen)).processes.has(1));
    await terminal.end();
  });
});
