/**
 * A kernel for host tests of the process server: the invocations that its memory half uses, over plain maps. It is
 * strict where the real one is (a present page is not mapped over, page tables run out, attachments are needed), and
 * its page tables can be looked into.
 */
import { KernelError } from '../../../../lib/abi/error.js';
import { Invocation } from '../../../../lib/abi/invocation.js';
import { ObjectKind } from '../../../../lib/abi/object-kind.js';
import { MapRights } from '../../../../lib/abi/rights.js';

export interface MappedPage {
  readonly frame: bigint;
  readonly rights: number;
}

interface Space {
  readonly pages: Map<bigint, MappedPage>;
  /** Frames of the attached Regions, as half-open ranges. */
  readonly attached: (readonly [bigint, bigint])[];
  /** Page tables left, and the 2 MB spans that have one. */
  tables: number;
  readonly spans: Set<bigint>;
}

type KernelObject =
  | { readonly kind: ObjectKind.Untyped; readonly physical: bigint; readonly bits: number }
  | { readonly kind: ObjectKind.Region; readonly physical: bigint; readonly bits: number }
  | { readonly kind: ObjectKind.Attachment; readonly region: bigint; readonly space: bigint }
  | { readonly kind: ObjectKind.VSpace }
  | { readonly kind: ObjectKind.Tables; readonly count: number }
  | { readonly kind: ObjectKind.None };

const PAGE_SHIFT = 12n;
const SPAN_SHIFT = 21n;

export class SimulatedKernel {
  readonly objects = new Map<bigint, KernelObject>();
  readonly spaces = new Map<bigint, Space>();
  /** Invocations so far, by label. */
  readonly calls = new Map<number, number>();
  words: bigint[] = [0n, 0n, 0n, 0n];

  put(slot: number, object: KernelObject): void {
    this.objects.set(BigInt(slot), object);
    if (object.kind === ObjectKind.VSpace) this.addSpace(BigInt(slot));
  }

  private addSpace(slot: bigint): void {
    this.spaces.set(slot, { pages: new Map(), attached: [], tables: 0, spans: new Set() });
  }

  space(slot: bigint): Space {
    const space = this.spaces.get(slot);
    if (space === undefined) throw new Error(`slot ${slot} holds no address space`);
    return space;
  }

  /** One invocation: the error; results are in `words`. */
  call(capability: bigint, label: bigint, word0: bigint, word1: bigint, word2: bigint, word3: bigint): bigint {
    this.calls.set(Number(label), (this.calls.get(Number(label)) ?? 0) + 1);
    this.words = [0n, 0n, 0n, 0n];
    switch (Number(label)) {
      case Invocation.UntypedRetype:
        return this.retype(capability, Number(word0), Number(word1), word2, word3);
      case Invocation.UntypedStatus:
        return this.status(capability);
      case Invocation.RegionAttach:
        return this.attach(capability, word0, word1);
      case Invocation.AttachmentMap:
        return this.map(capability, word0, word1, word2, Number(word3));
      case Invocation.VSpaceSupply:
        return this.supply(capability, word0);
      case Invocation.VSpaceUnmap:
        return this.change(capability, word0, word1, undefined);
      case Invocation.VSpaceProtect:
        return this.change(capability, word0, word1, Number(word2));
      case Invocation.VSpaceLookup:
        return this.lookup(capability, word0);
      case Invocation.VSpaceCloneRange:
        return this.clone(capability, word0, word1, word2, Number(word3));
      default:
        return BigInt(KernelError.None);
    }
  }

  private retype(untyped: bigint, kind: number, bits: number, first: bigint, count: bigint): bigint {
    for (let slot = first; slot < first + count; slot++) {
      const error = this.retypeOne(untyped, kind, bits, slot, (slot - first) << BigInt(bits));
      if (error !== BigInt(KernelError.None)) return error;
    }
    return BigInt(KernelError.None);
  }

  private retypeOne(untyped: bigint, kind: number, bits: number, slot: bigint, offset: bigint): bigint {
    const source = this.objects.get(untyped);
    if (source?.kind !== ObjectKind.Untyped) return BigInt(KernelError.WrongKind);
    if (kind === ObjectKind.Untyped) this.objects.set(slot, { kind, physical: source.physical + offset, bits });
    else if (kind === ObjectKind.Region) this.objects.set(slot, { kind, physical: source.physical, bits });
    else if (kind === ObjectKind.Tables) this.objects.set(slot, { kind, count: 1 << (bits - 12) });
    else if (kind === ObjectKind.VSpace) {
      this.objects.set(slot, { kind });
      this.addSpace(slot);
    } else this.objects.set(slot, { kind: ObjectKind.None });
    return BigInt(KernelError.None);
  }

