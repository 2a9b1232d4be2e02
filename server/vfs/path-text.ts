/**
 * Paths written out (getcwd(2), /proc/PID/fd, /proc/mounts): from a place up to a root, over mount points.
 */
import { copyMemory, setByteAt } from '../../lib/arch/x86_64/bytes';
import type { Dentry } from './dentry';
import type { Mount } from './mount';
import type { Path } from './path';
import type { Text } from './text';

const PATH_BYTES: u64 = 8192;
const SLASH: u64 = 47;
const scratch: Fixed<u8, 8192> = reserve();

/** Names and mounts that the last path led over. */
export let pathSteps: u64 = 0;

/** Writes the path of `place` as seen from `root`; from elsewhere, "(unreachable)" and the path to the outermost root. */
export function writePath(text: Text, place: Path, root: Path): void {
  const mount = place.mount;
  const dentry = place.dentry;
  if (mount === null || dentry === null) return;
  writePathOf(text, mount, dentry, root);
}

export function writePathOf(text: Text, fromMount: Mount, fromDentry: Dentry, root: Path): void {
  const end: u64 = addressOf(scratch) + PATH_BYTES;
  let at: u64 = end;
  let mount: Mount = fromMount;
  let dentry: Dentry = fromDentry;
  let isReachable = true;
  pathSteps = 0;
  while (!(dentry === root.dentry && mount === root.mount)) {
    pathSteps += 1;
    const parent: Dentry | null = dentry.parent;
    if (dentry === mount.root || parent === null) {
      const outer: Mount | null = mount.parent;
      const point: Dentry | null = mount.point;
      if (outer === null || point === null) {
        isReachable = false;
        break;
      }
      mount = outer;
      dentry = point;
      continue;
    }
    const length: u64 = dentry.nameLength;
    if (at - addressOf(scratch) < length + 1) break;
    at -= length;
    copyMemory(at, dentry.nameAddress, length);
    at -= 1;
    setByteAt(at, SLASH);
    dentry = parent;
  }
  if (!isReachable) text.putString('(unreachable)');
  if (at === end) text.putByte(SLASH);
  else text.putBytes(at, end - at);
}
