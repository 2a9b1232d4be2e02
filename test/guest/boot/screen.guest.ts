/** The screen shows the log: VGA text where the firmware left it, pixels where the loader gave a framebuffer. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ISO, Machine, UEFI } from './machine.js';

const PROMPT = /# /;
const BANNER = 'Kairo: a capability kernel in TypeScript';
const CELL = { width: 8, height: 16 };

/** The bit pattern of each cell of the topmost row that shows anything. */
function firstRow(screen: { width: number; height: number; pixels: Buffer }): string[] {
  const columns = Math.floor(screen.width / CELL.width);
  return Array.from({ length: columns }, (_, column) => {
    let bits = '';
    for (let line = 0; line < CELL.height; line++) {
      for (let pixel = 0; pixel < CELL.width; pixel++) {
        bits += (screen.pixels[(line * screen.width + column * CELL.width + pixel) * 3] ?? 0) > 64 ? '#' : '.';
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

  it('is a framebuffer under UEFI, where equal letters look equal and different ones differ', async () => {
    const boot = ['-bios', UEFI, '-cdrom', ISO];
    await Machine.with({ machine: 'q35', boot }, async (running) => {
      await running.waitForConsole(PROMPT);
      const cells = firstRow(await running.screen());
      const blank = '.'.repeat(CELL.width * CELL.height);
      const shown = cells
        .map((cell) => (cell === blank ? ' ' : 'x'))
        .join('')
        .trimEnd();
      const end = shown.length - BANNER.length;
      assert.ok(end > 0 && shown.endsWith(BANNER.replaceAll(/\S/g, 'x')), shown);
      const looks = new Map<string, string>();
      [...BANNER].forEach((character, index) => {
        const cell = cells[end + index] ?? '';
        assert.equal(looks.get(character) ?? cell, cell, character);
        looks.set(character, cell);
      });
      assert.equal(new Set(looks.values()).size, looks.size);
    });
  });
});
