/**
 * Address spaces that nobody uses any more: torn down a slice at a time, so that the end of a large process holds nobody
 * up.
 */
import { begin, Chore } from '../wait/chores';
import { type AddressSpace, freeSpace, USER_TOP } from './address-space';
import { freeMapping } from './mapping';
import { removePages } from './unmap';

/** Pages freed in one slice. */
const REAP_PAGES: u64 = 4096;

let spacesToReap: AddressSpace | null = null;

class SpaceReaper extends Chore {
  override slice(): boolean {
    return !reapSpaces();
  }
}

let reaper: SpaceReaper | null = null;

/** Queues a space whose last reference is gone. */
export function bury(space: AddressSpace): void {
  space.nextDead = spacesToReap;
  spacesToReap = space;
  let chore = reaper;
  if (chore === null) {
    chore = new SpaceReaper();
    reaper = chore;
  }
  begin(chore);
}

/** Takes one step; true if there is more to do. */
export function reapSpaces(): boolean {
  const space = spacesToReap;
  if (space === null) return false;
  if (removePages(space, 0, USER_TOP, REAP_PAGES) < USER_TOP) return true;
  let left: i64 = REAP_PAGES as i64;
  while (left > 0) {
    const mapping = space.mappings.dismantle();
    if (mapping === null) break;
    left -= mapping.inode === null ? 16 : 48;
    freeMapping(mapping);
  }
  if (space.mappings.count !== 0) return true;
  spacesToReap = space.nextDead;
  freeSpace(space);
  return spacesToReap !== null;
}
