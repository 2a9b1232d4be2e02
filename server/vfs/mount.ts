/**
 * Mounts and the trees they form (mount_namespaces(7)). A mount shows a dentry of a file system at a dentry of its
 * parent mount; a mount name space is one tree.
 *
 * Invariants: crossing a mount point costs a look at the mounts on that one dentry, however many mounts there are. A
 * mount in a tree is held by its name space; a detached one lives while files or working directories hold it.
 */
import { copyMemory } from '../../lib/arch/x86_64/bytes';
import { allocate, release } from '../memory/heap';
import type { Dentry } from './dentry';
import type { FileSystem } from './file-system';

export const MOUNT_READ_ONLY: u32 = 1;
export const MOUNT_NOSUID: u32 = 2;
export const MOUNT_NODEV: u32 = 4;
export const MOUNT_NOEXEC: u32 = 8;
export const MOUNT_NOATIME: u32 = 1024;
export const MOUNT_NODIRATIME: u32 = 2048;
export const MOUNT_RELATIME: u32 = 0x200000;
/** The flags of mount(2) that belong to a mount. */
export const MOUNT_FLAGS: u32 = 0x200c0f;

let lastNumber: u32 = 20;

export class Mount {
  references!: u32;
  number!: u32;
  flags!: u32;
  parent!: Mount | null;
  /** What it covers, in the parent; null for the root of a tree. */
  point!: Dentry | null;
  root!: Dentry;
  fileSystem!: FileSystem;
  /** What mount(2) was given as source, an allocated text. */
  source!: u64;
  sourceLength!: u32;
  namespace!: MountNamespace | null;
  /** In the name space, in order of mounting; and among the mounts on one dentry. */
  next!: Mount | null;
  previous!: Mount | null;
  nextOnPoint!: Mount | null;
  childCount!: u32;
  /** The copy of this mount in a name space that is being made. */
  copy!: Mount | null;

  retain(): void {
    this.references += 1;
  }

  drop(): void {
    this.references -= 1;
    if (this.references !== 0) return;
    const root = this.root;
    const fileSystem = this.fileSystem;
    if (this.sourceLength !== 0) release(this.source);
    release(addressOf(this));
    root.drop();
    fileSystem.unmounted();
  }

  get isReadOnly(): boolean {
    return (this.flags & MOUNT_READ_ONLY) !== 0;
  }

  get isNoExec(): boolean {
    return (this.flags & MOUNT_NOEXEC) !== 0;
  }
}

export class MountNamespace {
  references!: u32;
  root!: Mount | null;
  first!: Mount | null;
  last!: Mount | null;
  count!: u32;

  retain(): void {
    this.references += 1;
  }

  /** The last user gone: takes the tree down, children first. */
  drop(): void {
    this.references -= 1;
    if (this.references !== 0) return;
    this.root = null;
    while (true) {
      const last: Mount | null = this.last;
      if (last === null) break;
      this.remove(last);
    }
    release(addressOf(this));
  }

  /** Puts `mount`, whose reference it takes over, at the end of the tree's list and on its point. */
  add(mount: Mount, parent: Mount | null, point: Dentry | null): void {
    mount.namespace = this;
    mount.previous = this.last;
    mount.next = null;
    const last = this.last;
    if (last === null) this.first = mount;
    else last.next = mount;
    this.last = mount;
    this.count += 1;
    if (parent !== null && point !== null) enterPoint(mount, parent, point);
  }

  /** Takes `mount` out of the tree and lets go of it. */
  remove(mount: Mount): void {
    const next = mount.next;
    const previous = mount.previous;
    if (previous === null) this.first = next;
    else previous.next = next;
    if (next === null) this.last = previous;
    else next.previous = previous;
    mount.next = null;
    mount.previous = null;
    mount.namespace = null;
    this.count -= 1;
    leavePoint(mount);
    mount.drop();
  }

  /** Moves a mount that has a parent to another place of the tree (mount(2), MS_MOVE). */
  move(mount: Mount, parent: Mount, point: Dentry): void {
    leavePoint(mount);
    enterPoint(mount, parent, point);
  }

  /** pivot_root(2): `mount` becomes the root of the tree, and the old root is mounted on `point` of it. */
  pivot(mount: Mount, old: Mount, point: Dentry): void {
    leavePoint(mount);
    enterPoint(old, mount, point);
    this.root = mount;
  }

  /** A tree of its own with the same mounts (CLONE_NEWNS). */
  clone(): MountNamespace {
    const made = new MountNamespace();
    made.references = 1;
    let mount: Mount | null = this.first;
    while (mount !== null) {
      const copy: Mount = createMount(mount.fileSystem, mount.root, mount.flags, mount.source, mount.sourceLength);
      const parent: Mount | null = mount.parent;
      mount.copy = copy;
      made.add(copy, parent === null ? null : parent.copy, mount.point);
      if (mount === this.root) made.root = copy;
      mount = mount.next;
    }
    return made;
  }
}

function enterPoint(mount: Mount, parent: Mount, point: Dentry): void {
  mount.parent = parent;
  mount.point = point;
  parent.retain();
  parent.childCount += 1;
  point.retain();
  mount.nextOnPoint = point.mounts;
  point.mounts = mount;
}

function leavePoint(mount: Mount): void {
  const parent = mount.parent;
  const point = mount.point;
  mount.parent = null;
  mount.point = null;
  if (point !== null) {
    uncover(point, mount);
    point.drop();
  }
  if (parent !== null) {
    parent.childCount -= 1;
    parent.drop();
  }
}

function uncover(point: Dentry, mount: Mount): void {
  let here: Mount | null = point.mounts;
  let before: Mount | null = null;
  while (here !== null && here !== mount) {
    before = here;
    here = here.nextOnPoint;
  }
  if (before === null) point.mounts = mount.nextOnPoint;
  else before.nextOnPoint = mount.nextOnPoint;
  mount.nextOnPoint = null;
}

/** A mount of `root`, in no tree yet, with one reference. `source` is copied. */
export function createMount(fileSystem: FileSystem, root: Dentry, flags: u32, source: u64, length: u32): Mount {
  const mount = new Mount();
  lastNumber += 1;
  mount.references = 1;
  mount.number = lastNumber;
  mount.flags = flags;
  mount.root = root;
  root.retain();
  mount.fileSystem = fileSystem;
  fileSystem.mounted();
  if (length !== 0) {
    mount.source = allocate(length);
    copyMemory(mount.source, source, length);
    mount.sourceLength = length;
  }
  return mount;
}

/** The mount that covers `dentry` of `parent`, the topmost; null if nothing is mounted there. */
export function mountOn(parent: Mount, dentry: Dentry): Mount | null {
  let mount: Mount | null = dentry.mounts;
  while (mount !== null) {
    if (mount.parent === parent) return mount;
    mount = mount.nextOnPoint;
  }
  return null;
}