  /** Regions take all of theirs, so what is asked about is whole. */
  private status(untyped: bigint): bigint {
    const object = this.objects.get(untyped);
    if (object?.kind !== ObjectKind.Untyped) return BigInt(KernelError.WrongKind);
    this.words = [object.physical, BigInt(object.bits), 1n << BigInt(object.bits), 0n];
    return BigInt(KernelError.None);
  }

  private attach(region: bigint, space: bigint, slot: bigint): bigint {
    const object = this.objects.get(region);
    if (object?.kind !== ObjectKind.Region) return BigInt(KernelError.WrongKind);
    const first = object.physical >> PAGE_SHIFT;
    this.objects.set(slot, { kind: ObjectKind.Attachment, region, space });
    this.space(space).attached.push([first, first + (1n << BigInt(object.bits - 12))]);
    return BigInt(KernelError.None);
  }

  private supply(space: bigint, tables: bigint): bigint {
    const object = this.objects.get(tables);
    if (object?.kind !== ObjectKind.Tables) return BigInt(KernelError.WrongKind);
    this.space(space).tables += object.count;
    return BigInt(KernelError.None);
  }

  /** Sees to it that the 2 MB span of `address` has a page table. */
  private hasTable(space: Space, address: bigint): boolean {
    const span = address >> SPAN_SHIFT;
    if (space.spans.has(span)) return true;
    if (space.tables === 0) return false;
    space.tables--;
    space.spans.add(span);
    return true;
  }

  private map(attachment: bigint, offset: bigint, address: bigint, count: bigint, rights: number): bigint {
    const object = this.objects.get(attachment);
    if (object?.kind !== ObjectKind.Attachment) return BigInt(KernelError.WrongKind);
    const region = this.objects.get(object.region);
    if (region?.kind !== ObjectKind.Region) return BigInt(KernelError.WrongKind);
    if (offset + (count << PAGE_SHIFT) > 1n << BigInt(region.bits)) return BigInt(KernelError.OutOfRange);
    const space = this.space(object.space);
    for (let page = 0n; page < count; page++) {
      const at = address + (page << PAGE_SHIFT);
      this.words[0] = page;
      if (!this.hasTable(space, at)) return BigInt(KernelError.NoTables);
      if (space.pages.has(at) && (rights & MapRights.Replace) === 0) return BigInt(KernelError.AlreadyMapped);
      const frame = ((region.physical + offset) >> PAGE_SHIFT) + page;
      space.pages.set(at, { frame, rights: (rights & ~MapRights.Replace) | MapRights.Read });
    }
    this.words[0] = count;
    return BigInt(KernelError.None);
  }

  private change(slot: bigint, address: bigint, count: bigint, rights: number | undefined): bigint {
    if (count > 1024n) return BigInt(KernelError.OutOfRange);
    const space = this.space(slot);
    for (let page = 0n; page < count; page++) {
      const at = address + (page << PAGE_SHIFT);
      const present = space.pages.get(at);
      if (present === undefined) continue;
      if (rights === undefined) space.pages.delete(at);
      else space.pages.set(at, { frame: present.frame, rights: rights | MapRights.Read });
    }
    this.words[0] = count;
    return BigInt(KernelError.None);
  }

  private lookup(slot: bigint, address: bigint): bigint {
    const present = this.space(slot).pages.get(address);
    if (present === undefined) return BigInt(KernelError.NotMapped);
    this.words[0] = present.frame << PAGE_SHIFT;
    return BigInt(KernelError.None);
  }

  private clone(from: bigint, to: bigint, address: bigint, count: bigint, masks: number): bigint {
    const source = this.space(from);
    const target = this.space(to);
    for (let page = 0n; page < count; page++) {
      const at = address + (page << PAGE_SHIFT);
      this.words[0] = page;
      const present = source.pages.get(at);
      if (present === undefined) continue;
      if (!this.hasTable(target, at)) return BigInt(KernelError.NoTables);
      if (target.pages.has(at)) return BigInt(KernelError.AlreadyMapped);
      const isAttached = target.attached.some(([first, end]) => present.frame >= first && present.frame < end);
      if (!isAttached) return BigInt(KernelError.NotAttached);
      target.pages.set(at, { frame: present.frame, rights: present.rights & masks & 0xff });
      source.pages.set(at, { frame: present.frame, rights: present.rights & (masks >> 8) & 0xff });
    }
    this.words[0] = count;
    return BigInt(KernelError.None);
  }
}
