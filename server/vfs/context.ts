/**
 * Where a process stands in the tree: root, working directory and file mode mask (chroot(2), chdir(2), umask(2)); shared
 * by threads and by clone's CLONE_FS.
 *
 * Invariant: both paths are always set.
 */
import { release } from '../memory/heap';
import { Path } from './path';

export class FileSystemContext {
  references!: u32;
  umask!: u32;
  root!: Inline<Path>;
  current!: Inline<Path>;

  retain(): void {
    this.references += 1;
  }

  drop(): void {
    this.references -= 1;
    if (this.references !== 0) return;
    this.root.clear();
    this.current.clear();
    release(addressOf(this));
  }

  /** A copy of its own for a child (clone(2) without CLONE_FS). */
  clone(): FileSystemContext {
    const copy = new FileSystemContext();
    copy.references = 1;
    copy.umask = this.umask;
    copy.root.copyFrom(this.root);
    copy.current.copyFrom(this.current);
    return copy;
  }
}
