/** The ISO written to a USB stick, which is the same bytes on a disk, boots under BIOS and under UEFI. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { projectRoot } from './kairo.js';

const POWERED_OFF = 33; // isa-debug-exit with 0x10

/** Boots the disk, types `line` at the first prompt, and gives what the serial line said and QEMU's exit status. */
function bootDisk(firmware: string[], line: string): Promise<{ output: string; status: number | null }> {
  const disk = `format=raw,snapshot=on,file=${join(projectRoot, 'build/kairo.iso')}`;
  const words = ['-M', 'pc', '-m', '256M', '-display', 'none', '-no-reboot', '-serial', 'stdio', '-monitor', 'none'];
  const exit = ['-device', 'isa-debug-exit,iobase=0xf4,iosize=4'];
  const child = spawn('timeout', ['90', 'qemu-system-x86_64', ...words, ...exit, ...firmware, '-drive', disk], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  let typed = false;
  child.stdout.on('data', (bytes: Buffer) => {
    output += bytes.toString();
    if (typed || !/~ # /.test(output)) return;
    typed = true;
    child.stdin.write(`${line}\r`);
  });
  return new Promise((resolve) => child.once('close', (status) => resolve({ output, status })));
}

describe('a USB stick', () => {
  for (const [name, firmware] of [
    ['BIOS', []],
    ['UEFI', ['-bios', '/usr/share/ovmf/OVMF.fd']],
  ] as const) {
    it(`boots under ${name}`, { timeout: 100_000 }, async () => {
      const { output, status } = await bootDisk([...firmware], 'echo "booted $((6 * 7))"; exit');
      assert.match(output, /booted 42\r\n/);
      assert.equal(status, POWERED_OFF);
    });
  }
});
