/**
 * The page pool: every page of the server's Regions is free, or is counted by references, or belongs to the heap.
 *
 * Single pages wait on a stack, so the common allocation is a pop; behind it a binary buddy system (Knuth, "The Art of
 * Computer Programming" 1, 2.5) keeps spans of up to 4 MB. Pages taken one after another are neighbours as far as
 * possible, so that a file read in one go can be mapped in one go. The last pages are the heap's reserve: a client's
 * allocation fails (0) before it reaches them.
 */
import { fillMemory } from '../../lib/arch/x86_64/bytes';
import { addressOfPage, pageRecord } from '../arch/x86_64/window';
import { growPool } from '../kernel/growth';
import { spareBytes } from '../kernel/objects';

export { addressOfPage } from '../arch/x86_64/window';

/** What a frame is used for: PageRecord.use. */
export enum PageUse {
  /** Counted by references; also every frame that is not ours. */
  Counted,
  /** On the stack of free single pages. */
  Single,
  /** The first page of a free span in the buddy lists. */
  Free,
  /** A page of small heap objects. */
  Objects,
  /** The first page of a heap span. */
  Span,
  /** Counted by references, and the contents of a file. */
  Contents,
}

/** What is known of one frame; heap pages use the same words for their own lists. */
export class PageRecord {
  /** Owners of a counted page; objects in use in a page of objects. */
  references!: u32;
  next!: u32;
  previous!: u32;
  /** Pages of objects: offset of the first free object plus 1, 0: none. */
  firstFree!: u16;
  /** Pages of objects: the size class. Spans: log2 of their pages. */
  order!: u8;
  use!: PageUse;
}
staticAssert(sizeOf<PageRecord>() === 16, 'the window indexes records by shifting');

/** Spans of 2^10 pages are the largest. */
const MAX_ORDER = 10;
/** A refill of the stack of singles takes 16 pages at once. */
const REFILL_ORDER = 4;

const freeSpans: Fixed<u32, 11> = reserve();
let singles: u64 = 0;
let singleCount: u64 = 0;
let free: u64 = 0;
let total: u64 = 0;
let reserved: u64 = 0;

/** Free pages, memory that nothing was made of yet included. */
export function freePages(): u64 {
  return free + (spareBytes() >>> 12);
}

/** Pages of all memory that the kernel gave us. */
export function totalPages(): u64 {
  return total;
}

export function setTotalPages(pages: u64): void {
  total = pages;
}

/** Whether `pages` are free, after growing if need be. */
export function hasFree(pages: u64): boolean {
  while (free < pages) {
    if (!growPool()) return false;
  }
  return true;
}

/** Pages that only the heap may take. */
export function reservedPages(): u64 {
  return reserved;
}

export function setReservedPages(pages: u64): void {
  reserved = pages;
}

/** Puts `pages` frames from `first` into the pool. */
export function addPages(first: u64, pages: u64): void {
  let frame = first;
  const end = first + pages;
  while (frame < end) {
    let order: u64 = trailingZeros(frame | (1 << MAX_ORDER));
    while (frame + (1 << order) > end) order--;
    insertSpan(frame, order);
    frame += 1 << order;
  }
  free += pages;
}

/** A page with one reference, all zero; 0 when memory is out. */
export function allocatePage(): u32 {
  const frame = allocateRawPage();
  if (frame !== 0) fillMemory(addressOfPage(frame), 0, 4096);
  return frame;
}

/** The same, with whatever the page held before: for a caller that overwrites all of it. */
export function allocateRawPage(): u32 {
  if (free <= reserved && !hasFree(reserved + 1)) return 0;
  return takePage();
}

/** A page for the heap, from the reserve if need be. 0 only if there is none at all. */
export function takePage(): u32 {
  if (singles === 0 && !refill()) return 0;
  const frame = singles;
  const record = pageRecord(frame);
  singles = record.next;
  singleCount--;
  free--;
  record.use = PageUse.Counted;
  record.references = 1;
  return frame;
}

/** From now on `page`, which is counted, holds contents of a file. */
export function markContents(page: u32): void {
  pageRecord(page).use = PageUse.Contents;
}

