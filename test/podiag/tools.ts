// What these tests need from the build machine. A missing tool fails the test and names the Debian package to install;
// nothing is ever skipped.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const packageOfTool: Record<string, string> = {
  bash: 'bash',
  busybox: 'busybox-static',
  chroot: 'coreutils',
  dash: 'dash',
  mount: 'mount',
  nsenter: 'util-linux',
  python3: 'python3',
  script: 'bsdutils',
  shellcheck: 'shellcheck',
  strace: 'strace',
};

/** The path of `tool`, or an error that says what to install. */
export function pathOf(tool: string): string {
  for (const directory of ['/usr/bin', '/bin', '/usr/sbin', '/sbin']) {
    const path = join(directory, tool);
    if (existsSync(path)) return path;
  }
  throw new Error(`${tool} is missing: apt-get install -y ${packageOfTool[tool] ?? tool}`);
}

/** A busybox that needs no library, as a container that holds nothing else must have. */
export function staticBusybox(): string {
  const path = pathOf('busybox');
  if (hasInterpreter(readFileSync(path))) {
    throw new Error('busybox is dynamically linked: apt-get install -y busybox-static');
  }
  return path;
}

/** Whether a 64-bit ELF file has a program header of type PT_INTERP (elf(5)), that is, asks for a dynamic linker. */
function hasInterpreter(elf: Buffer): boolean {
  const programHeaders = Number(elf.readBigUInt64LE(0x20));
  const entrySize = elf.readUInt16LE(0x36);
  const entries = elf.readUInt16LE(0x38);
  for (let entry = 0; entry < entries; entry++) {
    if (elf.readUInt32LE(programHeaders + entry * entrySize) === 3) return true;
  }
  return false;
}

/** A directory for one test file, and the function that removes it. */
export function scratchDirectory(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'podiag-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
