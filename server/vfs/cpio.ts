/**
 * Archives in cpio's `newc` format (cpio(5)), as an initramfs is made of: unpacked into a tmpfs as their bytes come.
 *
 * The reader is fed pieces of any length. It believes nothing: a name or a field that is wrong ends the archive with a
 * message that names the entry and where it begins, and what was unpacked until then stays.
 */
import { byteAt, copyMemory } from '../../lib/arch/x86_64/bytes';
import { OrderedMap } from '../../lib/ordered-map';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../linux/file-constants';
import { Buffer } from '../memory/buffer';
import { release } from '../memory/heap';
import { ArchiveTree } from './archive-tree';
import type { Dentry } from './dentry';
import { makeDevice } from './device';

const HEADER_BYTES: u64 = 110;
const NAME_BYTES: u64 = 4096;

enum CpioState {
  /** Between archives: zeros, or the start of a header. */
  Gap,
  Header,
  Name,
  NamePadding,
  Target,
  Data,
  DataPadding,
}

/** A file of an archive with several names, by its inode number there. */
class HardLink {
  key!: u64;
  dentry!: Dentry;
}

const dataBuffer: Buffer = reserve();

export class CpioReader {
  tree!: Inline<ArchiveTree>;
  state!: CpioState;
  /** What is wrong, of length 0 while nothing is. */
  error!: string;
  /** Entries begun, and where the current one starts. */
  entry!: u64;
  entryStart!: u64;
  /** Bytes taken so far. */
  position!: u64;
  /** Of the part being collected. */
  collected!: u64;
  archiveStart!: u64;
  mode!: u32;
  uid!: u32;
  gid!: u32;
  links!: u32;
  modified!: u32;
  rdev!: u32;
  size!: u64;
  nameLength!: u64;
  linkKey!: u64;
  file!: Dentry | null;
  hardLinks!: Inline<OrderedMap<HardLink>>;
  header!: Fixed<u8, 112>;
  name!: Fixed<u8, 4104>;
  target!: Fixed<u8, 4104>;

  begin(root: Dentry): void {
    this.tree.root = root;
    this.state = CpioState.Gap;
    this.error = '';
    this.entry = 0;
    this.position = 0;
  }

  get hasFailed(): boolean {
    return this.error.length !== 0;
  }

  /** True where an archive may end: nothing is half read. */
  get isBetween(): boolean {
    return this.state === CpioState.Gap;
  }

  /** How many bytes the part takes that is being read; after that many, the reader may be between archives. */
  get expects(): u64 {
    switch (this.state) {
      case CpioState.Header:
        return HEADER_BYTES - this.collected;
      case CpioState.Name:
        return this.nameLength - this.collected;
      case CpioState.Target:
      case CpioState.Data:
        return this.size - this.collected;
      default:
        return 1;
    }
  }

  /** Takes in the next `count` bytes; false once something is wrong. */
  feed(address: u64, count: u64): boolean {
    let at: u64 = address;
    let left: u64 = count;
    while (left !== 0 && !this.hasFailed) {
      const used = this.step(at, left);
      at += used;
      left -= used;
      this.position += used;
    }
    return !this.hasFailed;
  }

  /** Says that no more bytes come. */
  finish(): boolean {
    if (!this.hasFailed && !this.isBetween) this.error = 'the archive ends inside this entry';
    this.forgetLinks();
    return !this.hasFailed;
  }

  private step(at: u64, left: u64): u64 {
    switch (this.state) {
      case CpioState.Gap:
        if (byteAt(at) === 0) return 1;
        this.startEntry();
        return 0;
      case CpioState.Header:
        return this.collect(addressOf(this.header), HEADER_BYTES, at, left);
      case CpioState.Name:
        return this.collect(addressOf(this.name), this.nameLength, at, left);
      case CpioState.Target:
        return this.collect(addressOf(this.target), this.size, at, left);
      case CpioState.Data:
        return this.takeData(at, left);
      default:
        return this.skipPadding();
    }
  }