/** Whether a counted page belongs to a file, or did. */
export function isContents(page: u32): boolean {
  return pageRecord(page).use === PageUse.Contents;
}

export function retainPage(page: u32): void {
  pageRecord(page).references++;
}

export function pageReferences(page: u32): u32 {
  return pageRecord(page).references;
}

/** Takes one reference away; the last one frees the page. */
export function dropPage(page: u32): void {
  const record = pageRecord(page);
  record.references--;
  if (record.references === 0) freePage(page);
}

/** Back to the pool with a page that nobody refers to. */
export function freePage(page: u64): void {
  const record = pageRecord(page);
  record.use = PageUse.Single;
  record.next = singles;
  singles = page;
  singleCount++;
  free++;
}

/** 2^order pages in a row, not cleared; 0 when there are none, whatever could be joined. */
export function takeSpan(order: u64): u32 {
  let frame = splitSpan(order);
  while (frame === 0 && singleCount !== 0) {
    joinSingles();
    frame = splitSpan(order);
  }
  if (frame === 0) return 0;
  free -= 1 << order;
  const record = pageRecord(frame);
  record.use = PageUse.Span;
  record.order = order;
  record.references = 1;
  return frame;
}

export function freeSpan(frame: u64): void {
  const order: u64 = pageRecord(frame).order;
  free += 1 << order;
  joinSpan(frame, order);
}

/** Moves a span from the buddy lists to the stack of singles, lowest page on top. */
function refill(): boolean {
  let order: u64 = REFILL_ORDER;
  let frame = splitSpan(order);
  while (frame === 0 && order > 0) {
    order--;
    frame = splitSpan(order);
  }
  if (frame === 0) return false;
  let page = frame + (1 << order);
  while (page > frame) {
    page--;
    const record = pageRecord(page);
    record.use = PageUse.Single;
    record.next = singles;
    singles = page;
  }
  singleCount += 1 << order;
  return true;
}

/** How many singles go back to the buddy lists in one go, which bounds the time. */
const JOIN_BATCH = 2048;

function joinSingles(): void {
  let left: u64 = JOIN_BATCH;
  while (left !== 0 && singles !== 0) {
    const frame = singles;
    singles = pageRecord(frame).next;
    singleCount--;
    joinSpan(frame, 0);
    left--;
  }
}

/** Takes a span of exactly `order` out of the lists, splitting a larger one; 0 if there is none. */
function splitSpan(order: u64): u64 {
  let have = order;
  while (have <= MAX_ORDER && freeSpans[have] === 0) have++;
  if (have > MAX_ORDER) return 0;
  const frame: u64 = freeSpans[have];
  removeSpan(frame, have);
  while (have > order) {
    have--;
    insertSpan(frame + (1 << have), have);
  }
  pageRecord(frame).use = PageUse.Counted;
  return frame;
}

/** Puts a span into the lists, joined with its buddy as long as that is free too. */
function joinSpan(start: u64, startOrder: u64): void {
  let frame = start;
  let order = startOrder;
  while (order < MAX_ORDER) {
    const buddy = frame ^ (1 << order);
    const record = pageRecord(buddy);
    if (record.use !== PageUse.Free || record.order !== order) break;
    removeSpan(buddy, order);
    record.use = PageUse.Counted;
    if (buddy < frame) frame = buddy;
    order++;
  }
  insertSpan(frame, order);
}

function insertSpan(frame: u64, order: u64): void {
  const record = pageRecord(frame);
  const head = freeSpans[order];
  record.use = PageUse.Free;
  record.order = order;
  record.previous = 0;
  record.next = head;
  if (head !== 0) pageRecord(head).previous = frame;
  freeSpans[order] = frame;
}

function removeSpan(frame: u64, order: u64): void {
  const record = pageRecord(frame);
  const next = record.next;
  const previous = record.previous;
  if (previous === 0) freeSpans[order] = next;
  else pageRecord(previous).next = next;
  if (next !== 0) pageRecord(next).previous = previous;
}
