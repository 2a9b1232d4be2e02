/**
 * Capabilities that end while something refers to them: replacing a space may end the very objects that the same
 * invocation names, and what is being deleted can be neither used nor come back.
 */
import { ROOT_CNODE_SLOT, ROOT_VSPACE_SLOT } from '../../../lib/abi/boot-information.js';
import { KernelError } from '../../../lib/abi/error.js';
import { Invocation } from '../../../lib/abi/invocation.js';
import { ObjectKind } from '../../../lib/abi/object-kind.js';
import { Operation } from '../../../lib/abi/operation.js';
import { MapRights, RIGHTS_ALL } from '../../../lib/abi/rights.js';
import { invoke, operate, result0, result2 } from './arch/x86_64/kernel.js';
import { check, expect, family } from './report.js';
import { Role, stage } from './roles.js';
import { freshSlot, make, makeFrom, mapOwn, must, remove } from './setup.js';
import { prepare, runLow, start, type Worker } from './threads.js';

const ALL_RIGHTS: u64 = RIGHTS_ALL << 8;
const READ_WRITE: u64 = MapRights.Read | MapRights.Write;
const BASE: u64 = 0x40_0000;

const worker: Worker = reserve();

export function testVanishing(): void {
  testReplacedSpace();
  testReplacedNamespace();
  testManyChildren();
  testOwnEnd();
  testDyingAttachment();
  testDyingTable();
  testDyingSpace();
  testNestedTables();
  testManyCopies();
}

function configure(thread: u64, cspace: u64, vspace: u64, attachment: u64): u64 {
  return invoke(thread, Invocation.TcbConfigure, cspace | (vspace << 32), attachment << 32, 0, 0);
}

/** The thread has the last capability to its address space, whose attachment the next Configure names. */
function testReplacedSpace(): void {
  family('tcb configure');
  const thread = make(ObjectKind.Tcb, 0);
  const old = make(ObjectKind.VSpace, 0);
  const next = make(ObjectKind.VSpace, 0);
  const region = make(ObjectKind.Region, 12);
  const attachment = freshSlot();
  must(invoke(region, Invocation.RegionAttach, old, attachment, 0, 0), 'attach');
  must(configure(thread, 0, old, 0), 'configure');
  must(remove(old), 'leave the thread the last capability');
  expect(configure(thread, 0, next, attachment), KernelError.Again, 'an address space that ends with this: Again');
  expect(configure(thread, 0, next, attachment), KernelError.EmptySlot, 'and its attachment has ended too: EmptySlot');
  expect(
    invoke(thread, Invocation.TcbResume, 0, 0, 0, 0),
    KernelError.NotConfigured,
    'so that the thread got neither: NotConfigured',
  );
  remove(thread);
  remove(next);
  remove(region);
}

/** A name space, and a thread in it, that have the last capability to a CSpace or VSpace. */
function testReplacedNamespace(): void {
  family('namespace');
  const namespace = make(ObjectKind.Namespace, 0);
  const thread = make(ObjectKind.Tcb, 0);
  setLast(namespace, Invocation.NamespaceSetCSpace, make(ObjectKind.CNode, 4));
  expectAgain(namespace, Invocation.NamespaceSetCSpace, ROOT_CNODE_SLOT, 'a CSpace that ends with this: Again');
  setLast(namespace, Invocation.NamespaceSetVSpace, make(ObjectKind.VSpace, 0));
  expectAgain(namespace, Invocation.NamespaceSetVSpace, ROOT_VSPACE_SLOT, 'a VSpace that ends with this: Again');
  const table = make(ObjectKind.CNode, 4);
  must(configure(thread, table, ROOT_VSPACE_SLOT, 0), 'configure');
  must(remove(table), 'leave the thread the last capability');
  expectAgain(thread, Invocation.TcbSetNamespace, namespace, 'a CSpace of the thread that ends with this: Again');
  const space = make(ObjectKind.VSpace, 0);
  must(configure(thread, ROOT_CNODE_SLOT, space, 0), 'configure');
  must(remove(space), 'leave the thread the last capability');
  expectAgain(thread, Invocation.TcbSetNamespace, namespace, 'and a VSpace of it: Again');
  remove(thread);
  remove(namespace);
}

