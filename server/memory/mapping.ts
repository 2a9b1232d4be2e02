/**
 * A mapping: a range of an address space with one protection and one backing (mmap(2)). Linux calls it a VMA.
 *
 * Invariants: page-aligned, not empty, no two mappings of a space overlap. A mapping of a file holds one reference to
 * its inode and stands in the inode's list, so that cutting the file finds every mapping of it (file-mapping.ts):
 * those that have seen the latest cut come last. Neighbours that could be one mapping are one.
 */

import { Interval } from '../../lib/interval-tree';
import type { Inode } from '../vfs/inode';
import type { AddressSpace } from './address-space';
import { release } from './heap';

export const PROT_READ: u64 = 1;
export const PROT_WRITE: u64 = 2;
export const PROT_EXEC: u64 = 4;

/** What /proc/PID/maps calls it, and how it grows. */
export enum MappingKind {
  Plain,
  Heap,
  Stack,
}

export class Mapping extends Interval {
  space!: AddressSpace;
  /** PROT_* bits. */
  protection!: u8;
  kind!: MappingKind;
  /** MAP_SHARED: writes go to the backing. */
  isShared!: boolean;
  /** MAP_GROWSDOWN: a fault just below extends it. */
  growsDown!: boolean;
  /** mlock(2): counted, nothing is ever paged out. */
  isLocked!: boolean;
  /** MADV_DONTFORK. */
  staysOnFork!: boolean;
  /** MADV_WIPEONFORK: the child has the mapping, but none of its pages. */
  isWipedOnFork!: boolean;
  /** Whether writing through it is possible at all: a shared mapping of a file that was not open for writing is not. */
  mayWrite!: boolean;
  /** The backing; null: anonymous memory. */
  inode!: Inode | null;
  /** Offset in the file of `start`. */
  offset!: u64;
  nextOfInode!: Mapping | null;
  previousOfInode!: Mapping | null;
  /** The inode's `cuts` when this had no page any more that was cut off. */
  cutSeen!: u32;

  get pages(): u64 {
    return (this.end - this.start) >>> 12;
  }

  /** Page number in the file of an address. */
  fileIndex(address: u64): u64 {
    return (address - this.start + this.offset) >>> 12;
  }

  /** Takes over everything but range and backing. */
  copyAttributes(other: Mapping): void {
    this.protection = other.protection;
    this.kind = other.kind;
    this.isShared = other.isShared;
    this.growsDown = other.growsDown;
    this.isLocked = other.isLocked;
    this.staysOnFork = other.staysOnFork;
    this.isWipedOnFork = other.isWipedOnFork;
    this.mayWrite = other.mayWrite;
  }

  /** Gives the mapping its file: one reference and a place in the inode's list. */
  back(inode: Inode | null, offset: u64): void {
    this.offset = offset;
    if (inode === null) return;
    inode.retain();
    this.inode = inode;
    this.standFirst(inode);
  }

  /** Pages have come to the mapping that may be cut off: whoever cuts the file looks at it again. */
  gainedPages(): void {
    const inode = this.inode;
    if (inode === null) return;
    this.leaveInode(inode);
    this.standFirst(inode);
  }

  /** Nothing that was cut off is left. */
  sawCut(inode: Inode): void {
    this.leaveInode(inode);
    this.cutSeen = inode.cuts;
    const last = inode.lastMapping;
    this.previousOfInode = last;
    this.nextOfInode = null;
    if (last === null) inode.firstMapping = this;
    else last.nextOfInode = this;
    inode.lastMapping = this;
  }

  private standFirst(inode: Inode): void {
    this.cutSeen = (inode.cuts - 1) as u32;
    const first = inode.firstMapping;
    this.previousOfInode = null;
    this.nextOfInode = first;
    if (first === null) inode.lastMapping = this;
    else first.previousOfInode = this;
    inode.firstMapping = this;
  }

  /** Takes it out of the inode's list. */
  leaveInode(inode: Inode): void {
    const next = this.nextOfInode;
    const previous = this.previousOfInode;
    if (previous === null) inode.firstMapping = next;
    else previous.nextOfInode = next;
    if (next === null) inode.lastMapping = previous;
    else next.previousOfInode = previous;
  }

  /** Whether `next`, which begins where this ends, could be a part of this. */
  continues(next: Mapping): boolean {
    if (this.end !== next.start || this.inode !== next.inode || this.protection !== next.protection) return false;
    if (this.kind !== next.kind || this.isShared !== next.isShared || this.growsDown !== next.growsDown) return false;
    if (this.isLocked !== next.isLocked || this.staysOnFork !== next.staysOnFork || this.mayWrite !== next.mayWrite)
      return false;
    if (this.isWipedOnFork !== next.isWipedOnFork) return false;
    return this.inode === null || this.offset + (this.end - this.start) === next.offset;
  }
}

/** Frees a mapping that is in no address space any more. */
export function freeMapping(mapping: Mapping): void {
  const inode = mapping.inode;
  if (inode !== null) {
    mapping.leaveInode(inode);
    inode.drop();
  }
  release(addressOf(mapping));
}
