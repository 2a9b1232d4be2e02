/** `make debug`: gdb stops at the entry with names, and the machine that it controls comes up like any other. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { it } from 'node:test';
import { projectRoot } from './kairo.js';

function debug(options: string[], commands: string[]): string {
  const runner = join(projectRoot, 'build/tools/tools/run/main.js');
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
