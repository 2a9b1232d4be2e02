/**
 * The heap behind `new`: objects of up to 2 KB come from pages that hold one size each (Bonwick, "The Slab Allocator",
 * USENIX 1994), larger ones are spans of whole pages. The size of an object is found from its page, so releasing needs
 * only the address.
 *
 * Guarantees: memory comes zeroed and 16-byte aligned; an allocation never fails, because the loop asks `hasReserve`
 * before every request and no request needs more than the reserve. If that promise is ever broken the machine stops
 * with a message rather than go on with a wrong address.
 */
import { fillMemory, setWord16At, word16At } from '../../lib/arch/x86_64/bytes';
import { addressOfPage, pageOfAddress, pageRecord } from '../arch/x86_64/window';
import { stop } from '../kernel/stop';
import { freePage, freeSpan, hasFree, PageUse, reservedPages, takePage, takeSpan } from './pages';

/** Classes 1..16 are multiples of 32 bytes; the others fill a page with 6, 5, 4, 3 and 2 objects. */
const CLASS_SIZES: readonly u16[] = [
  0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448, 480, 512, 672, 816, 1024, 1360, 2048,
];
const LAST_SMALL = 512;
const LAST_CLASS = 21;
const LARGEST = 2048;

/** Pages with a free object, by class. */
const partial: Fixed<u32, 22> = reserve();
let heapPages: u64 = 0;
let heapBytes: u64 = 0;

/** Whether the hungriest request can be served. */
export function hasReserve(): boolean {
  return hasFree(reservedPages());
}

/** Pages that the heap holds, and bytes of them in use. */
export function pagesOfHeap(): u64 {
  return heapPages;
}

export function bytesOfHeap(): u64 {
  return heapBytes;
}

/** @allocator */
export function allocate(bytes: u64): u64 {
  if (bytes > LARGEST) return allocateSpan(bytes);
  let index: u64 = (bytes + 31) >>> 5;
  if (bytes > LAST_SMALL) {
    index = 17;
    while ((CLASS_SIZES[index] as u64) < bytes) index++;
  } else if (index === 0) {
    index = 1;
  }
  const size: u64 = CLASS_SIZES[index];
  let frame: u64 = partial[index];
  if (frame === 0) frame = addObjects(index, size);
  const record = pageRecord(frame);
  const address = addressOfPage(frame) + record.firstFree - 1;
  record.firstFree = word16At(address);
  record.references++;
  if (record.firstFree === 0) unlink(frame, index);
  heapBytes += size;
  fillMemory(address, 0, size);
  return address;
}

/** @deallocator */
export function release(address: u64): void {
  const frame = pageOfAddress(address);
  const record = pageRecord(frame);
  if (record.use === PageUse.Span) {
    const pages: u64 = 1 << record.order;
    heapPages -= pages;
    heapBytes -= pages << 12;
    freeSpan(frame);
    return;
  }
  if (record.use !== PageUse.Objects) stop("memory was released that is not the heap's");
  const index: u64 = record.order;
  const wasFull = record.firstFree === 0;
  setWord16At(address, record.firstFree);
  record.firstFree = (address & 4095) + 1;
  record.references--;
  heapBytes -= CLASS_SIZES[index];
  if (wasFull) link(frame, index);
  if (record.references === 0 && (record.next !== 0 || record.previous !== 0)) {
    unlink(frame, index);
    heapPages--;
    freePage(frame);
  }
}

/** A fresh page of objects of one class, in the list of those with room. */
function addObjects(index: u64, size: u64): u64 {
  const frame: u64 = takePage();
  if (frame === 0) stop('the heap is out of memory');
  heapPages++;
  const record = pageRecord(frame);
  record.use = PageUse.Objects;
  record.order = index;
  record.references = 0;
  record.firstFree = 1;
  const base = addressOfPage(frame);
  let offset: u64 = 0;
  while (offset + size + size <= 4096) {
    setWord16At(base + offset, offset + size + 1);
    offset += size;
  }
  setWord16At(base + offset, 0);
  link(frame, index);
  return frame;
}

function allocateSpan(bytes: u64): u64 {
  const pages: u64 = (bytes + 4095) >>> 12;
  const order: u64 = 64 - leadingZeros(pages - 1);
  if (order > 10) stop('a heap object is larger than 4 MB');
  const frame: u64 = takeSpan(order);
  if (frame === 0) stop('the heap is out of memory');
  heapPages += 1 << order;
  heapBytes += 4096 << order;
  const address = addressOfPage(frame);
  fillMemory(address, 0, bytes);
  return address;
}

function link(frame: u64, index: u64): void {
  const record = pageRecord(frame);
  const head = partial[index];
  record.previous = 0;
  record.next = head;
  if (head !== 0) pageRecord(head).previous = frame;
  partial[index] = frame;
}

function unlink(frame: u64, index: u64): void {
  const record = pageRecord(frame);
  const next = record.next;
  const previous = record.previous;
  if (previous === 0) partial[index] = next;
  else pageRecord(previous).next = next;
  if (next !== 0) pageRecord(next).previous = previous;
  record.next = 0;
  record.previous = 0;
}

staticAssert(LAST_CLASS === 21, 'the size classes and the lists of pages agree');
