/**
 * The screen as a terminal for the kernel's log: VGA text cells or a linear framebuffer. There is none until
 * `openScreen` found one.
 */
import { bootRecord, ScreenKind } from '../../boot/boot-record.js';
import { hasMemory } from '../../boot/memory-map.js';
import { drawCell, framebufferColumns, framebufferRows, openFramebuffer, scrollFramebuffer } from './framebuffer.js';
import {
  openTextScreen,
  putTextCell,
  scrollTextScreen,
  TEXT_BYTES,
  TEXT_COLUMNS,
  TEXT_PHYSICAL,
  TEXT_ROWS,
  textCursor,
} from './text-screen.js';

let kind: ScreenKind = ScreenKind.None;
let columns: u64 = 0;
let rows: u64 = 0;
let column: u64 = 0;
let row: u64 = 0;

/** Finds a screen: the loader's framebuffer, or VGA text where no RAM lies and memory answers (not on microvm). */
export function openScreen(): void {
  if (bootRecord.screenKind === ScreenKind.Framebuffer) {
    if (openFramebuffer()) {
      kind = ScreenKind.Framebuffer;
      columns = framebufferColumns();
      rows = framebufferRows();
    }
    return;
  }
  if (!hasMemory(TEXT_PHYSICAL, TEXT_BYTES) && openTextScreen()) {
    kind = ScreenKind.Text;
    columns = TEXT_COLUMNS;
    rows = TEXT_ROWS;
  }
}

/** Shows one byte: printable ASCII, newline, carriage return, backspace; anything else as a question mark. */
export function writeScreen(byte: u8): void {
  if (kind === ScreenKind.None) {
    return;
  }
  if (byte === 0x0a) {
    newLine();
  } else if (byte === 0x0d) {
    column = 0;
  } else if (byte === 0x08) {
    column = column === 0 ? 0 : column - 1;
  } else {
    if (column === columns) {
      newLine();
    }
    putCell(byte >= 0x20 && byte < 0x7f ? byte : 0x3f);
    column++;
  }
  if (kind === ScreenKind.Text) {
    textCursor(row * TEXT_COLUMNS + column);
  }
}

function putCell(character: u8): void {
  if (kind === ScreenKind.Text) {
    putTextCell(column, row, character);
  } else {
    drawCell(column, row, character);
  }
}

function newLine(): void {
  column = 0;
  if (row + 1 < rows) {
    row++;
  } else if (kind === ScreenKind.Text) {
    scrollTextScreen();
  } else {
    scrollFramebuffer();
  }
}
