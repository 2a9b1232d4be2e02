/**
 * Copies of whole trees of mounts (mount(2), MS_BIND with MS_REC). One is made out of everybody's sight and appears when
 * it is complete, in one go; so it is limited to what takes no longer than a request may.
 */
import { ENOMEM, ENOSPC } from '../linux/errno';
import { hasFree, reservedPages } from '../memory/pages';
import { allowSteps, type Dentry, isAbove, stepsLeft, useSteps } from './dentry';
import { createMount, enterPoint, MOUNT_LIMIT, type Mount, type MountNamespace, takeDown } from './mount';

/** What one copy counts, in steps from a directory to the one above, and how many steps a tree may take: 250 copies. */
const COPY_STEPS: u64 = 240;
const MOST_STEPS: u64 = 60000;

/** A mount of `root` that is otherwise like `mount`. */
export function copyMount(mount: Mount, root: Dentry): Mount {
  return createMount(mount.fileSystem, root, mount.flags, mount.source, mount.sourceLength);
}

/**
 * Mounts a copy of what `root` of `from` shows, with all that is mounted below it, on `point` of `parent`: 0, -ENOSPC for
 * more mounts than may be or than are looked through at once, or -ENOMEM.
 */
export function copyTree(namespace: MountNamespace, from: Mount, root: Dentry, parent: Mount, point: Dentry): i64 {
  const top = copyMount(from, root);
  from.copy = top;
  allowSteps(MOST_STEPS);
  let count: u32 = 1;
  let mount: Mount | null = from.firstChild;
  while (mount !== null) {
    const above: Mount | null = mount.parent;
    const place: Dentry | null = mount.point;
    const isCopied = above !== null && place !== null && (above !== from || root === from.root || isAbove(root, place));
    const target: Mount | null = above === null ? null : above.copy;
    if (stepsLeft === 0) return giveUp(top, -ENOSPC);
    if (isCopied && target !== null && place !== null) {
      if (!hasFree(reservedPages() + 2)) return giveUp(top, -ENOMEM);
      if (namespace.mounts.count + count >= MOUNT_LIMIT) return giveUp(top, -ENOSPC);
      useSteps(COPY_STEPS);
      const copy: Mount = copyMount(mount, mount.root);
      enterPoint(copy, target, place);
      mount.copy = copy;
      count += 1;
    }
    mount = following(mount, from, isCopied);
  }
  for (let copy: Mount | null = top; copy !== null; copy = following(copy, top, true)) namespace.add(copy, null, null);
  enterPoint(top, parent, point);
  return 0;
}

function giveUp(top: Mount, error: i64): i64 {
  takeDown(top);
  return error;
}

/** What comes after `mount` in the tree below `top`: its first child, unless those are passed over, or whoever is next. */
function following(mount: Mount, top: Mount, goesDown: boolean): Mount | null {
  if (goesDown && mount.firstChild !== null) return mount.firstChild;
  let here: Mount | null = mount;
  while (here !== null && here !== top) {
    if (here.next !== null) return here.next;
    here = here.parent;
  }
  return null;
}
