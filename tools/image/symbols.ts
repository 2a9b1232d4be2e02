/**
 * Makes the table of function names that the kernel's backtraces read (kernel/arch/x86_64/symbols.ts) from what `nm -n`
 * prints of the first link:
 *
 *   node symbols.js --nm nm.txt --out symbols.bin
 *
 * Layout, all u32 little-endian: count; per function its offset from image_start and the offset of its name from the
 * table's start, ascending; then the names, each ended by 0.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

export interface CodeSymbol {
  address: bigint;
  name: string;
}

/** The code symbols of `nm -n` output, and where the image starts. Of several at one address the last is kept. */
export function parseSymbols(text: string): { start: bigint; symbols: CodeSymbol[] } {
  let start: bigint | undefined;
  const byAddress = new Map<bigint, string>();
  for (const line of text.split('\n')) {
    const match = /^([0-9a-f]{16}) (\w) (\S+)$/.exec(line);
    if (match === null) {
      continue;
    }
    const address = BigInt(`0x${match[1]}`);
    const name = match[3] ?? '';
    if (name === 'image_start') {
      start = address;
    } else if (/^[tTwW]$/.test(match[2] ?? '') && !name.includes('..@')) {
      byAddress.set(address, name);
    }
  }
  if (start === undefined) {
    throw new Error('the image has no symbol image_start');
  }
  const from = start;
  const symbols = [...byAddress].map(([address, name]) => ({ address, name })).filter((one) => one.address >= from);
  symbols.sort((left, right) => (left.address < right.address ? -1 : 1));
  return { start, symbols };
}

/** The table's bytes. */
function encodeSymbols(start: bigint, symbols: readonly CodeSymbol[]): Buffer {
  const head = Buffer.alloc(4 + symbols.length * 8);
  const names: Buffer[] = [];
  let nameOffset = head.length;
  head.writeUInt32LE(symbols.length, 0);
  symbols.forEach((symbol, index) => {
    const name = Buffer.from(`${symbol.name}\0`, 'latin1');
    head.writeUInt32LE(Number(symbol.address - start), 4 + index * 8);
    head.writeUInt32LE(nameOffset, 8 + index * 8);
    names.push(name);
    nameOffset += name.length;
  });
  return Buffer.concat([head, ...names]);
}

function main(): void {
  const { values } = parseArgs({ options: { nm: { type: 'string' }, out: { type: 'string' } } });
  if (values.nm === undefined || values.out === undefined) {
    throw new Error('usage: symbols.js --nm FILE --out FILE');
  }
  const { start, symbols } = parseSymbols(readFileSync(values.nm, 'latin1'));
  writeFileSync(values.out, encodeSymbols(start, symbols));
}

if (process.argv[1]?.endsWith('symbols.js')) {
  main();
}
