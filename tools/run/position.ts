/**
 * Says where the processors stood when a run took too long: the interesting lines of QEMU's register dump, with the
 * function that holds each instruction pointer. The kernel and the process server are both looked up.
 */
import { spawnSync } from 'node:child_process';

export interface SymbolTable {
  /** Sorted by address. */
  functions: { address: bigint; name: string }[];
}

export function readSymbols(path: string): SymbolTable {
  const listing = spawnSync('nm', ['--numeric-sort', '--defined-only', path], { encoding: 'utf8', maxBuffer: 1 << 26 });
  return parseSymbols(listing.stdout ?? '');
}

export function parseSymbols(listing: string): SymbolTable {
  const functions = [];
  for (const line of listing.split('\n')) {
    const match = /^([0-9a-f]{16}) [Tt] (\S+)$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) {
      functions.push({ address: BigInt(`0x${match[1]}`), name: match[2] });
    }
  }
  return { functions };
}

/** `name+0x12`, or undefined where no function of a table starts within 64 KB below. */
export function locate(tables: SymbolTable[], address: bigint): string | undefined {
  for (const { functions } of tables) {
    const found = functions.findLast((candidate) => candidate.address <= address);
    if (found !== undefined && address - found.address < 0x10000n) {
      return `${found.name}+0x${(address - found.address).toString(16)}`;
    }
  }
  return undefined;
}

export function describePosition(dump: string, tables: SymbolTable[]): string {
  const lines: string[] = [];
  for (const line of dump.split('\n')) {
    if (/^CPU#\d+/.test(line)) lines.push(line);
    const pointer = /^RIP=([0-9a-f]+) .*\bCPL=(\d)/.exec(line);
    if (pointer?.[1] !== undefined) {
      const name = locate(tables, BigInt(`0x${pointer[1]}`));
      const whose = pointer[2] === '3' ? ', if in the process server' : ''; // clients may run at the same addresses
      lines.push(`RIP=${pointer[1]} ring ${pointer[2]}${name === undefined ? '' : `${whose} in ${name}`}`);
    }
    if (/^(RSI|CR0)=/.test(line)) lines.push(line);
  }
  return lines.join('\n');
}
