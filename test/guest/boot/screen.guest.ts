/** The screen shows the log: VGA text where the firmware left it, pixels where the loader gave a framebuffer. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ISO, Machine, UEFI } from './machine.js';

const PROMPT = /# /;
const BANNER = 'Kairo: a capability kernel in TypeScript';
const PANIC = 'Kernel panic: non-maskable interrupt (vector 2, error code 0x0)';
const CELL = { width: 8, height: 16 };

/** The bit pattern of each cell of a row. */
function rowOf(screen: { width: number; height: number; pixels: Buffer }, row: number): string[] {
  const columns = Math.floor(screen.width / CELL.width);
  const top = row * CELL.height;
  return Array.from({ length: columns }, (_, column) => {
    let bits = '';
    for (let line = 0; line < CELL.height; line++) {
      for (let pixel = 0; pixel < CELL.width; pixel++) {
        bits += (screen.pixels[((top + line) * screen.width + column * CELL.width + pixel) * 3] ?? 0) > 64 ? '#' : '.';
      }
    }
    return bits;
  });
}

describe('the screen', () => {
  for (const machine of ['pc', 'q35']) {
    it(`is VGA text on ${machine} by PVH`, async () => {
      await Machine.with({ machine, append: 'loglevel=7' }, async (running) => {
        await running.waitForConsole(PROMPT);
        const cells = await running.physical(0xb8000, 160);
        assert.match(
          String.fromCharCode(...cells.filter((_, index) => index % 2 === 0)),
          new RegExp(`\\] ${BANNER} *$`),
        );
      });
    });
  }

  it('shows the log of the ISO, and the serial line is the shell alone', async () => {
    await Machine.with({ machine: 'q35', boot: ['-cdrom', ISO], bare: true }, async (running) => {
      await running.waitForConsole(PROMPT);
      assert.doesNotMatch(running.console, new RegExp(BANNER));
      const screen = await running.screen();
      const rows = Array.from({ length: Math.floor(screen.height / CELL.height) }, (_, row) => rowOf(screen, row));
      const shapes = rows.map((cells) => shapeOf(cells, '.'.repeat(CELL.width * CELL.height)));
      for (const line of [BANNER, 'console: the first serial line, 115200 baud, 8N1']) {
        const shape = line.replaceAll(/\S/g, 'x');
        assert.ok(
          shapes.some((row) => row.endsWith(` ${shape}`)),
          `no row has the shape of "${line}"`,
        );
      }
    });
  });

  it('is a framebuffer under UEFI, where equal letters look equal and different ones differ', async () => {
    const boot = ['-bios', UEFI, '-cdrom', ISO];
    await Machine.with({ machine: 'q35', boot, bare: true }, async (running) => {
      await running.waitForConsole(PROMPT);
      await running.ask('nmi');
      await running.waitForConsole('end of panic');
      const screen = await running.screen();
      const rows = Array.from({ length: Math.floor(screen.height / CELL.height) }, (_, row) => rowOf(screen, row));
      const blank = '.'.repeat(CELL.width * CELL.height);
      const shape = PANIC.replaceAll(/\S/g, 'x');
      const shown = rows.find((cells) => shapeOf(cells, blank).endsWith(` ${shape}`));
      assert.ok(shown, `no row has the shape of "${PANIC}"`);
      const start = shapeOf(shown, blank).length - PANIC.length;
      const looks = new Map<string, string>();
      [...PANIC].forEach((character, index) => {
        const cell = shown[start + index] ?? '';
        assert.equal(looks.get(character) ?? cell, cell, character);
        looks.set(character, cell);
      });
      assert.equal(new Set(looks.values()).size, looks.size);
    });
  });
});

function shapeOf(cells: string[], blank: string): string {
  return cells
    .map((cell) => (cell === blank ? ' ' : 'x'))
    .join('')
    .trimEnd();
}
