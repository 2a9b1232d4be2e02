/**
 * Taking pages out of a file that may be large, and mapped by many: the end of it (truncate(2)), or a hole (fallocate(2)).
 * What one slice cannot do is the server's own work, which comes to its end even if the caller is killed: a file must
 * not grow over pages that are half gone, and nobody must keep seeing what the file has not.
 *
 * A file has one cut at a time; whoever would cut or extend it meanwhile waits. The pages leave the file first, then the
 * mappings: until those have been visited, what they see of a hole is what was there before.
 */
import { beginCut, forgetFilePages } from '../../memory/file-mapping';
import { release } from '../../memory/heap';
import { begin, Chore } from '../../wait/chores';
import { SLICE_PAGES } from '../../wait/outcome';
import type { TmpfsFile } from './file';

/** Behind the last page that a file can have. */
export const NO_PAGE: u64 = 0x8_0000_0000_0000;

export class Cut extends Chore {
  /** One reference. */
  file!: TmpfsFile;
  first!: u64;
  /** NO_PAGE: the end of the file goes, and private copies of it too; of a hole they stay. */
  end!: u64;
  /** The pages have left the file: what is in their place now came afterwards. */
  isEmptied!: boolean;

  override slice(): boolean {
    const file = this.file;
    if (!this.isEmptied) {
      this.isEmptied = file.removePages(this.first, this.end, SLICE_PAGES * 4);
      return false;
    }
    if (!leaveMappings(file, this.first, this.end)) return false;
    file.cut = null;
    file.drop();
    release(addressOf(this));
    return true;
  }
}

/** Takes the pages `first` to `end` (excluded) out of `file`, which is not being cut. False: that goes on. */
export function cutPages(file: TmpfsFile, first: u64, end: u64): boolean {
  beginCut(file);
  const isEmptied = file.removePages(first, end, SLICE_PAGES * 4);
  if (isEmptied && leaveMappings(file, first, end)) return true;
  const cut = new Cut();
  file.retain();
  file.cut = cut;
  cut.file = file;
  cut.first = first;
  cut.end = end;
  cut.isEmptied = isEmptied;
  begin(cut);
  return false;
}

function leaveMappings(file: TmpfsFile, first: u64, end: u64): boolean {
  return forgetFilePages(file, first << 12, end << 12, end !== NO_PAGE);
}
