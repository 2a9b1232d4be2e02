/**
 * The files that exist before any program runs: the root file system with what Linux's built-in initramfs holds
 * (/dev/console and /root), the first mount name space, and the place init starts in.
 */
import { addressOfString } from '../../lib/arch/x86_64/bytes';
import { AT_FDCWD, S_IFCHR, S_IFDIR } from '../linux/file-constants';
import type { Thread } from '../process/thread';
import { FileSystemContext } from './context';
import { type Dentry } from './dentry';
import { makeDevice } from './device';
import { registerMemoryDevices } from './device/memory-devices';
import { type File } from './file';
import { FileSystemKind } from './file-system';
import { Made } from './made';
import { createMount, type Mount, MountNamespace } from './mount';
import { nameOf } from './name';
import { createTmpfsInode, directoryOf } from './tmpfs/directory';
import { createTmpfs } from './tmpfs/file-system';
import { placeOf, walk, walkText } from './walk';

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
  const mount = createMount(fileSystem, root, 0, addressOfString('rootfs'), 6);
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

const made: Made = reserve();

/** Opens what the kernel itself opens for the first process; null if it cannot be. One reference, the caller's. */
export function openInitial(thread: Thread, path: string, flags: u32): File | null {
  if (walkText(thread, AT_FDCWD, addressOfString(path), path.length as u64, 0) !== 0) return null;
  if (placeOf(walk.here).inode.open(thread, walk.here, flags, made) !== 0) return null;
  const file = made.file;
  made.file = null;
  return file;
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
