/**
 * The initial root file system (Linux's Documentation/driver-api/early-userspace/buffer-format.rst): cpio archives one
 * after another, each alone or within a gzip member, unpacked a slice at a time from the module that the boot loader
 * brought.
 */
import { byteAt } from '../../lib/arch/x86_64/bytes';
import { logDecimal, logEnd, logText } from '../log';
import { release } from '../memory/heap';
import { CpioReader } from './cpio';
import { Inflate, InflateError } from './inflate';
import { firstMount } from './start';

const SLICE: u64 = 1048576;
const GZIP_FIRST: u32 = 0x1f;

/** What is left of the module. */
let position: u64 = 0;
let end: u64 = 0;
let reader: CpioReader | null = null;
let inflate: Inflate | null = null;

/**
 * Unpacks a slice of the module at `address`; false: call again with the same. True: it is done, well or with an error
 * in the log, and the module may go.
 */
export function unpackInitrd(address: u64, length: u64): boolean {
  if (reader === null) begin(address, length);
  return !unpackSlice();
}

function begin(address: u64, length: u64): void {
  position = address;
  end = address + length;
  const made = new CpioReader();
  made.begin(firstMount().root);
  reader = made;
}

/** True while there is more to do. */
function unpackSlice(): boolean {
  const archive = reader;
  if (archive === null) return false;
  const stream = inflate;
  if (stream !== null) {
    if (unpackPiece(archive, stream)) return true;
    return finish(archive);
  }
  if (archive.isBetween) {
    while (position < end && byteAt(position) === 0) {
      position += 1;
      archive.position += 1;
    }
    if (position < end && byteAt(position) === GZIP_FIRST) return beginMember(archive);
  }
  let left: u64 = SLICE;
  while (position < end) {
    const count: u64 = archiveSpan(archive);
    const fed = archive.feed(position, count);
    position += count;
    if (!fed) return finish(archive);
    if (archive.isBetween || left <= count) return true;
    left -= count;
  }
  return finish(archive);
}

/** How much to feed: a part at a time, so that the end of an archive, behind which a compressed one may come, is seen. */
function archiveSpan(archive: CpioReader): u64 {
  let count: u64 = archive.expects;
  if (count > SLICE) count = SLICE;
  return count < end - position ? count : end - position;
}

function beginMember(archive: CpioReader): boolean {
  const made = new Inflate();
  if (!made.begin(position, end - position)) {
    reportInflate(archive, made);
    release(addressOf(made));
    position = end;
    return finish(archive);
  }
  inflate = made;
  return true;
}

/** Decompresses and unpacks one piece; false when the archive must end. */
function unpackPiece(archive: CpioReader, stream: Inflate): boolean {
  if (!stream.run()) {
    reportInflate(archive, stream);
    closeMember();
    return false;
  }
  if (!archive.feed(stream.piece, stream.pieceLength)) {
    closeMember();
    return false;
  }
  if (!stream.isDone) return true;
  position = stream.position;
  closeMember();
  return true;
}

function closeMember(): void {
  const stream = inflate;
  inflate = null;
  if (stream !== null) release(addressOf(stream));
}

function finish(archive: CpioReader): boolean {
  if (!archive.finish()) {
    logText('initrd: entry ');
    logDecimal(archive.entry);
    logText(' at byte ');
    logDecimal(archive.entryStart);
    logText(': ');
    logText(archive.error);
    logEnd();
  }
  release(addressOf(archive));
  reader = null;
  return false;
}

/** A broken stream is told with the entry that it broke in; the reader then has nothing to add. */
function reportInflate(archive: CpioReader, stream: Inflate): void {
  archive.error = nameError(stream.error);
}

function nameError(error: InflateError): string {
  switch (error) {
    case InflateError.Truncated:
      return 'the compressed data ends too early';
    case InflateError.BadHeader:
      return 'the gzip header is damaged';
    case InflateError.BadBlock:
      return 'a compressed block is damaged';
    case InflateError.BadCode:
      return 'a code of the compressed data is damaged';
    case InflateError.BadDistance:
      return 'the compressed data refers to bytes before its start';
    default:
      return 'the checksum of the compressed data is wrong';
  }
}
