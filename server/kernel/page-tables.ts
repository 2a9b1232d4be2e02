/**
 * Memory for page tables, in pieces that address spaces borrow and give back. What was given back is lent again before
 * more is made, so the machine never holds more than the address spaces of its busiest moment needed.
 */
import { ObjectKind, TABLES_MIN_BITS } from '../../lib/abi/object-kind';
import { makeObject } from './objects';

/** Four tables at a time; a single one when memory for four in a row cannot be had. */
const PIECE_BITS = 14;

/** One Tables object. */
export class TablesPiece {
  slot!: u64;
  next!: TablesPiece | null;
}

let stock: TablesPiece | null = null;

/** A piece that belongs to no address space; null when kernel memory has run out. */
export function borrowTables(): TablesPiece | null {
  const kept = stock;
  if (kept !== null) {
    stock = kept.next;
    return kept;
  }
  let slot = makeObject(ObjectKind.Tables, PIECE_BITS);
  if (slot === 0) slot = makeObject(ObjectKind.Tables, TABLES_MIN_BITS);
  if (slot === 0) return null;
  const piece = new TablesPiece();
  piece.slot = slot;
  return piece;
}

/** Takes back a piece whose address space has ended. */
export function returnTables(piece: TablesPiece): void {
  piece.next = stock;
  stock = piece;
}
