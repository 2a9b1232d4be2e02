/**
 * An address space: the mappings of a process and the pages that are there, beside the kernel's VSpace that the
 * processor reads. Threads and vfork children share one by reference; the last drop queues it to be torn down in
 * slices (reaper.ts).
 *
 * Invariants: every present page lies in a mapping; `recentChunk` and `recentMapping` are members or null.
 */
import { IntervalTree } from '../../lib/interval-tree';
import { OrderedMap } from '../../lib/ordered-map';
import { putVSpace, takeVSpace, type VSpaceKit } from '../kernel/vspace';
import { freeMapping, Mapping, MappingKind } from './mapping';
import { CHUNK_SHIFT, PageChunk } from './page-chunk';
import { bury } from './reaper';

/** User addresses end one page below 2^47, as on Linux (TASK_SIZE_MAX). */
export const USER_TOP: u64 = 0x7fff_ffff_f000;
/** Where mmap begins to look, downwards: below a stack of 8 MB that may grow to 128 MB. */
export const MMAP_TOP: u64 = 0x7fff_f7ff_f000;
/** vm.mmap_min_addr. */
export const MMAP_BOTTOM: u64 = 65536;
/** vm.max_map_count. */
export const MAPPING_LIMIT = 65530;

export class AddressSpace {
  references!: u32;
  kit!: VSpaceKit;
  mappings!: Inline<IntervalTree<Mapping>>;
  chunks!: Inline<OrderedMap<PageChunk>>;
  recentMapping!: Mapping | null;
  recentChunk!: PageChunk | null;
  /** Pages that are there, and pages that mappings span; of the latter, private writable ones and locked ones. */
  resident!: u64;
  spanned!: u64;
  data!: u64;
  locked!: u64;
  /** mmap looks for room below this first. */
  searchTop!: u64;
  /** How far a stack may grow: RLIMIT_STACK, as execve found it. */
  stackLimit!: u64;
  /** mlockall(MCL_FUTURE). */
  locksFuture!: boolean;
  /** What execve laid out (proc(5), /proc/PID/stat). */
  codeStart!: u64;
  codeEnd!: u64;
  dataStart!: u64;
  dataEnd!: u64;
  breakStart!: u64;
  breakEnd!: u64;
  stackStart!: u64;
  argumentsStart!: u64;
  argumentsEnd!: u64;
  environmentStart!: u64;
  environmentEnd!: u64;
  /** The path that execve was given. */
  pathAddress!: u64;
  /** Where execve put an image that may be anywhere; 0: it has not yet. */
  imageStart!: u64;
  /** Where execution begins, and the auxiliary vector (for /proc/PID/auxv). */
  entry!: u64;
  vectorStart!: u64;
  vectorEnd!: u64;
  nextDead!: AddressSpace | null;

  retain(): void {
    this.references++;
  }

  drop(): void {
    this.references--;
    if (this.references === 0) bury(this);
  }

  residentPages(): u64 {
    return this.resident;
  }

  virtualPages(): u64 {
    return this.spanned;
  }

  /** The mapping that `address` lies in. */
  find(address: u64): Mapping | null {
    const recent = this.recentMapping;
    if (recent !== null && address >= recent.start && address < recent.end) return recent;
    const mapping = this.mappings.atMost(address);
    if (mapping === null || address >= mapping.end) return null;
    this.recentMapping = mapping;
    return mapping;
  }

  /** The first mapping that ends above `address`. */
  findFrom(address: u64): Mapping | null {
    const mapping = this.find(address);
    return mapping !== null ? mapping : this.mappings.atLeast(address);
  }

  chunkAt(address: u64): PageChunk | null {
    const number = address >>> CHUNK_SHIFT;
    const recent = this.recentChunk;
    if (recent !== null && recent.number === number) return recent;
    const chunk = this.chunks.get(number);
    if (chunk !== null) this.recentChunk = chunk;
    return chunk;
  }

