/** `make debug`: gdb stops at the entry with names, and the machine that it controls comes up like any other. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { projectRoot } from './kairo.js';

const runner = join(projectRoot, 'build/tools/tools/run/main.js');

function debug(options: string[], commands: string[]): string {
  const result = spawnSync('timeout', ['60', process.execPath, runner, 'run', '--gdb', ...options], {
    input: commands.map((command) => `${command}\n`).join(''),
    encoding: 'utf8',
  });
  assert.equal(result.status, 0, result.stdout + result.stderr);
  return result.stdout;
}

for (const [how, options, entry] of [
  ['PVH', [], 'pvh_entry'],
  ['BIOS', ['--firmware', 'bios'], 'multiboot2_entry'],
] as const) {
  it(`gdb stops at the entry, at kernel_main, and in the first system call of the first program, by ${how}`, () => {
    const stops = ['info symbol $pc', 'continue', 'info symbol $pc', 'backtrace'];
    const later = ['hbreak *&kernel_foreign_system_call', 'continue', 'info symbol $pc', 'kill'];
    const output = debug([...options], [...stops, ...later]);
    assert.match(output, new RegExp(`${entry} in section \\.text`));
    assert.match(output, /kernel_main in section \.text/);
    assert.match(output, /#0 .*kernel_main/);
    assert.match(output, /kernel_foreign_system_call in section \.text/);
  });
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

it('^C stops the machine, not the debugger', { timeout: 60_000 }, async () => {
  const console = join(projectRoot, 'build/console.log');
  rmSync(console, { force: true });
  // A process group of its own gets the signal as a terminal's foreground group does.
  const child = spawn(process.execPath, [runner, 'run', '--gdb'], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (bytes: Buffer) => {
    output += bytes.toString();
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.stdin.end('continue\ncontinue\ninfo symbol $pc\nkill\n');
  while (!prompted(console)) await pause(50);
  process.kill(-(child.pid ?? assert.fail('it did not start')), 'SIGINT');
  assert.equal(await ended, 0);
  assert.match(output, /received signal SIGINT[\s\S]* in section \.text/);
});

/** Whether the shell's prompt is in the file. */
function prompted(path: string): boolean {
  try {
    return readFileSync(path, 'latin1').includes('# ');
  } catch {
    return false;
  }
}