function setLast(namespace: u64, label: Invocation, space: u64): void {
  must(invoke(namespace, label, space, 0, 0, 0), 'set');
  must(remove(space), 'leave the name space the last capability');
}

function expectAgain(capability: u64, label: Invocation, space: u64, name: string): void {
  expect(invoke(capability, label, space, 0, 0, 0), KernelError.Again, name);
  expect(invoke(capability, label, space, 0, 0, 0), KernelError.None, 'and then it is replaced');
}

/** More name spaces share a CSpace than can be handed to another owner at once. */
function testManyChildren(): void {
  const parent = make(ObjectKind.Namespace, 0);
  const home = make(ObjectKind.Untyped, 20);
  const table = make(ObjectKind.CNode, 11);
  const space = make(ObjectKind.VSpace, 0);
  const cspace = make(ObjectKind.CNode, 4);
  must(invoke(parent, Invocation.NamespaceSetCSpace, cspace, 0, 0, 0), 'set CSpace');
  must(invoke(parent, Invocation.NamespaceSetVSpace, space, 0, 0, 0), 'set VSpace');
  const child = freshSlot();
  for (let count: u64 = 0; count < 1025; count++) {
    must(invoke(home, Invocation.UntypedRetype, ObjectKind.Namespace, 0, child, 1), 'child');
    must(invoke(parent, Invocation.NamespaceRfork, child, ALL_RIGHTS, 0, 0), 'rfork');
    must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeMove, child, count | (table << 32), 0, 0), 'lay aside');
  }
  expect(
    invoke(parent, Invocation.NamespaceSetCSpace, ROOT_CNODE_SLOT, 0, 0, 0),
    KernelError.HasDescendants,
    'a CSpace that 1025 others share stays: HasDescendants',
  );
  expect(
    invoke(parent, Invocation.NamespaceSetVSpace, ROOT_VSPACE_SLOT, 0, 0, 0),
    KernelError.HasDescendants,
    'and so does a VSpace',
  );
  must(invoke(table, Invocation.CNodeDelete, 7, 0, 0, 0), 'one less');
  expect(
    invoke(parent, Invocation.NamespaceSetCSpace, ROOT_CNODE_SLOT, 0, 0, 0),
    KernelError.None,
    'until there are fewer',
  );
  remove(parent);
  remove(table);
  remove(space);
  remove(cspace);
  remove(home);
}

/**
 * A thread gives another one a CSpace, whose old one holds, at last, the thread itself: it ends in the middle, and the
 * other thread with it. Nothing may then be derived into what has ended.
 */
function testOwnEnd(): void {
  family('own end');
  const original = make(ObjectKind.CNode, 4);
  const witness = freshSlot();
  const home = make(ObjectKind.Untyped, 11);
  const other = makeFrom(home, ObjectKind.Tcb, 0);
  const old = make(ObjectKind.CNode, 4);
  const kept = make(ObjectKind.CNode, 4);
  const lost = make(ObjectKind.CNode, 4);
  const root = make(ObjectKind.CNode, 4);
  must(mintInto(original, witness), 'witness');
  must(mintInto(original, kept << 32), 'what will be given');
  must(configure(other, old, 0, 0), 'configure');
  must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeMove, other, lost << 32, 0, 0), 'the other thread, in a table');
  // The worker's CSpace has two levels of four bits: 0x10 is the other thread, 0x20 what it is given.
  must(mintInto(lost, 1 | (root << 32)), 'first table');
  must(mintInto(kept, 2 | (root << 32)), 'second table');
  const narrow = freshSlot();
  must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeMint, root, narrow, RIGHTS_ALL, 56), 'root of two levels');
  prepare(worker, Role.Configure, 100);
  must(configure(worker.tcb, narrow, 0, 0), 'configure worker');
  start(worker);
  stage.thread = 0x10;
  stage.number = 0x20;
  must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeMove, worker.tcb, old << 32, 0, 0), 'the worker, in the old CSpace');
  remove(old);
  remove(narrow);
  remove(root);
  remove(lost);
  runLow();
  must(invoke(home, Invocation.UntypedStatus, 0, 0, 0, 0), 'status');
  const again = makeFrom(home, ObjectKind.Tcb, 0);
  check(again !== 0, 'the other thread has ended: its memory can be used again');
  must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeRevoke, original, 0, 0, 0), 'revoke');
  expect(
    invoke(ROOT_CNODE_SLOT, Invocation.CNodeMove, witness, freshSlot(), 0, 0),
    KernelError.EmptySlot,
    'and revoking reaches all that was derived',
  );
  remove(again);
  remove(home);
  remove(kept);
  remove(original);
  remove(worker.region);
}

