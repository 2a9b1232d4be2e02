/** The server's own address space: Regions are mapped at WINDOW + physical address, and stay. */
import { ROOT_VSPACE_SLOT } from '../../lib/abi/boot-information';
import { KernelError } from '../../lib/abi/error';
import { Invocation } from '../../lib/abi/invocation';
import { ObjectKind } from '../../lib/abi/object-kind';
import { MAP_MAX_PAGES, MapRights } from '../../lib/abi/rights';
import { invoke, result0 } from '../arch/x86_64/kernel-call';
import { WINDOW } from '../arch/x86_64/window';
import { makeObject, takeSlot } from './objects';
import { stop } from './stop';

/** Attaches a Region to the server's own address space; gives the Attachment. */
export function attachToWindow(region: u64): u64 {
  const slot = takeSlot();
  if (invoke(region, Invocation.RegionAttach, ROOT_VSPACE_SLOT, slot, 0, 0) !== KernelError.None) {
    stop('memory could not be attached to the window');
  }
  return slot;
}

/** Maps `pages` pages from `offset` of a Region at their place in the window. */
export function mapInWindow(attachment: u64, offset: u64, physical: u64, pages: u64): void {
  const rights = MapRights.Read | MapRights.Write;
  let done: u64 = 0;
  while (done < pages) {
    const left = pages - done;
    const count: u64 = left < MAP_MAX_PAGES ? left : MAP_MAX_PAGES;
    const at = WINDOW + physical + (done << 12);
    const error = invoke(attachment, Invocation.AttachmentMap, offset + (done << 12), at, count, rights);
    done += result0();
    if (error === KernelError.NoTables) supplyWindow();
    else if (error !== KernelError.None) stop('memory could not be mapped in the window');
  }
}

/** More page tables for the server's own address space. */
function supplyWindow(): void {
  const tables = makeObject(ObjectKind.Tables, 14);
  if (tables === 0 || invoke(ROOT_VSPACE_SLOT, Invocation.VSpaceSupply, tables, 0, 0, 0) !== KernelError.None) {
    stop('no page tables for the window');
  }
}