  private startEntry(): void {
    if (this.state === CpioState.Gap) this.archiveStart = this.position;
    this.entry += 1;
    this.entryStart = this.position;
    this.collected = 0;
    this.file = null;
    this.state = CpioState.Header;
  }

  /** Gathers a part of known length that may come in pieces, then acts on it. */
  private collect(into: u64, length: u64, at: u64, left: u64): u64 {
    const wanted: u64 = length - this.collected;
    const count: u64 = wanted < left ? wanted : left;
    copyMemory(into + this.collected, at, count);
    this.collected += count;
    if (this.collected !== length) return count;
    this.collected = 0;
    if (this.state === CpioState.Header) this.readHeader();
    else if (this.state === CpioState.Name) this.state = CpioState.NamePadding;
    else this.makeSymlink();
    if (this.state === CpioState.NamePadding && this.aligned(count)) this.beginBody();
    return count;
  }

  /** Whether the position after `count` more bytes lies on a boundary of four, counted from the archive's start. */
  private aligned(count: u64): boolean {
    return ((this.position + count - this.archiveStart) & 3) === 0;
  }

  private skipPadding(): u64 {
    if (this.aligned(0)) {
      if (this.state === CpioState.NamePadding) this.beginBody();
      else this.startEntry();
      return 0;
    }
    if (this.aligned(1) && this.state === CpioState.NamePadding) this.beginBody();
    return 1;
  }

  private readHeader(): void {
    const start = addressOf(this.header);
    const isMagic =
      byteAt(start) === 48 &&
      byteAt(start + 1) === 55 &&
      byteAt(start + 2) === 48 &&
      byteAt(start + 3) === 55 &&
      byteAt(start + 4) === 48 &&
      (byteAt(start + 5) === 49 || byteAt(start + 5) === 50);
    if (!isMagic) {
      this.error = whatItIs(start);
      return;
    }
    const number = this.field(0);
    this.mode = this.field(1) as u32;
    this.uid = this.field(2) as u32;
    this.gid = this.field(3) as u32;
    this.links = this.field(4) as u32;
    this.modified = this.field(5) as u32;
    this.size = this.field(6);
    this.linkKey = number | (((this.field(7) << 20) ^ this.field(8)) << 32);
    this.rdev = makeDevice(this.field(9) as u32, this.field(10) as u32);
    this.nameLength = this.field(11);
    if (this.hasFailed) return;
    if (this.nameLength === 0 || this.nameLength > NAME_BYTES) this.error = 'the length of the name is out of range';
    this.state = CpioState.Name;
  }

  /** The header's field `index`: eight hexadecimal digits. */
  private field(index: u64): u64 {
    const start: u64 = addressOf(this.header) + 6 + index * 8;
    let value: u64 = 0;
    for (let digit: u64 = 0; digit < 8; digit++) {
      const byte: u64 = byteAt(start + digit);
      let nibble: u64 = 16;
      if (byte >= 48 && byte <= 57) nibble = byte - 48;
      else if (byte >= 65 && byte <= 70) nibble = byte - 55;
      else if (byte >= 97 && byte <= 102) nibble = byte - 87;
      if (nibble === 16) this.error = 'a header field is not a hexadecimal number';
      value = (value << 4) | nibble;
    }
    return value;
  }

  /** The name is complete: makes what it names, and gets ready for the contents. */
  private beginBody(): void {
    const name = addressOf(this.name);
    if (byteAt(name + this.nameLength - 1) !== 0) {
      this.error = 'the name has no end';
      return;
    }
    const length: u64 = textLength(name);
    if (isTrailer(name, length)) {
      this.forgetLinks();
      if (this.size !== 0) this.error = 'the trailer has contents';
      this.state = CpioState.Gap;
      return;
    }
    const kind = this.mode & S_IFMT;
    if (kind === S_IFLNK) {
      if (this.size === 0 || this.size >= NAME_BYTES) this.error = 'the length of the link is out of range';
      this.state = CpioState.Target;
      return;
    }
    if (kind === S_IFREG) this.file = this.openFile(name, length);
    else if (kind === S_IFDIR) this.tree.makeDirectory(name, length, this.mode, this.uid, this.gid, this.modified);
    else if (kind === 0) this.error = 'the file type is missing';
    else this.tree.makeNode(name, length, this.mode, this.rdev, this.uid, this.gid, this.modified);
    if (this.tree.error.length !== 0) this.error = this.tree.error;
    this.state = this.size === 0 ? CpioState.DataPadding : CpioState.Data;
  }