/** A copy of a CNode without a guard. */
function mintInto(source: u64, slot: u64): u64 {
  return invoke(ROOT_CNODE_SLOT, Invocation.CNodeMint, source, slot, RIGHTS_ALL, 0);
}

/** An attachment that is being unmapped: its memory must not come back behind the scan. */
function testDyingAttachment(): void {
  family('attachment ends');
  const region = make(ObjectKind.Region, 21);
  const space = make(ObjectKind.VSpace, 0);
  const tables = make(ObjectKind.Tables, 18);
  const thread = make(ObjectKind.Tcb, 0);
  const dying = freshSlot();
  const window = mapOwn(region, 21);
  must(invoke(space, Invocation.VSpaceSupply, tables, 0, 0, 0), 'supply');
  must(invoke(region, Invocation.RegionAttach, space, dying, 0, 0), 'attach');
  for (let part: u64 = 0; part < 40; part++) {
    must(invoke(dying, Invocation.AttachmentMap, 0x1000, BASE + part * 0x20_0000, 511, READ_WRITE), 'map');
  }
  must(cloneOne(space, window), 'clone while it lives');
  must(invoke(space, Invocation.VSpaceUnmap, window, 1, 0, 0), 'unmap');
  expect(invoke(ROOT_CNODE_SLOT, Invocation.CNodeDelete, dying, 0, 0, 0), KernelError.Again, 'it takes more calls');
  expect(cloneOne(space, window), KernelError.NotAttached, 'meanwhile its memory is not attached: NotAttached');
  expect(result0(), 0, 'and no page is done');
  expect(configure(thread, 0, 0, dying), KernelError.InvalidState, 'nor is it a UTCB: InvalidState');
  expect(remove(dying), KernelError.None, 'then it is gone');
  expect(
    invoke(space, Invocation.VSpaceLookup, window, 0, 0, 0),
    KernelError.NotMapped,
    'and nothing of it is left mapped',
  );
  remove(thread);
  remove(space);
  remove(tables);
  must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeRevoke, region, 0, 0, 0), 'revoke');
  remove(region);
}

function cloneOne(space: u64, window: u64): u64 {
  return invoke(ROOT_VSPACE_SLOT, Invocation.VSpaceCloneRange, space, window, 1, READ_WRITE | (READ_WRITE << 8));
}

/** A table that is being emptied. */
function testDyingTable(): void {
  family('cnode ends');
  const large = make(ObjectKind.CNode, 12);
  const namespace = make(ObjectKind.Namespace, 0);
  expect(
    invoke(ROOT_CNODE_SLOT, Invocation.CNodeDelete, large, 0, 0, 0),
    KernelError.Again,
    'a large table takes more than one call',
  );
  expect(
    invoke(large, Invocation.CNodeCopy, 0, freshSlot(), RIGHTS_ALL, 0),
    KernelError.InvalidState,
    'meanwhile it can be asked nothing: InvalidState',
  );
  expect(
    invoke(ROOT_CNODE_SLOT, Invocation.CNodeCopy, large, freshSlot(), RIGHTS_ALL, 0),
    KernelError.NotCopyable,
    'nor be copied: NotCopyable',
  );
  expect(
    invoke(ROOT_CNODE_SLOT, Invocation.CNodeMove, large, freshSlot(), 0, 0),
    KernelError.InvalidState,
    'nor moved: InvalidState',
  );
  expect(
    invoke(namespace, Invocation.NamespaceSetCSpace, large, 0, 0, 0),
    KernelError.WrongKind,
    'nor be a CSpace: WrongKind',
  );
  must(remove(large), 'delete');
  remove(namespace);
}

