/**
 * Frames of the host channel on COM2: `type:u8, length:u16 little-endian, payload`, at most 4096 payload bytes.
 * To the guest: 'i' standard input, 'e' its end, 'w' window size. From the guest: 'h' when it listens (what is sent
 * earlier may be lost), 'o' standard output, 'r' standard error, 'x' exit status.
 */
import { Buffer } from 'node:buffer';

export const MAX_PAYLOAD = 4096;
const HEADER_LENGTH = 3;

export class ProtocolError extends Error {}

export type GuestFrame = { type: 'o' | 'r'; payload: Buffer } | { type: 'x'; status: number } | { type: 'h' };

export function encodeInput(bytes: Buffer): Buffer {
  const frames: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += MAX_PAYLOAD) {
    frames.push(encode('i', bytes.subarray(start, start + MAX_PAYLOAD)));
  }
  return Buffer.concat(frames);
}

export function encodeInputEnd(): Buffer {
  return encode('e', Buffer.alloc(0));
}

export function encodeWindowSize(rows: number, columns: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt16LE(Math.min(rows, 0xffff), 0);
  payload.writeUInt16LE(Math.min(columns, 0xffff), 2);
  return encode('w', payload);
}

function encode(type: string, payload: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_LENGTH);
  header.write(type, 0, 'latin1');
  header.writeUInt16LE(payload.length, 1);
  return Buffer.concat([header, payload]);
}

/** Cuts the guest's byte stream into frames, whatever pieces it arrives in. Throws ProtocolError for anything else. */
export class FrameReader {
  private pending: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): GuestFrame[] {
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    const frames: GuestFrame[] = [];
    while (this.pending.length >= HEADER_LENGTH) {
      const type = String.fromCharCode(this.pending.readUInt8(0));
      const length = this.pending.readUInt16LE(1);
      check(type, length);
      if (this.pending.length < HEADER_LENGTH + length) break;
      frames.push(decode(type, this.pending.subarray(HEADER_LENGTH, HEADER_LENGTH + length)));
      this.pending = this.pending.subarray(HEADER_LENGTH + length);
    }
    return frames;
  }

  /** The bytes of a frame that never ended. */
  get unfinished(): number {
    return this.pending.length;
  }
}

function check(type: string, length: number): void {
  if (!'horx'.includes(type)) throw new ProtocolError(`a frame of type 0x${type.charCodeAt(0).toString(16)}`);
  if (length > MAX_PAYLOAD) throw new ProtocolError(`a frame of ${length} bytes, more than ${MAX_PAYLOAD}`);
  if (type === 'h' && length !== 0) throw new ProtocolError(`a greeting of ${length} bytes`);
  if (type === 'x' && length !== 1) throw new ProtocolError(`an exit status of ${length} bytes`);
}

function decode(type: string, payload: Buffer): GuestFrame {
  if (type === 'x') return { type, status: payload.readUInt8(0) };
  if (type === 'h') return { type };
  return { type: type === 'o' ? 'o' : 'r', payload };
}
