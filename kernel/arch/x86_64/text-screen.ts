/** VGA text mode: 80 by 25 cells of character and attribute at physical 0xb8000 (IBM VGA; mode 3). */
import { mapDevice } from './kernel-map.js';
import { directAddress } from './memory.js';
import { PORT_CRT_DATA, PORT_CRT_INDEX } from './ports.js';

export const TEXT_PHYSICAL: u64 = 0xb8000;
export const TEXT_COLUMNS: u64 = 80;
export const TEXT_ROWS: u64 = 25;
export const TEXT_BYTES: u64 = 4000;

const ROW_BYTES: u64 = 160;
const LIGHT_GREY: u64 = 0x0700;
const BLANK: u64 = 0x0720;
const PROBE: u64 = 0x07a5;

/** Maps and clears the screen; false if nothing there keeps what is written. */
export function openTextScreen(): boolean {
  if (!mapDevice(TEXT_PHYSICAL, TEXT_BYTES)) {
    return false;
  }
  storeOnce16(cellAddress(0, 0), PROBE);
  if (loadOnce16(cellAddress(0, 0)) !== PROBE) {
    return false;
  }
  for (let cell: u64 = 0; cell < TEXT_BYTES; cell += 2) {
    store16(directAddress(TEXT_PHYSICAL) + cell, BLANK);
  }
  return true;
}

export function putTextCell(column: u64, row: u64, character: u8): void {
  store16(cellAddress(column, row), LIGHT_GREY | character);
}

/** Moves every row up by one and clears the last. */
export function scrollTextScreen(): void {
  const start = directAddress(TEXT_PHYSICAL);
  copyWords(start, start + ROW_BYTES, (TEXT_BYTES - ROW_BYTES) >>> 3);
  for (let column: u64 = 0; column < TEXT_COLUMNS; column++) {
    store16(cellAddress(column, TEXT_ROWS - 1), BLANK);
  }
}

/** Puts the cursor on cell `cell`. */
export function textCursor(cell: u64): void {
  out8(PORT_CRT_INDEX, 0x0e);
  out8(PORT_CRT_DATA, cell >>> 8);
  out8(PORT_CRT_INDEX, 0x0f);
  out8(PORT_CRT_DATA, cell & 0xff);
}

function cellAddress(column: u64, row: u64): u64 {
  return directAddress(TEXT_PHYSICAL) + row * ROW_BYTES + column * 2;
}