/** An address space with more attachments than one step lets go of. */
function testDyingSpace(): void {
  family('vspace ends');
  const space = make(ObjectKind.VSpace, 0);
  const tables = make(ObjectKind.Tables, 14);
  const home = make(ObjectKind.Untyped, 21);
  const regions = make(ObjectKind.CNode, 9);
  const attachments = make(ObjectKind.CNode, 9);
  const region = freshSlot();
  const attachment = freshSlot();
  must(invoke(space, Invocation.VSpaceSupply, tables, 0, 0, 0), 'supply');
  for (let index: u64 = 0; index < 300; index++) {
    must(invoke(home, Invocation.UntypedRetype, ObjectKind.Region, 12, region, 1), 'region');
    must(invoke(region, Invocation.RegionAttach, space, attachment, 0, 0), 'attach');
    must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeMove, region, index | (regions << 32), 0, 0), 'lay aside');
    must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeMove, attachment, index | (attachments << 32), 0, 0), 'lay aside');
  }
  const namespace = make(ObjectKind.Namespace, 0);
  const thread = make(ObjectKind.Tcb, 0);
  must(invoke(attachments, Invocation.CNodeMove, 0, attachment, 0, 0), 'take the first');
  must(invoke(attachment, Invocation.AttachmentMap, 0, BASE, 1, READ_WRITE), 'map');
  must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeMove, attachment, attachments << 32, 0, 0), 'lay it aside again');
  must(invoke(namespace, Invocation.NamespaceSetCSpace, ROOT_CNODE_SLOT, 0, 0, 0), 'set CSpace');
  must(invoke(namespace, Invocation.NamespaceSetVSpace, space, 0, 0, 0), 'set VSpace');
  must(remove(space), 'leave the name space the last capability');
  expect(
    invoke(namespace, Invocation.NamespaceSetVSpace, ROOT_VSPACE_SLOT, 0, 0, 0),
    KernelError.Again,
    'one with 300 attachments takes more than one step: Again',
  );
  expect(
    invoke(thread, Invocation.TcbSetNamespace, namespace, 0, 0, 0),
    KernelError.NotConfigured,
    'meanwhile no thread lives in it: NotConfigured',
  );
  const left = stillAttached(attachments);
  check(left > 0 && left < 300, 'and what is still attached reaches none of its tables');
  expect(
    invoke(namespace, Invocation.NamespaceSetVSpace, ROOT_VSPACE_SLOT, 0, 0, 0),
    KernelError.Again,
    'another step ends it',
  );
  expect(stillAttached(attachments), 0, 'with its last attachment');
  expect(
    invoke(namespace, Invocation.NamespaceSetVSpace, ROOT_VSPACE_SLOT, 0, 0, 0),
    KernelError.None,
    'and then there is another',
  );
  expect(
    invoke(ROOT_VSPACE_SLOT, Invocation.VSpaceSupply, tables, 0, 0, 0),
    KernelError.None,
    'which can have its tables',
  );
  remove(thread);
  remove(namespace);
  remove(attachments);
  remove(regions);
  remove(home);
  remove(tables);
}