  makeChunk(address: u64): PageChunk {
    const present = this.chunkAt(address);
    if (present !== null) return present;
    const chunk = new PageChunk();
    chunk.number = address >>> CHUNK_SHIFT;
    this.chunks.set(chunk.number, chunk);
    this.recentChunk = chunk;
    return chunk;
  }

  /** Takes an empty chunk out. */
  removeChunk(chunk: PageChunk): void {
    if (this.recentChunk === chunk) this.recentChunk = null;
    this.chunks.delete(chunk.number);
    dispose(chunk);
  }

  /** Puts a new mapping in, joined with its neighbours where they are alike. `mapping` may be gone afterwards. */
  insert(mapping: Mapping): void {
    mapping.space = this;
    this.count(mapping, mapping.pages);
    const before = this.mappings.atMost(mapping.start);
    const after = before === null ? this.mappings.atLeast(mapping.start) : this.mappings.after(before);
    let merged = mapping;
    if (before !== null && before.continues(mapping)) {
      merged = before;
      this.extend(before, mapping.end);
      this.joinWithNext(before);
    } else if (after !== null && mapping.continues(after)) {
      merged = after;
      after.start = mapping.start;
      after.offset = mapping.offset;
      this.mappings.refresh(after);
    } else this.mappings.insertAfter(before, mapping);
    if (merged !== mapping) {
      merged.gainedPages();
      freeMapping(mapping);
    }
    this.recentMapping = merged;
  }

  /** Cuts a mapping in two at `address`, which lies inside it; the upper part is new. */
  split(mapping: Mapping, address: u64): Mapping {
    const upper = new Mapping();
    upper.copyAttributes(mapping);
    upper.space = this;
    upper.start = address;
    upper.end = mapping.end;
    upper.back(mapping.inode, mapping.inode === null ? 0 : mapping.offset + (address - mapping.start));
    this.extend(mapping, address);
    this.mappings.insertAfter(mapping, upper);
    return upper;
  }

  /** Takes a mapping out; its pages must be gone. */
  remove(mapping: Mapping): void {
    this.uncount(mapping, mapping.pages);
    this.mappings.remove(mapping);
    this.forget(mapping);
  }

  /** Joins `mapping` with the one after it if they have become alike. */
  joinWithNext(mapping: Mapping): void {
    const after = this.mappings.after(mapping);
    if (after === null || !mapping.continues(after)) return;
    this.mappings.remove(after);
    this.extend(mapping, after.end);
    mapping.gainedPages();
    this.forget(after);
  }

  /** Counts `pages` more pages of a mapping like this. */
  count(mapping: Mapping, pages: u64): void {
    this.spanned += pages;
    if (isData(mapping)) this.data += pages;
    if (mapping.isLocked) this.locked += pages;
  }

  uncount(mapping: Mapping, pages: u64): void {
    this.spanned -= pages;
    if (isData(mapping)) this.data -= pages;
    if (mapping.isLocked) this.locked -= pages;
  }

  /** Moves the end of a mapping. */
  private extend(mapping: Mapping, end: u64): void {
    mapping.end = end;
    this.mappings.refresh(mapping);
  }

  private forget(mapping: Mapping): void {
    if (this.recentMapping === mapping) this.recentMapping = null;
    freeMapping(mapping);
  }
}

/** Linux's is_data_mapping: private, writable, and no stack. */
function isData(mapping: Mapping): boolean {
  return !mapping.isShared && (mapping.protection & 2) !== 0 && mapping.kind !== MappingKind.Stack;
}

/** An empty address space with one reference; null when kernel memory has run out. */
export function createSpace(): AddressSpace | null {
  const kit = takeVSpace();
  if (kit === null) return null;
  const space = new AddressSpace();
  space.references = 1;
  space.kit = kit;
  space.searchTop = MMAP_TOP;
  return space;
}

/** Frees the record of a space that has neither mappings nor pages. */
export function freeSpace(space: AddressSpace): void {
  putVSpace(space.kit);
  dispose(space);
}
