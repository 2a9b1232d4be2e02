/**
 * A place in the tree that a process sees: a mount and a dentry of that mount's file system. Holds a reference to each.
 */
import type { Dentry } from './dentry';
import type { Mount } from './mount';

export class Path {
  mount!: Mount | null;
  dentry!: Dentry | null;

  /** Takes references of its own; what it held before is let go. */
  set(mount: Mount, dentry: Dentry): void {
    const before = this.dentry;
    dentry.retain();
    this.dentry = dentry;
    if (this.mount !== mount) {
      const left = this.mount;
      mount.retain();
      this.mount = mount;
      if (left !== null) left.drop();
    }
    if (before !== null) before.drop();
  }

  clear(): void {
    const mount = this.mount;
    const dentry = this.dentry;
    this.mount = null;
    this.dentry = null;
    if (dentry !== null) dentry.drop();
    if (mount !== null) mount.drop();
  }

  copyFrom(other: Path): void {
    const mount = other.mount;
    const dentry = other.dentry;
    if (mount !== null && dentry !== null) this.set(mount, dentry);
  }
}