/** Tables in a table, each larger than one step empties: the outer one ends in as many steps as they take. */
function testNestedTables(): void {
  family('cnode ends');
  const outer = make(ObjectKind.CNode, 4);
  const home = make(ObjectKind.Untyped, 19);
  const inner = freshSlot();
  const endpoint = make(ObjectKind.Endpoint, 0);
  for (let index: u64 = 0; index < 4; index++) {
    must(invoke(home, Invocation.UntypedRetype, ObjectKind.CNode, 10, inner, 1), 'inner table');
    for (let at: u64 = 0; at < 1024; at += 16) {
      must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeCopy, endpoint, at | (inner << 32), RIGHTS_ALL, 0), 'fill');
    }
    must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeMove, inner, index | (outer << 32), 0, 0), 'into the outer table');
  }
  let steps: u64 = 1;
  while (invoke(ROOT_CNODE_SLOT, Invocation.CNodeDelete, outer, 0, 0, 0) === KernelError.Again) {
    steps++;
  }
  check(steps > 4, 'large tables in a small one take several calls');
  must(invoke(home, Invocation.UntypedStatus, 0, 0, 0, 0), 'status');
  expect(result2(), 1 << 19, 'and then nothing is left of them');
  // Left half-way, they end with what they were made from.
  const again = make(ObjectKind.CNode, 4);
  must(invoke(home, Invocation.UntypedRetype, ObjectKind.CNode, 12, 1 | (again << 32), 1), 'inner table');
  expect(
    invoke(ROOT_CNODE_SLOT, Invocation.CNodeDelete, again, 0, 0, 0),
    KernelError.Again,
    'a table is left half-way',
  );
  must(revoke(home), 'revoke');
  must(invoke(home, Invocation.UntypedStatus, 0, 0, 0, 0), 'status');
  expect(result2(), 1 << 19, 'and revoking what it was made from ends it');
  expect(remove(again), KernelError.None, 'so that what is left is soon done');
  must(revoke(endpoint), 'nothing is left to revoke');
  remove(endpoint);
  remove(home);
}

function revoke(slot: u64): u64 {
  let error = invoke(ROOT_CNODE_SLOT, Invocation.CNodeRevoke, slot, 0, 0, 0);
  while (error === KernelError.Again) {
    error = invoke(ROOT_CNODE_SLOT, Invocation.CNodeRevoke, slot, 0, 0, 0);
  }
  return error;
}

/** A table that holds a capability with more descendants than one step hands to its parent. */
function testManyCopies(): void {
  const table = make(ObjectKind.CNode, 4);
  const copies = make(ObjectKind.CNode, 12);
  const endpoint = make(ObjectKind.Endpoint, 0);
  must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeMove, endpoint, 5 | (table << 32), 0, 0), 'into a table');
  for (let index: u64 = 0; index < 2500; index++) {
    must(invoke(table, Invocation.CNodeCopy, 5, index | (copies << 32), RIGHTS_ALL, 0), 'copy');
  }
  let steps: u64 = 1;
  while (invoke(ROOT_CNODE_SLOT, Invocation.CNodeDelete, table, 0, 0, 0) === KernelError.Again) {
    steps++;
  }
  expect(steps, 3, 'a table that holds what 2,500 copies were made from takes three calls');
  must(invoke(copies, Invocation.CNodeMove, 2499, endpoint, 0, 0), 'take a copy');
  expect(operate(Operation.SendNonBlocking, endpoint, 0, 0, 0), KernelError.WouldBlock, 'and the copies still work');
  remove(endpoint);
  remove(copies);
}

/** How many attachments of a table are left; each of them finds no page tables to map into. */
function stillAttached(attachments: u64): u64 {
  const slot = freshSlot();
  let count: u64 = 0;
  for (let index: u64 = 0; index < 300; index++) {
    if (invoke(attachments, Invocation.CNodeMove, index, slot, 0, 0) === KernelError.None) {
      const error = invoke(slot, Invocation.AttachmentMap, 0, BASE, 1, READ_WRITE);
      must(invoke(ROOT_CNODE_SLOT, Invocation.CNodeMove, slot, index | (attachments << 32), 0, 0), 'lay aside');
      must(error === KernelError.NoTables ? 0 : error + 100, 'what is still attached maps nothing');
      count++;
    }
  }
  return count;
}
