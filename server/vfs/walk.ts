/**
 * Path resolution (path_resolution(7)): from a text to a place, through mounts and symbolic links, with search
 * permission checked on every directory that is passed.
 *
 * One walk is under way at a time; it never waits. The text stands behind free room in a buffer, and a symbolic link's
 * target is put in front of what remains, so links need no recursion. What a walk found stays in `walk` until the next one
 * begins; callers copy the path they keep.
 */
import { byteAt, copyMemory, setByteAt } from '../../lib/arch/x86_64/bytes';
import { EACCES, EBADF, EISDIR, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR } from '../linux/errno';
import { AT_FDCWD, MAXIMUM_LINKS, MAY_EXECUTE, NAME_MAX, PATH_MAX } from '../linux/file-constants';
import { copyInString } from '../memory/copy';
import type { Thread } from '../process/thread';
import type { Dentry } from './dentry';
import { type Mount, mountOn } from './mount';
import { Name } from './name';
import { Path } from './path';
import { checkPermission } from './permission';
import { Text } from './text';

/** Do not follow a symbolic link in the last component. */
export const WALK_NO_FOLLOW: u32 = 1;
/** Stop at the directory that holds the last component; its name is in `walk.name`. */
export const WALK_PARENT: u32 = 2;
/** A missing last component is no error: `walk.isMissing`, and place and name are as for WALK_PARENT. */
export const WALK_CREATE: u32 = 4;
/** An empty path is the directory descriptor itself (AT_EMPTY_PATH). */
export const WALK_EMPTY: u32 = 8;

/** Room for the targets of links in front of the path; together they may be this long. */
const LINK_ROOM: u64 = 28672;
/**
 * Components and mounts that one walk passes, those of link targets included: as many as the longest path can have, and
 * some. So a request never takes long, whatever links and mounts a client lays out; what needs more is as good as a loop.
 */
const MAXIMUM_COMPONENTS: u32 = 2060;
/** What a name counts that is made when it is looked up, as procfs does, beyond one that is there. */
const MADE_COMPONENT: u32 = 7;
const SLASH: u32 = 47;
const DOT: u32 = 46;

const textBuffer: Fixed<u8, 32768> = reserve();
const linkBuffer: Fixed<u8, 4096> = reserve();
const linkText: Text = reserve();

/** How the last component of a path that stopped at its parent reads. */
export enum LastKind {
  Normal,
  Dot,
  DotDot,
  /** There was none: the path is the root. */
  Root,
}

export class Walk {
  /** Where the walk stands. */
  here!: Inline<Path>;
  name!: Inline<Name>;
  last!: LastKind;
  /** The path ended in a slash, so it must lead to a directory. */
  hasTrailingSlash!: boolean;
  isMissing!: boolean;
  links!: u32;
  components!: u32;
  /** The next walk is one more of the same request's: its components count together with those of the last. */
  countsOn!: boolean;
  /** What remains of the text. */
  position!: u64;
  end!: u64;
}

export const walk: Walk = reserve();

/** Resolves a client's path from a directory descriptor; 0, or a negated errno. The place is in `walk.here`. */
export function walkPath(thread: Thread, directory: i64, address: u64, flags: u32): i64 {
  const length = copyInString(thread.space, firstText(), address, PATH_MAX);
  if (length < 0) return length;
  return walkFrom(thread, directory, length as u64, flags);
}

/** Resolves a text of the server's own. */
export function walkText(thread: Thread, directory: i64, address: u64, length: u64, flags: u32): i64 {
  if (length >= PATH_MAX) return -ENAMETOOLONG;
  copyMemory(firstText(), address, length);
  return walkFrom(thread, directory, length, flags);
}

/** Where a path is put: behind the room for the targets of links. */
function firstText(): u64 {
  return addressOf(textBuffer) + LINK_ROOM;
}

function walkFrom(thread: Thread, directory: i64, length: u64, flags: u32): i64 {
  const start = firstText();
  walk.position = start;
  walk.end = start + length;
  walk.links = 0;
  if (!walk.countsOn) walk.components = 0;
  walk.countsOn = false;
  walk.isMissing = false;
  walk.hasTrailingSlash = false;
  walk.last = LastKind.Root;
  const isEmpty = start === walk.end;
  if (isEmpty && (flags & WALK_EMPTY) === 0) return -ENOENT;
  if (!isEmpty && byteAt(start) === SLASH) {
    walk.here.copyFrom(thread.fileSystem.root);
  } else if (directory === AT_FDCWD) {
    walk.here.copyFrom(thread.fileSystem.current);
  } else {
    const file = thread.files.get(directory as u64);
    if (file === null) return -EBADF;
    const dentry = file.dentry;
    const mount = file.mount;
    if (dentry === null || mount === null) return isEmpty ? -EACCES : -ENOTDIR;
    if (!isEmpty && !dentry.inode.isDirectory) return -ENOTDIR;
    walk.here.set(mount, dentry);
  }
  return walkRest(thread, flags);
}

