/**
 * The names of one directory by hash: a trie of sixteen ways over the bits of the name's hash. A lookup costs the same
 * few steps in a directory of ten names or of a million, and an insertion never rebuilds anything: a bucket that grew
 * past its limit is split once, alone.
 */
import { release } from '../memory/heap';
import type { Dentry } from './dentry';
import type { Name } from './name';

const WAYS: u64 = 16;
const WAY_BITS: u64 = 4;
/** A chain longer than this is split, down to the last bits of the hash. */
const CHAIN_LIMIT: u32 = 4;
const DEEPEST: u64 = 60;

class NameNode {
  /** In each way either a further node, or a chain of dentries, or neither. */
  nodes!: Fixed<NameNode | null, 16>;
  chains!: Fixed<Dentry | null, 16>;
  lengths!: Fixed<u32, 16>;
  /** Ways that hold a node or a chain. */
  used!: u32;
}

export class NameMap {
  root!: NameNode | null;
  count!: u32;

  find(name: Name): Dentry | null {
    let node = this.root;
    let hash: u64 = name.hash;
    while (node !== null) {
      const way: u64 = hash & (WAYS - 1);
      let dentry: Dentry | null = node.chains[way];
      while (dentry !== null) {
        if (dentry.matches(name)) return dentry;
        dentry = dentry.nextInBucket;
      }
      node = node.nodes[way];
      hash = hash >>> WAY_BITS;
    }
    return null;
  }

  /** Adds a dentry whose name is not in the map. */
  insert(dentry: Dentry): void {
    this.count += 1;
    let node: NameNode | null = this.root;
    if (node === null) {
      node = new NameNode();
      this.root = node;
    }
    let shift: u64 = 0;
    while (true) {
      const way: u64 = (dentry.nameHash >>> shift) & (WAYS - 1);
      const below: NameNode | null = node.nodes[way];
      if (below === null) {
        if (node.lengths[way] === 0) node.used += 1;
        if (node.lengths[way] < CHAIN_LIMIT || shift >= DEEPEST) {
          dentry.nextInBucket = node.chains[way];
          node.chains[way] = dentry;
          node.lengths[way] += 1;
          return;
        }
        node.nodes[way] = splitChain(node, way, shift + WAY_BITS);
        continue;
      }
      node = below;
      shift += WAY_BITS;
    }
  }

  /** Takes out a dentry that is in the map, and the nodes that this leaves empty. */
  remove(dentry: Dentry): void {
    this.count -= 1;
    const root = this.root;
    if (root !== null && removeBelow(root, dentry, 0)) this.root = null;
    dentry.nextInBucket = null;
  }
}

/** Moves a full chain into a node of its own, one level down. */
function splitChain(node: NameNode, way: u64, shift: u64): NameNode {
  const made = new NameNode();
  let dentry: Dentry | null = node.chains[way];
  node.chains[way] = null;
  node.lengths[way] = 0;
  while (dentry !== null) {
    const next: Dentry | null = dentry.nextInBucket;
    const below: u64 = (dentry.nameHash >>> shift) & (WAYS - 1);
    if (made.lengths[below] === 0) made.used += 1;
    dentry.nextInBucket = made.chains[below];
    made.chains[below] = dentry;
    made.lengths[below] += 1;
    dentry = next;
  }
  return made;
}

/** Removes `dentry` from `node` or below it (at most sixteen levels); true if `node` was left empty and freed. */
function removeBelow(node: NameNode, dentry: Dentry, shift: u64): boolean {
  const way: u64 = (dentry.nameHash >>> shift) & (WAYS - 1);
  if (!unchain(node, way, dentry)) {
    const below: NameNode | null = node.nodes[way];
    if (below !== null && removeBelow(below, dentry, shift + WAY_BITS)) node.nodes[way] = null;
  }
  if (node.chains[way] === null && node.nodes[way] === null) node.used -= 1;
  if (node.used !== 0) return false;
  release(addressOf(node));
  return true;
}

function unchain(node: NameNode, way: u64, dentry: Dentry): boolean {
  let here: Dentry | null = node.chains[way];
  let previous: Dentry | null = null;
  while (here !== null) {
    if (here === dentry) {
      if (previous === null) node.chains[way] = dentry.nextInBucket;
      else previous.nextInBucket = dentry.nextInBucket;
      node.lengths[way] -= 1;
      return true;
    }
    previous = here;
    here = here.nextInBucket;
  }
  return false;
}
