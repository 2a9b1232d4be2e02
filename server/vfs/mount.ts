/**
 * Mounts and the trees they form (mount_namespaces(7)). A mount shows a dentry of a file system at a dentry of its
 * parent mount; a mount name space is one tree.
 *
 * Invariants: crossing a mount point costs O(log n) however many mounts there are, on the same dentry or elsewhere. A
 * mount in a tree is held by its name space; a detached one lives while files or working directories hold it. Trees are
 * as deep as clients make them: nothing here recurses, and taking one down goes on in slices.
 */
import { copyMemory } from '../../lib/arch/x86_64/bytes';
import { OrderedMap } from '../../lib/ordered-map';
import { allocate, release } from '../memory/heap';
import { budget, spend } from '../wait/budget';
import { begin, Chore } from '../wait/chores';
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

/** Mounts that a name space can have (proc(5), /proc/sys/fs/mount-max). */
export const MOUNT_LIMIT: u32 = 100000;

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
  /** Those mounted on this one, in order of mounting, and by the dentry that they cover: the topmost on each. */
  firstChild!: Mount | null;
  lastChild!: Mount | null;
  next!: Mount | null;
  previous!: Mount | null;
  covers!: Inline<OrderedMap<Mount>>;
  /** Others on the same dentry of the same parent, mounted before and after this one. */
  below!: Mount | null;
  above!: Mount | null;
  /** The copy of this mount in a tree that is being copied. */
  copy!: Mount | null;
  /** In the list of those that are being taken down. */
  nextDetached!: Mount | null;

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
  /** By their numbers, which rise in order of mounting. */
  mounts!: Inline<OrderedMap<Mount>>;

  retain(): void {
    this.references += 1;
  }

  /** The last user gone: takes the tree down. */
  drop(): void {
    this.references -= 1;
    if (this.references !== 0) return;
    const root: Mount | null = this.root;
    this.root = null;
    if (root !== null) this.remove(root);
  }

  /** Puts `mount`, whose reference it takes over, into the tree, and unless it is the root on its point. */
  add(mount: Mount, parent: Mount | null, point: Dentry | null): void {
    mount.namespace = this;
    this.mounts.set(mount.number, mount);
    if (parent !== null && point !== null) enterPoint(mount, parent, point);
  }

  /** Takes `mount` out of the tree, with all that are mounted below it: those go a slice at a time. */
  remove(mount: Mount): void {
    this.forget(mount);
    leavePoint(mount);
    if (mount.firstChild === null) mount.drop();
    else takeDown(mount);
  }

  /** Takes the record of a mount out; its reference is the caller's. */
  forget(mount: Mount): void {
    mount.namespace = null;
    this.mounts.delete(mount.number);
    if (this.references === 0 && this.mounts.count === 0) release(addressOf(this));
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
}

/** Mounts a mount on a place of another; neither need be in a name space. */
export function enterPoint(mount: Mount, parent: Mount, point: Dentry): void {
  mount.parent = parent;
  mount.point = point;
  parent.retain();
  point.retain();
  point.mountCount += 1;
  const last = parent.lastChild;
  mount.next = null;
  mount.previous = last;
  if (last === null) parent.firstChild = mount;
  else last.next = mount;
  parent.lastChild = mount;
  const covered: Mount | null = parent.covers.get(addressOf(point));
  mount.below = covered;
  mount.above = null;
  if (covered !== null) covered.above = mount;
  parent.covers.set(addressOf(point), mount);
}

function leavePoint(mount: Mount): void {
  const parent = mount.parent;
  const point = mount.point;
  if (parent === null || point === null) return;
  mount.parent = null;
  mount.point = null;
  const next = mount.next;
  const previous = mount.previous;
  if (previous === null) parent.firstChild = next;
  else previous.next = next;
  if (next === null) parent.lastChild = previous;
  else next.previous = previous;
  uncover(mount, parent, point);
  point.mountCount -= 1;
  point.drop();
  parent.drop();
}

function uncover(mount: Mount, parent: Mount, point: Dentry): void {
  const below = mount.below;
  const above = mount.above;
  if (below !== null) below.above = above;
  if (above !== null) above.below = below;
  else if (below !== null) parent.covers.set(addressOf(point), below);
  else parent.covers.delete(addressOf(point));
  mount.below = null;
  mount.above = null;
}

/** Mounts that are out of the tree but have others below them. */
let firstDetached: Mount | null = null;

/** What a mount that goes takes of the budget. */
const DETACHING: i64 = 8;

class DetachingChore extends Chore {
  override slice(): boolean {
    while (budget > 0) {
      const mount = firstDetached;
      if (mount === null) return true;
      spend(DETACHING);
      const child: Mount | null = mount.lastChild;
      if (child === null) {
        firstDetached = mount.nextDetached;
        mount.nextDetached = null;
        mount.drop();
      } else {
        const namespace: MountNamespace | null = child.namespace;
        if (namespace !== null) namespace.forget(child);
        leavePoint(child);
        child.nextDetached = mount;
        firstDetached = child;
      }
    }
    return firstDetached === null;
  }
}

let chore: DetachingChore | null = null;

/** Takes over a mount that is in no tree, and all that are mounted below it. */
export function takeDown(mount: Mount): void {
  let detaching = chore;
  if (detaching === null) {
    detaching = new DetachingChore();
    chore = detaching;
  }
  mount.nextDetached = firstDetached;
  firstDetached = mount;
  begin(detaching);
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
  return dentry.mountCount === 0 ? null : parent.covers.get(addressOf(dentry));
}
