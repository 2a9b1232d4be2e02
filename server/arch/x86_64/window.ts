/**
 * The window: all memory that the server hands out, mapped at WINDOW + physical address. A page is named by its frame
 * number (physical address >> 12). Beside the pages stands one 16-byte record per frame of the machine, which says
 * whose the page is.
 *
 * Only this file turns frame numbers into objects. Frame numbers come from memory/pages.ts, so they are valid.
 */

import type { BootInformation } from '../../../lib/abi/boot-information';
import type { Utcb } from '../../../lib/abi/utcb';
import type { PageRecord } from '../../memory/pages';

/** 2^44: far above the server's image and below its boot pages, with room for 16 TB. */
export const WINDOW: u64 = 0x1000_0000_0000;
const PAGE_BITS = 12;
const RECORD_BITS = 4;

let records: u64 = 0;

/** Says where the records are: zeroed memory, 16 bytes for every frame of the machine. */
export function setRecords(address: u64): void {
  records = address;
}

export function pageRecord(frame: u64): PageRecord {
  return reference<PageRecord>(records + (frame << RECORD_BITS));
}

/** Where the server sees the page. */
export function addressOfPage(frame: u64): u64 {
  return WINDOW + (frame << PAGE_BITS);
}

/** The page that an address in the window lies in. */
export function pageOfAddress(address: u64): u64 {
  return (address - WINDOW) >>> PAGE_BITS;
}

/** The message page of a client's thread. */
export function utcbAt(frame: u64): Utcb {
  return reference<Utcb>(addressOfPage(frame));
}

/** What the kernel says about the machine. */
export function bootInformationAt(address: u64): BootInformation {
  return reference<BootInformation>(address);
}