  /** The file to write to: a new one, or one that an earlier name of it made. */
  private openFile(name: u64, length: u64): Dentry | null {
    if (this.links > 1) {
      const known = this.hardLinks.get(this.linkKey);
      if (known !== null) {
        this.tree.link(name, length, known.dentry);
        return known.dentry;
      }
    }
    const made = this.tree.makeFile(name, length, this.mode, this.uid, this.gid, this.modified);
    if (made !== null && this.links > 1) {
      const link = new HardLink();
      link.key = this.linkKey;
      link.dentry = made;
      made.retain();
      this.hardLinks.set(this.linkKey, link);
    }
    return made;
  }

  private makeSymlink(): void {
    const name = addressOf(this.name);
    this.tree.makeSymlink(name, textLength(name), addressOf(this.target), this.size, this.uid, this.gid, this.modified);
    if (this.tree.error.length !== 0) this.error = this.tree.error;
    this.state = CpioState.DataPadding;
  }

  private takeData(at: u64, left: u64): u64 {
    const wanted: u64 = this.size - this.collected;
    const count: u64 = wanted < left ? wanted : left;
    const file = this.file;
    if (file !== null) {
      dataBuffer.set(null, at, count);
      const written = file.inode.write(dataBuffer, this.collected);
      if (written !== (count as i64)) this.error = 'no memory for the contents';
      file.inode.modifiedSeconds = this.modified;
    }
    this.collected += count;
    if (this.collected === this.size) this.state = CpioState.DataPadding;
    return count;
  }

  private forgetLinks(): void {
    while (true) {
      const link = this.hardLinks.atLeast(0);
      if (link === null) return;
      this.hardLinks.delete(link.key);
      link.dentry.drop();
      release(addressOf(link));
    }
  }
}

function textLength(address: u64): u64 {
  let length: u64 = 0;
  while (byteAt(address + length) !== 0) length += 1;
  return length;
}

/** "TRAILER!!!" ends an archive; zeros or a further archive may follow. */
function isTrailer(address: u64, length: u64): boolean {
  if (length !== 10) return false;
  const expected: string = 'TRAILER!!!';
  for (let index: u64 = 0; index < 10; index++) {
    if (byteAt(address + index) !== expected.charCodeAt(index)) return false;
  }
  return true;
}

/** What stands at `start` instead of a newc header: the compressions that Linux knows besides gzip, or an older cpio. */
function whatItIs(start: u64): string {
  const first = wordAt(start);
  switch (first) {
    case 0xfd37_7a58:
      return 'compressed with xz: only plain archives and gzip are taken';
    case 0x28b5_2ffd:
      return 'compressed with zstd: only plain archives and gzip are taken';
    case 0x0221_4c18:
      return 'compressed with lz4: only plain archives and gzip are taken';
    case 0x3037_3037: // 070707
      if (byteAt(start + 4) === 48 && byteAt(start + 5) === 55) {
        return 'a cpio archive of an older form: only newc (070701) is taken';
      }
      break;
  }
  if (first >> 8 === 0x425a68) return 'compressed with bzip2: only plain archives and gzip are taken';
  if (first >> 8 === 0x5d0000) return 'compressed with lzma: only plain archives and gzip are taken';
  return 'no cpio newc header (070701)';
}

/** Four bytes, the first as the highest. */
function wordAt(address: u64): u64 {
  let word: u64 = 0;
  for (let index: u64 = 0; index < 4; index++) word = (word << 8) | byteAt(address + index);
  return word;
}