/** Goes on until the text is used up. */
function walkRest(thread: Thread, flags: u32): i64 {
  while (true) {
    while (walk.position < walk.end && byteAt(walk.position) === SLASH) walk.position += 1;
    if (walk.position === walk.end) return 0;
    const here = placeOf(walk.here);
    const inode = here.inode;
    if (!inode.isDirectory) return -ENOTDIR;
    const denied = checkPermission(thread.process, inode, MAY_EXECUTE);
    if (denied !== 0) return denied;
    if (isTooFar()) return -ELOOP;
    const isLast = takeComponent();
    if (walk.name.length > NAME_MAX) return -ENAMETOOLONG;
    if (isLast && (flags & WALK_PARENT) !== 0) return 0;
    if (walk.last === LastKind.Dot) continue;
    if (walk.last === LastKind.DotDot) {
      const error = goUp(thread);
      if (error !== 0) return error;
      continue;
    }
    // Nothing that ends in a slash is created, nor opened for creation, before any look at what is there (open(2)).
    if (isLast && walk.hasTrailingSlash && (flags & WALK_CREATE) !== 0) return -EISDIR;
    const found = inode.lookup(thread, here, walk.name);
    if (found === null) {
      if (!isLast || (flags & WALK_CREATE) === 0) return -ENOENT;
      walk.isMissing = true;
      return 0;
    }
    // Nobody else holds it.
    if (found.references === 1) walk.components += MADE_COMPONENT;
    const error = enter(thread, found, !isLast || walk.hasTrailingSlash || (flags & WALK_NO_FOLLOW) === 0);
    found.drop();
    if (error !== 0) return error;
    if (isLast && walk.hasTrailingSlash && !placeOf(walk.here).inode.isDirectory) {
      if (walk.position === walk.end) return -ENOTDIR;
    }
  }
}

/** Cuts the next component off the text into `walk.name`; true if nothing but slashes follows it. */
function takeComponent(): boolean {
  const start = walk.position;
  let end: u64 = start;
  while (end < walk.end && byteAt(end) !== SLASH) end += 1;
  walk.last = LastKind.Normal;
  if (byteAt(start) === DOT) {
    if (end - start === 1) walk.last = LastKind.Dot;
    else if (end - start === 2 && byteAt(start + 1) === DOT) walk.last = LastKind.DotDot;
  }
  let after: u64 = end;
  while (after < walk.end && byteAt(after) === SLASH) after += 1;
  const isLast = after === walk.end;
  // Dots on the way are not looked up.
  if (isLast || walk.last === LastKind.Normal) walk.name.set(start, end - start);
  if (isLast && end !== after) walk.hasTrailingSlash = true;
  walk.position = isLast ? walk.end : end;
  return isLast;
}

/** Steps to what was found under a name: over mounts, and through a symbolic link if it is to be followed. */
function enter(thread: Thread, found: Dentry, follows: boolean): i64 {
  const inode = found.inode;
  if (inode.isSymlink && follows) {
    walk.links += 1;
    if (walk.links > MAXIMUM_LINKS) return -ELOOP;
    if (inode.jumps()) return inode.jump(thread, walk.here);
    return prependLink(thread, found);
  }
  const mount = walk.here.mount;
  if (mount !== null) {
    walk.here.set(mount, found);
    if (found.mountCount !== 0) return goDown();
  }
  return 0;
}

/** Puts a link's target in front of the rest of the text. */
function prependLink(thread: Thread, link: Dentry): i64 {
  linkText.begin(addressOf(linkBuffer), 4096);
  const error = link.inode.readLink(thread, linkText);
  if (error !== 0) return error;
  const length: u64 = linkText.length;
  if (length === 0) return -ENOENT;
  const rest: u64 = walk.position;
  // The slash that ended the component still stands in the text; a last component had none, or only trailing ones.
  let start: u64 = rest;
  if (rest === walk.end && walk.hasTrailingSlash) {
    start -= 1;
    setByteAt(start, SLASH);
  }
  if (start - addressOf(textBuffer) < length) return -ENAMETOOLONG;
  start -= length;
  copyMemory(start, linkText.address, length);
  walk.position = start;
  if (byteAt(start) === SLASH) walk.here.copyFrom(thread.fileSystem.root);
  return 0;
}

/** `..`: at the root it stays; at the root of a mount it leaves by the mount point. 0, or -ELOOP. */
function goUp(thread: Thread): i64 {
  const root = thread.fileSystem.root;
  while (true) {
    const mount = walk.here.mount;
    const dentry = walk.here.dentry;
    if (mount === null || dentry === null) return 0;
    if (dentry === root.dentry && mount === root.mount) return 0;
    if (dentry !== mount.root) {
      const parent = dentry.parent;
      if (parent !== null) walk.here.set(mount, parent);
      break;
    }
    const outer: Mount | null = mount.parent;
    const point: Dentry | null = mount.point;
    if (outer === null || point === null) return 0;
    if (isTooFar()) return -ELOOP;
    walk.here.set(outer, point);
  }
  return goDown();
}

/** Steps onto whatever is mounted on the place: 0, or -ELOOP. */
function goDown(): i64 {
  while (true) {
    const mount = walk.here.mount;
    const dentry = walk.here.dentry;
    if (mount === null || dentry === null || dentry.mountCount === 0) return 0;
    const over: Mount | null = mountOn(mount, dentry);
    if (over === null) return 0;
    if (isTooFar()) return -ELOOP;
    walk.here.set(over, over.root);
  }
}

/** Counts a step, over a component or a mount. */
function isTooFar(): boolean {
  walk.components += 1;
  return walk.components > MAXIMUM_COMPONENTS;
}

/** The dentry of a path that is known to be set. */
export function placeOf(path: Path): Dentry {
  const dentry = path.dentry;
  return dentry!;
}

export function mountOf(path: Path): Mount {
  const mount = path.mount;
  return mount!;
}
