/** More pages: Untyped memory that no kernel object came from becomes a Region and joins the window and the pool. */
import { ObjectKind, PAGE_BITS } from '../../lib/abi/object-kind';
import { panicBecause } from '../log';
import { addPages } from '../memory/pages';
import { findSpareSource, makeFrom } from './objects';
import { addRegion, REGION_LIMIT, regionCount } from './regions';
import { attachToWindow, mapInWindow } from './window';

/** Makes one more Region; false if there is nothing left to make it from. */
export function growPool(): boolean {
  if (regionCount() >= REGION_LIMIT - 1) return false;
  const source = findSpareSource();
  if (source === null) return false;
  makeRegion(source.slot, source.physical, source.bits);
  source.slot = 0;
  addPages(source.physical >>> PAGE_BITS, 1 << (source.bits - PAGE_BITS));
  return true;
}

/** Turns an Untyped into a Region in the window. */
export function makeRegion(untyped: u64, physical: u64, bits: u64): void {
  const region = makeFrom(untyped, ObjectKind.Region, bits, 1);
  if (region === 0) panicBecause('no Region could be made', physical);
  const attachment = attachToWindow(region);
  const pages: u64 = 1 << (bits - PAGE_BITS);
  mapInWindow(attachment, 0, physical, pages);
  addRegion(physical >>> PAGE_BITS, pages, region, attachment);
}
