/**
 * The initial RAM file system of a run: a base archive and, appended to it, one with what this run adds.
 * Concatenated archives are one file system, later entries winning, as Linux has it
 * (Documentation/driver-api/early-userspace/buffer-format.rst).
 */
import { Buffer } from 'node:buffer';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CpioWriter } from '../image/cpio.js';
import { pathsOf } from '../image/cpio-reader.js';
import { addParents, addTree } from '../image/tree.js';
import { type RunOptions, UsageError } from './options.js';
import { commandFile } from './words.js';

/** What the run needs from the build. */
export interface BaseFiles {
  /** The default root's archive. */
  root: string;
  /** Our init, for a root that has none. */
  init: string;
  /** A static busybox, for the same. */
  busybox: string;
}

export interface Initrd {
  path: string;
  /** `rdinit=`, where the archive does not bring /init. */
  firstProgram: string | undefined;
}

/** Init and the shell it needs live here inside a --root, out of the way of the root's own files. */
const OWN_FOLDER = '.kairo';
/** Our init mounts file systems on these, without which a program has no standard streams. */
const MOUNT_POINTS: [name: string, mode: number][] = [
  ['dev', 0o755],
  ['proc', 0o555],
  ['sys', 0o555],
  ['tmp', 0o1777],
];
/** Our init runs this. */
const COMMAND_FILE = 'etc/kairo/command';

/** A temporary directory that goes away with the process. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kairo-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function buildInitrd(options: RunOptions, command: string[], base: BaseFiles, folder: () => string): Initrd {
  const { archive, path, firstProgram } = baseArchive(options, base);
  if (options.additions.length + command.length === 0 && path !== undefined) return { path, firstProgram };
  const original = archive();
  const there = pathsOf(original);
  const overlay = new CpioWriter();
  for (const addition of options.additions) {
    const guest = addition.guest
      .split('/')
      .filter((part) => part !== '')
      .join('/');
    addParents(overlay, guest, there);
    addTree(overlay, addition.host, guest, statSync(addition.host)); // what a link named on the command line points to
  }
  if (command.length > 0) {
    addParents(overlay, COMMAND_FILE, there);
    overlay.file(COMMAND_FILE, commandFile(command));
  }
  const result = join(folder(), 'initrd.cpio');
  const file = openSync(result, 'w');
  writeFileSync(file, original);
  // An archive starts at a multiple of four; zeros between archives are skipped.
  writeFileSync(file, Buffer.alloc((512 - (original.length % 512)) % 512));
  writeFileSync(file, overlay.finish());
  closeSync(file);
  return { path: result, firstProgram };
}

interface Base {
  archive: () => Buffer;
  /** Set when a file on disk already is the archive. */
  path: string | undefined;
  firstProgram: string | undefined;
}

function baseArchive(options: RunOptions, base: BaseFiles): Base {
  switch (options.source.kind) {
    case 'default':
      return { archive: () => readFileSync(base.root), path: base.root, firstProgram: undefined };
    case 'directory':
      return directoryBase(options.source.path, base);
    case 'iso':
      throw new UsageError('an ISO brings its own root');
    case 'initrd': {
      // As it is, compressed or not: the guest unpacks it, and says what is wrong with it.
      const path = options.source.path;
      return { archive: () => readFileSync(path), path, firstProgram: undefined };
    }
  }
}

function directoryBase(path: string, base: BaseFiles): Base {
  const writer = new CpioWriter();
  addTree(writer, path, '');
  for (const [name, mode] of MOUNT_POINTS) {
    if (!existsSync(join(path, name))) writer.directory(name, mode);
  }
  writer.directory(OWN_FOLDER, 0o755);
  writer.file(`${OWN_FOLDER}/busybox`, readFileSync(base.busybox), 0o755);
  const init = readFileSync(base.init, 'utf8').replace(/^#!.*\n/, `#!/${OWN_FOLDER}/busybox sh\n`);
  writer.file(`${OWN_FOLDER}/init`, init, 0o755);
  const archive = writer.finish();
  return { archive: () => archive, path: undefined, firstProgram: `/${OWN_FOLDER}/init` };
}
