/**
 * Large things that nobody can reach any more, given back a slice at a time: the frames of deleted files and the trees
 * of unmounted file systems.
 */
import { release } from '../memory/heap';
import { begin, Chore } from '../wait/chores';
import { SLICE_PAGES } from '../wait/outcome';
import { type Dentry, dentriesToReap, reapDentries } from './dentry';
import type { FileSystem } from './file-system';
import type { FileTable } from './file-table';
import { NO_PAGE } from './tmpfs/cut';
import { directoryOf } from './tmpfs/directory';
import type { TmpfsFile } from './tmpfs/file';

let firstTable: FileTable | null = null;
let firstFile: TmpfsFile | null = null;
let firstFileSystem: FileSystem | null = null;

/** Entries of a dismantled tree that one slice removes. */
const SLICE_ENTRIES: u64 = 200;

class FileReaper extends Chore {
  override slice(): boolean {
    takeSlice();
    return firstFile === null && firstFileSystem === null && firstTable === null && dentriesToReap === null;
  }
}

let reaper: FileReaper | null = null;

/** Something was left to be freed later. */
export function noteLeft(): void {
  let chore = reaper;
  if (chore === null) {
    chore = new FileReaper();
    reaper = chore;
  }
  begin(chore);
}

/** Takes over a table of descriptors that no process has any more. */
export function reapTable(table: FileTable): void {
  noteLeft();
  table.nextReaped = firstTable;
  firstTable = table;
}

/** Takes over a file that nothing refers to. */
export function reapFile(file: TmpfsFile): void {
  noteLeft();
  file.nextReaped = firstFile;
  firstFile = file;
}

/** Takes over a file system of kept inodes that is mounted nowhere. */
export function reapFileSystem(fileSystem: FileSystem): void {
  noteLeft();
  fileSystem.nextReaped = firstFileSystem;
  firstFileSystem = fileSystem;
}

function takeSlice(): void {
  const table = firstTable;
  if (table !== null) {
    // Closing may leave something to be reaped, so the list is another's again only afterwards.
    firstTable = table.nextReaped;
    table.finish();
    return;
  }
  if (dentriesToReap !== null) {
    reapDentries();
    return;
  }
  const file = firstFile;
  if (file !== null) {
    if (!file.removePages(0, NO_PAGE, SLICE_PAGES * 4)) return;
    firstFile = file.nextReaped;
    file.forgetFileSystem();
    release(addressOf(file));
    return;
  }
  const fileSystem = firstFileSystem;
  if (fileSystem !== null && dismantle(fileSystem)) {
    firstFileSystem = fileSystem.nextReaped;
    const root = fileSystem.root;
    fileSystem.root = null;
    if (root !== null) root.drop();
  }
}

/** Removes entries from the leaves up; true when only the root is left. */
function dismantle(fileSystem: FileSystem): boolean {
  const root = fileSystem.root;
  if (root === null) return true;
  let here: Dentry = root;
  let left: u64 = SLICE_ENTRIES;
  while (left !== 0) {
    const child: Dentry | null = directoryOf(here).first;
    if (child === null) {
      const parent: Dentry | null = here.parent;
      if (here === root || parent === null) return true;
      directoryOf(parent).detach(here);
      here.isDeleted = true;
      here.drop();
      here = parent;
    } else if (child.inode.isDirectory) {
      here = child;
    } else {
      directoryOf(here).detach(child);
      child.isDeleted = true;
      child.drop();
    }
    left -= 1;
  }
  return false;
}
