/** The host channel's framing, whatever pieces the bytes arrive in. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeInput, encodeInputEnd, encodeWindowSize, FrameReader, MAX_PAYLOAD, ProtocolError } from './frame.js';

function guestFrame(type: string, payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([type.charCodeAt(0), payload.length & 0xff, payload.length >> 8]), payload]);
}

describe('frames to the guest', () => {
  it('carry at most 4096 bytes each, and all bytes in order', () => {
    const input = Buffer.alloc(MAX_PAYLOAD * 2 + 5, 'abc');
    const encoded = encodeInput(input);
    const payloads: Buffer[] = [];
    for (let offset = 0; offset < encoded.length; ) {
      assert.equal(encoded[offset], 'i'.charCodeAt(0));
      const length = encoded.readUInt16LE(offset + 1);
      assert.ok(length > 0 && length <= MAX_PAYLOAD);
      payloads.push(encoded.subarray(offset + 3, offset + 3 + length));
      offset += 3 + length;
    }
    assert.deepEqual(Buffer.concat(payloads), input);
  });

  it('say the end of input and the window size', () => {
    assert.deepEqual([...encodeInputEnd()], [0x65, 0, 0]);
    assert.deepEqual([...encodeWindowSize(24, 300)], [0x77, 4, 0, 24, 0, 0x2c, 1]);
  });
});

describe('frames from the guest', () => {
  it('are the same however the stream is cut', () => {
    const stream = Buffer.concat([
      guestFrame('h', Buffer.of()),
      guestFrame('o', Buffer.from('hello')),
      guestFrame('r', Buffer.alloc(4096, 1)),
      guestFrame('x', Buffer.of(7)),
    ]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 })), (cuts) => {
        const reader = new FrameReader();
        const frames = [];
        let start = 0;
        for (const cut of [...cuts, stream.length]) {
          frames.push(...reader.push(stream.subarray(start, start + cut)));
          start = Math.min(start + cut, stream.length);
        }
        assert.equal(reader.unfinished, 0);
        assert.deepEqual(
          frames.map((frame) => frame.type),
          ['h', 'o', 'r', 'x'],
        );
        assert.deepEqual(frames[1], { type: 'o', payload: Buffer.from('hello') });
        assert.deepEqual(frames[3], { type: 'x', status: 7 });
      }),
    );
  });

  it('of another type, too long, or with a strange status are protocol errors', () => {
    for (const bytes of [
      guestFrame('z', Buffer.of()),
      Buffer.from([0x6f, 0x01, 0x10]),
      guestFrame('x', Buffer.of(1, 2)),
      guestFrame('h', Buffer.of(1)),
    ]) {
      assert.throws(() => new FrameReader().push(bytes), ProtocolError);
    }
  });

  it('wait for the rest of a frame', () => {
    const reader = new FrameReader();
    assert.deepEqual(reader.push(Buffer.from([0x6f, 3, 0, 65])), []);
    assert.equal(reader.unfinished, 4);
    assert.deepEqual(reader.push(Buffer.from('BC')), [{ type: 'o', payload: Buffer.from('ABC') }]);
  });
});
