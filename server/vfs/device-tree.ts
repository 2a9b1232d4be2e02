/**
 * devtmpfs: one tree for every mount of that type, with a node for each registered driver. Processes may add and remove
 * names in it as in any tmpfs.
 */
import { addressOfString, byteAt } from '../../lib/arch/x86_64/bytes';
import { S_IFDIR } from '../linux/file-constants';
import { totalPages } from '../memory/pages';
import type { Dentry } from './dentry';
import { type Device, firstRegisteredDevice } from './device';
import { type FileSystem, FileSystemKind } from './file-system';
import { Name } from './name';
import { createTmpfsInode, directoryOf } from './tmpfs/directory';
import { createTmpfs } from './tmpfs/file-system';

const SLASH: u32 = 47;
const DIRECTORY_BITS: u32 = 493;

let tree: FileSystem | null = null;
const component: Name = reserve();

/** The device tree, made at its first use. */
export function deviceTree(): FileSystem {
  const present = tree;
  if (present !== null) return present;
  const made = createTmpfs(FileSystemKind.Devtmpfs, DIRECTORY_BITS, totalPages() >>> 1);
  made.mounted();
  tree = made;
  let device: Device | null = firstRegisteredDevice();
  while (device !== null) {
    addDeviceNode(made, device);
    device = device.nextDevice;
  }
  return made;
}

/** Gives a driver its node; directories in its name are made on the way. */
function addDeviceNode(fileSystem: FileSystem, device: Device): void {
  let parent = fileSystem.root;
  let at: u64 = addressOfString(device.name);
  const end: u64 = at + (device.name.length as u64);
  while (parent !== null && at < end) {
    let stop: u64 = at;
    while (stop < end && byteAt(stop) !== SLASH) stop += 1;
    component.set(at, stop - at);
    const mode: u32 = stop === end ? device.mode : S_IFDIR | DIRECTORY_BITS;
    parent = findOrAdd(fileSystem, parent, mode, device);
    at = stop + 1;
  }
}

function findOrAdd(fileSystem: FileSystem, parent: Dentry, mode: u32, device: Device): Dentry {
  const directory = directoryOf(parent);
  const present = directory.names.find(component);
  if (present !== null) return present;
  const inode = createTmpfsInode(fileSystem, mode);
  if (!inode.isDirectory) {
    inode.rdev = device.number;
    inode.gid = device.gid;
  }
  return directory.add(parent, component, inode);
}
