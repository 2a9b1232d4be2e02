/**
 * The files that exist before any program runs: the root file system with what Linux's built-in initramfs holds
 * (/dev/console and /root), the first mount name space, and the place init starts in.
 */
import { addressOfString } from '../../lib/arch/x86_64/bytes';
import { S_IFCHR, S_IFDIR } from '../linux/file-constants';
import { FileSystemContext } from './context';
import { type Dentry } from './dentry';
import { makeDevice } from './device';
import { registerMemoryDevices } from './device/memory-devices';
import { FileSystemKind } from './file-system';
import { createMount, MOUNT_RELATIME, type Mount, MountNamespace } from './mount';
import { nameOf } from './name';
import { createTmpfsInode, directoryOf } from './tmpfs/directory';
import { createTmpfs } from './tmpfs/file-system';

let rootMount: Mount | null = null;
let firstNamespace: MountNamespace | null = null;

/** Makes the root. Drivers register themselves before or after; the memory devices do so here. */
export function initialiseFileSystems(): void {
  registerMemoryDevices();
  const fileSystem = createTmpfs(FileSystemKind.Root, 493, 0);
  const root = fileSystem.root;
  if (root === null) return;
  const devices = addDirectory(root, 'dev', 493);
  addDirectory(root, 'root', 448);
  const console = createTmpfsInode(fileSystem, (S_IFCHR | 384) as u32);
  console.rdev = makeDevice(5, 1);
  directoryOf(devices).add(devices, nameOf('console'), console);
  const mount = createMount(fileSystem, root, MOUNT_RELATIME, addressOfString('rootfs'), 6);
  const namespace = new MountNamespace();
  namespace.references = 1;
  namespace.add(mount, null, null);
  namespace.root = mount;
  rootMount = mount;
  firstNamespace = namespace;
}

function addDirectory(parent: Dentry, name: string, bits: u32): Dentry {
  const inode = createTmpfsInode(parent.inode.fileSystem, (S_IFDIR | bits) as u32);
  return directoryOf(parent).add(parent, nameOf(name), inode);
}

/** The first mount name space, with a reference for the caller. */
export function rootNamespace(): MountNamespace {
  const namespace = firstNamespace!;
  namespace.retain();
  return namespace;
}

/** The mount that everything hangs from. */
export function firstMount(): Mount {
  return rootMount!;
}

/** A context that stands at the root, with Linux's mask for init (0022), with one reference. */
export function rootContext(): FileSystemContext {
  const context = new FileSystemContext();
  const mount = firstMount();
  context.references = 1;
  context.umask = 18;
  context.root.set(mount, mount.root);
  context.current.set(mount, mount.root);
  return context;
}
