/**
 * Text on a linear framebuffer of 32, 24 or 16 bits per pixel, in cells of 8 by 16 pixels (font.ts). The loader
 * describes it (boot-record.ts); every size is checked before anything is mapped.
 */
import { bootRecord } from '../../boot/boot-record.js';
import { hasMemory } from '../../boot/memory-map.js';
import { glyphRow } from './font.js';
import { mapDevice } from './kernel-map.js';
import { directAddress } from './memory.js';

const CELL_WIDTH: u64 = 8;
const CELL_HEIGHT: u64 = 16;
const MAXIMUM_WIDTH = 16384;
/** A light grey that every pixel format can show. */
const LEVEL: u64 = 0xc0;

let base: u64 = 0;
let pitch: u64 = 0;
let pixelBytes: u64 = 0;
let foreground: u64 = 0;

/** Maps and clears the framebuffer; false if its description makes no sense. */
export function openFramebuffer(): boolean {
  const bits = bootRecord.screenBitsPerPixel;
  const width: u64 = bootRecord.screenWidth;
  const height: u64 = bootRecord.screenHeight;
  pixelBytes = (bits as u64) >>> 3;
  pitch = bootRecord.screenPitch;
  if ((bits !== 32 && bits !== 24 && bits !== 16) || width > MAXIMUM_WIDTH || height > MAXIMUM_WIDTH) {
    return false;
  }
  if (width < CELL_WIDTH || height < CELL_HEIGHT || pitch < width * pixelBytes || pitch > MAXIMUM_WIDTH * 8) {
    return false;
  }
  if (hasMemory(bootRecord.screenPhysical, pitch * height) || !mapDevice(bootRecord.screenPhysical, pitch * height)) {
    return false;
  }
  base = directAddress(bootRecord.screenPhysical);
  foreground = pixelOf(LEVEL);
  for (let line: u64 = 0; line < height; line++) {
    clearLine(line);
  }
  return true;
}

export function framebufferColumns(): u64 {
  return (bootRecord.screenWidth as u64) / CELL_WIDTH;
}

export function framebufferRows(): u64 {
  return (bootRecord.screenHeight as u64) / CELL_HEIGHT;
}

/** The pixel value of a grey: five bits per colour at 16 bits per pixel, eight otherwise. */
function pixelOf(level: u64): u64 {
  const value = bootRecord.screenBitsPerPixel === 16 ? level >>> 3 : level;
  return (
    (value << bootRecord.screenRedShift) |
    (value << bootRecord.screenGreenShift) |
    (value << bootRecord.screenBlueShift)
  );
}

/** Draws a printable ASCII character. */
export function drawCell(column: u64, row: u64, character: u8): void {
  for (let line: u64 = 0; line < CELL_HEIGHT; line++) {
    const bits = glyphRow(character, line);
    let address = base + (row * CELL_HEIGHT + line) * pitch + column * CELL_WIDTH * pixelBytes;
    for (let pixel: u64 = 0; pixel < CELL_WIDTH; pixel++) {
      putPixel(address, ((bits >>> (7 - pixel)) & 1) !== 0 ? foreground : 0);
      address += pixelBytes;
    }
  }
}

/** Moves every row up by one and clears the last. */
export function scrollFramebuffer(): void {
  const lines = framebufferRows() * CELL_HEIGHT;
  const moved = (lines - CELL_HEIGHT) * pitch;
  copyBytes(base, base + CELL_HEIGHT * pitch, moved);
  for (let line = lines - CELL_HEIGHT; line < lines; line++) {
    clearLine(line);
  }
}

function clearLine(line: u64): void {
  fillBytes(base + line * pitch, 0, (bootRecord.screenWidth as u64) * pixelBytes);
}

function putPixel(address: u64, value: u64): void {
  if (pixelBytes === 4) {
    store32(address, value);
  } else if (pixelBytes === 2) {
    store16(address, value);
  } else {
    store16(address, value);
    store8(address + 2, value >>> 16);
  }
}
