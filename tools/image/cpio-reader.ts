/**
 * What an initramfs already holds: the paths of "new ASCII" cpio archives, one after another, plain or compressed with
 * gzip (Documentation/driver-api/early-userspace/buffer-format.rst). It never fails: reading ends where the archive is
 * no archive any more, since it is the guest that unpacks it and says what is wrong with it.
 */
import type { Buffer } from 'node:buffer';
import { gunzipSync } from 'node:zlib';

const MAGIC = /^07070[12]$/;
const HEADER_LENGTH = 110;
const FILE_SIZE = 54;
const NAME_SIZE = 94;

/** Paths without leading slashes and `./`. */
export function pathsOf(initramfs: Buffer): Set<string> {
  const archive = unpacked(initramfs);
  const paths = new Set<string>();
  let at = 0;
  while (at + HEADER_LENGTH <= archive.length) {
    if (archive[at] === 0) {
      at += 4; // between archives
      continue;
    }
    if (!MAGIC.test(archive.toString('latin1', at, at + 6))) break;
    const nameLength = field(archive, at + NAME_SIZE);
    const dataLength = field(archive, at + FILE_SIZE);
    if (!(nameLength > 0 && dataLength >= 0)) break;
    const name = archive.toString('utf8', at + HEADER_LENGTH, at + HEADER_LENGTH + nameLength - 1);
    paths.add(name.replace(/^(\.?\/+)+/, '').replace(/\/+$/, ''));
    at = aligned(aligned(at + HEADER_LENGTH + nameLength) + dataLength);
  }
  return paths;
}

function unpacked(initramfs: Buffer): Buffer {
  if (initramfs[0] !== 0x1f || initramfs[1] !== 0x8b) return initramfs;
  try {
    return gunzipSync(initramfs);
  } catch {
    return initramfs;
  }
}

/** Eight hexadecimal digits; NaN for anything else. */
function field(archive: Buffer, at: number): number {
  const digits = archive.toString('latin1', at, at + 8);
  return /^[0-9a-fA-F]{8}$/.test(digits) ? Number.parseInt(digits, 16) : Number.NaN;
}

function aligned(offset: number): number {
  return Math.ceil(offset / 4) * 4;
}
