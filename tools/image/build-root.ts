/**
 * Builds the default root: Debian's static busybox with every applet linked, and the files of iso/root.
 * The same busybox and the same files give the same bytes: names are in order, times are zero, owners are root.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CpioWriter, FileType } from './cpio.js';

const BUSYBOX = '/bin/busybox';

/** Folders every root has; the ones with a mode of their own are the usual exceptions. */
const folders: [path: string, mode: number][] = [
  ['bin', 0o755],
  ['dev', 0o755],
  ['etc', 0o755],
  ['etc/kairo', 0o755],
  ['home', 0o755],
  ['mnt', 0o755],
  ['proc', 0o555],
  ['root', 0o700],
  ['run', 0o755],
  ['sbin', 0o755],
  ['sys', 0o555],
  ['tmp', 0o1777],
  ['usr', 0o755],
  ['usr/bin', 0o755],
  ['usr/sbin', 0o755],
  ['var', 0o755],
  ['var/log', 0o755],
  ['var/tmp', 0o1777],
];

function buildRoot(files: string): Buffer {
  const writer = new CpioWriter();
  for (const [path, mode] of folders) writer.directory(path, mode);
  // An initramfs brings its console: Linux opens it for init before devtmpfs can be mounted.
  const console = { major: 5, minor: 1 };
  writer.add({ path: 'dev/console', mode: FileType.CharacterDevice | 0o600, device: console });
  const busybox = readFileSync(BUSYBOX);
  requireStatic(busybox);
  writer.file('bin/busybox', busybox, 0o755);
  for (const applet of appletPaths()) {
    if (applet !== 'bin/busybox') writer.symlink(applet, '/bin/busybox');
  }
  addFiles(writer, files, '');
  return writer.finish();
}

function appletPaths(): string[] {
  const listing = spawnSync(BUSYBOX, ['--list-full'], { encoding: 'utf8' });
  if (listing.status !== 0) throw new Error(`${BUSYBOX} --list-full failed`);
  // linuxrc would be an init of busybox's own in the root folder; ours is there.
  return listing.stdout
    .split('\n')
    .filter((path) => path.includes('/'))
    .sort();
}

/** A dynamic executable has a program interpreter segment (ELF specification, PT_INTERP). */
function requireStatic(elf: Buffer): void {
  const PT_INTERP = 3;
  const table = Number(elf.readBigUInt64LE(32));
  const entrySize = elf.readUInt16LE(54);
  const entries = elf.readUInt16LE(56);
  for (let index = 0; index < entries; index++) {
    if (elf.readUInt32LE(table + index * entrySize) === PT_INTERP) {
      throw new Error(`${BUSYBOX} is dynamic; install Debian's busybox-static`);
    }
  }
}

function addFiles(writer: CpioWriter, folder: string, prefix: string): void {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    const stats = statSync(path);
    if (stats.isDirectory()) {
      if (!folders.some(([known]) => known === prefix + name)) writer.directory(prefix + name);
      addFiles(writer, path, `${prefix}${name}/`);
    } else {
      writer.file(prefix + name, readFileSync(path), stats.mode & 0o111 ? 0o755 : 0o644);
    }
  }
}

const { values } = parseArgs({ options: { files: { type: 'string' }, out: { type: 'string' } } });
if (values.files === undefined || values.out === undefined) throw new Error('usage: build-root --files DIR --out FILE');
writeFileSync(`${values.out}.new`, buildRoot(values.files));
renameSync(`${values.out}.new`, values.out);
