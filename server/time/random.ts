/**
 * Random bytes for clients: ChaCha20 (RFC 8439) under a key that is mixed with the time stamp of every request and
 * replaced by its own output after each, so that earlier output cannot be worked out from the state.
 */
import { copyMemory, fillMemory } from '../../lib/arch/x86_64/bytes';
import { timeStamp } from '../arch/x86_64/time-stamp';

const state: Fixed<u32, 16> = reserve();
const block: Fixed<u32, 16> = reserve();
const BLOCK_BYTES: u64 = 64;
const KEY_BYTES: u64 = 32;
let isSeeded = false;

function rotate(value: u64, count: u64): u64 {
  const low = value & 0xffff_ffff;
  return ((low << count) | (low >> (32 - count))) & 0xffff_ffff;
}

/** RFC 8439 2.1: the quarter round on four words of `block`. */
function quarterRound(a: i64, b: i64, c: i64, d: i64): void {
  block[a] = ((block[a] as u64) + block[b]) as u32;
  block[d] = rotate((block[d] ^ block[a]) as u64, 16) as u32;
  block[c] = ((block[c] as u64) + block[d]) as u32;
  block[b] = rotate((block[b] ^ block[c]) as u64, 12) as u32;
  block[a] = ((block[a] as u64) + block[b]) as u32;
  block[d] = rotate((block[d] ^ block[a]) as u64, 8) as u32;
  block[c] = ((block[c] as u64) + block[d]) as u32;
  block[b] = rotate((block[b] ^ block[c]) as u64, 7) as u32;
}

/** RFC 8439 2.3: the next 64 bytes in `block`. */
function nextBlock(): void {
  for (let index = 0; index < 16; index++) block[index] = state[index];
  for (let round = 0; round < 10; round++) {
    quarterRound(0, 4, 8, 12);
    quarterRound(1, 5, 9, 13);
    quarterRound(2, 6, 10, 14);
    quarterRound(3, 7, 11, 15);
    quarterRound(0, 5, 10, 15);
    quarterRound(1, 6, 11, 12);
    quarterRound(2, 7, 8, 13);
    quarterRound(3, 4, 9, 14);
  }
  for (let index = 0; index < 16; index++) block[index] = ((block[index] as u64) + state[index]) as u32;
  state[12] = ((state[12] as u64) + 1) as u32;
}

/** Adds what is unpredictable about now to the key. */
function stir(): void {
  const now = timeStamp();
  state[13] = state[13] ^ ((now & 0xffff_ffff) as u32);
  state[14] = state[14] ^ ((now >> 32) as u32);
}

function seed(): void {
  // The constants of RFC 8439 2.3.
  state[0] = 0x6170_7865;
  state[1] = 0x3320_646e;
  state[2] = 0x7962_2d32;
  state[3] = 0x6b20_6574;
  // Jitter between reads of the counter: as much as a machine without RDRAND offers this early.
  for (let index = 4; index < 12; index++) {
    const now = timeStamp();
    state[index] = (now ^ (now >> 17) ^ (now << 11)) as u32;
    nextBlock();
    for (let other = 4; other < 12; other++) state[other] = (state[other] ^ block[other + 4]) as u32;
  }
  isSeeded = true;
}

/** Fills `count` bytes at `address` (the server's own memory). */
export function fillRandom(address: u64, count: u64): void {
  if (!isSeeded) seed();
  stir();
  let done: u64 = 0;
  while (done < count) {
    nextBlock();
    const left = count - done;
    const part: u64 = left < BLOCK_BYTES ? left : BLOCK_BYTES;
    copyMemory(address + done, addressOf(block), part);
    done += part;
  }
  nextBlock();
  copyMemory(addressOf(state) + 16, addressOf(block), KEY_BYTES);
  fillMemory(addressOf(block), 0, BLOCK_BYTES);
}
