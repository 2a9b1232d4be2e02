/**
 * Writes archives in the "new ASCII" cpio format that Linux takes as an initramfs
 * (Documentation/driver-api/early-userspace/buffer-format.rst, cpio(5) "newc").
 * The result depends only on what is added: inode numbers count from 1, and times are the ones given.
 */
import { Buffer } from 'node:buffer';

export const FileType = {
  Fifo: 0o010000,
  CharacterDevice: 0o020000,
  Directory: 0o040000,
  BlockDevice: 0o060000,
  Regular: 0o100000,
  Symlink: 0o120000,
} as const;

export interface Entry {
  /** Path inside the root, without a leading slash. */
  path: string;
  /** File type and permission bits, as in st_mode. */
  mode: number;
  uid?: number;
  gid?: number;
  /** Seconds since 1970. */
  modified?: number;
  /** Contents of a regular file, or the target of a symbolic link. */
  data?: Uint8Array;
  /** Entries with the same key are hard links to one file; the data belongs to the last of them. */
  linkKey?: string;
  links?: number;
  device?: { major: number; minor: number };
}

const HEADER_LENGTH = 110;
const TRAILER = 'TRAILER!!!';

export class CpioWriter {
  private readonly chunks: Uint8Array[] = [];
  private readonly inodes = new Map<string, number>();
  private nextInode = 1;

  add(entry: Entry): void {
    const data = entry.data ?? new Uint8Array(0);
    if (data.length >= 2 ** 32) throw new RangeError(`${entry.path} is too large for a cpio archive`);
    this.write(entry.path, this.inodeOf(entry), entry, data);
  }

  directory(path: string, mode = 0o755): void {
    this.add({ path, mode: FileType.Directory | mode, links: 2 });
  }

  file(path: string, data: Uint8Array | string, mode = 0o644): void {
    this.add({ path, mode: FileType.Regular | mode, data: typeof data === 'string' ? Buffer.from(data) : data });
  }

  symlink(path: string, target: string): void {
    this.add({ path, mode: FileType.Symlink | 0o777, data: Buffer.from(target) });
  }

  /** The whole archive, ended by its trailer and padded to a 512-byte block as cpio(1) does. */
  finish(): Buffer {
    this.write(TRAILER, 0, { path: TRAILER, mode: 0 }, new Uint8Array(0));
    const length = this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    this.chunks.push(new Uint8Array((512 - (length % 512)) % 512));
    return Buffer.concat(this.chunks);
  }

  private inodeOf(entry: Entry): number {
    if (entry.linkKey === undefined) return this.nextInode++;
    const known = this.inodes.get(entry.linkKey);
    if (known !== undefined) return known;
    this.inodes.set(entry.linkKey, this.nextInode);
    return this.nextInode++;
  }

  private write(path: string, inode: number, entry: Entry, data: Uint8Array): void {
    const name = Buffer.from(`${path}\0`);
    const fields = [
      inode,
      entry.mode,
      entry.uid ?? 0,
      entry.gid ?? 0,
      entry.links ?? 1,
      entry.modified ?? 0,
      data.length,
      0, // device that holds the file
      0,
      entry.device?.major ?? 0,
      entry.device?.minor ?? 0,
      name.length,
      0, // checksum, only in the "070702" variant
    ];
    const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
    this.chunks.push(Buffer.from(header), name, padding(HEADER_LENGTH + name.length), data, padding(data.length));
  }
}

/** Names and data start at multiples of four. */
function padding(length: number): Uint8Array {
  return new Uint8Array((4 - (length % 4)) % 4);
}
