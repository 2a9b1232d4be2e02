/**
 * An ordered map from u64 keys to references: a B-tree of minimum degree 8 (Cormen et al., "Introduction to Algorithms",
 * chapter 18). Insertion and removal go down the tree once, splitting full nodes and filling thin ones on the way, so
 * nothing is undone on the way back. Every operation costs O(log n); a map of up to 15 entries is one node.
 *
 * Guarantees: keys are compared unsigned; each key occurs at most once; every node but the root holds 7 to 15 entries;
 * all leaves are equally deep. Values are the caller's: the map never releases them. To walk in order while the map
 * changes, ask for `atLeast(key + 1)`.
 */

const MINIMUM = 7;
const MAXIMUM = 15;

/** A leaf, and the part that inner nodes share with it. */
class MapNode<T extends object> {
  count!: u32;
  height!: u32;
  keys!: Fixed<u64, 15>;
  values!: Fixed<T | null, 15>;

  /** The first index whose key is not below `key`. */
  lowerBound(key: u64): u64 {
    let low: u64 = 0;
    let high: u64 = this.count;
    while (low < high) {
      const middle: u64 = (low + high) >> 1;
      if (this.keys[middle] < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A node with children: child i holds what lies before key i, the last child what lies after the last key. */
class InnerNode<T extends object> extends MapNode<T> {
  children!: Fixed<MapNode<T> | null, 16>;
}

export class OrderedMap<T extends object> {
  root!: MapNode<T> | null;
  count!: u32;

  get(key: u64): T | null {
    let node = this.root;
    while (node !== null) {
      const index = node.lowerBound(key);
      if (index < node.count && node.keys[index] === key) return node.values[index];
      node = child(node, index);
    }
    return null;
  }

  /** The value of the greatest key that is at most `key`. */
  atMost(key: u64): T | null {
    let best: T | null = null;
    let node = this.root;
    while (node !== null) {
      const index = node.lowerBound(key);
      if (index < node.count && node.keys[index] === key) return node.values[index];
      if (index > 0) best = node.values[index - 1];
      node = child(node, index);
    }
    return best;
  }

  /** The value of the least key that is at least `key`. */
  atLeast(key: u64): T | null {
    let best: T | null = null;
    let node = this.root;
    while (node !== null) {
      const index = node.lowerBound(key);
      if (index < node.count) {
        best = node.values[index];
        if (node.keys[index] === key) return best;
      }
      node = child(node, index);
    }
    return best;
  }

  /** Puts `value` at `key`, in place of what was there. */
  set(key: u64, value: T): void {
    let root = this.root;
    if (root === null) {
      root = new MapNode<T>();
      this.root = root;
    } else if (root.count === MAXIMUM) {
      const above = new InnerNode<T>();
      above.height = root.height + 1;
      above.children[0] = root;
      splitChild(above, 0);
      this.root = above;
      root = above;
    }
    let node: MapNode<T> = root;
    for (;;) {
      let index = node.lowerBound(key);
      if (index < node.count && node.keys[index] === key) {
        node.values[index] = value;
        return;
      }
      if (node.height === 0) {
        openEntry(node, index);
        node.keys[index] = key;
        node.values[index] = value;
        this.count++;
        return;
      }
      const inner = node as InnerNode<T>;
      let below = inner.children[index] as MapNode<T>;
      if (below.count === MAXIMUM) {
        splitChild(inner, index);
        if (inner.keys[index] === key) {
          inner.values[index] = value;
          return;
        }
        if (inner.keys[index] < key) index++;
        below = inner.children[index] as MapNode<T>;
      }
      node = below;
    }
  }

  /** Takes `key` out; false when it was not there. */
  delete(key: u64): boolean {
    const root = this.root;
    if (root === null) return false;
    const removed = removeFrom(root, key);
    if (removed) this.count--;
    if (root.count === 0) {
      this.root = root.height === 0 ? null : (root as InnerNode<T>).children[0];
      dispose(root);
    }
    return removed;
  }
}

/** Child `index` of an inner node; null below a leaf. */
function child<T extends object>(node: MapNode<T>, index: u64): MapNode<T> | null {
  if (node.height === 0) return null;
  return (node as InnerNode<T>).children[index];
}

/** Makes room for an entry at `index`: those from there on move up by one. */
function openEntry<T extends object>(node: MapNode<T>, index: u64): void {
  for (let i: u64 = node.count; i > index; i--) {
    node.keys[i] = node.keys[i - 1];
    node.values[i] = node.values[i - 1];
  }
  node.count++;
}

/** Takes entry `index` out: those above it move down by one. */
function closeEntry<T extends object>(node: MapNode<T>, index: u64): void {
  node.count--;
  for (let i: u64 = index; i < node.count; i++) {
    node.keys[i] = node.keys[i + 1];
    node.values[i] = node.values[i + 1];
  }
  node.values[node.count] = null;
}

/** Splits full child `index` in two around its middle entry, which moves up into `parent` (not full). */
function splitChild<T extends object>(parent: InnerNode<T>, index: u64): void {
  const left = parent.children[index] as MapNode<T>;
  const right: MapNode<T> = left.height === 0 ? new MapNode<T>() : new InnerNode<T>();
  right.height = left.height;
  right.count = MINIMUM;
  for (let i: u64 = 0; i < MINIMUM; i++) {
    right.keys[i] = left.keys[i + MINIMUM + 1];
    right.values[i] = left.values[i + MINIMUM + 1];
    left.values[i + MINIMUM + 1] = null;
  }
  if (left.height !== 0) {
    const from = left as InnerNode<T>;
    const to = right as InnerNode<T>;
    for (let i: u64 = 0; i <= MINIMUM; i++) {
      to.children[i] = from.children[i + MINIMUM + 1];
      from.children[i + MINIMUM + 1] = null;
    }
  }
  left.count = MINIMUM;
  for (let i: u64 = parent.count + 1; i > index + 1; i--) parent.children[i] = parent.children[i - 1];
  openEntry(parent, index);
  parent.children[index + 1] = right;
  parent.keys[index] = left.keys[MINIMUM];
  parent.values[index] = left.values[MINIMUM];
  left.values[MINIMUM] = null;
}

/** Joins child `index`, entry `index` and child `index + 1` (both children thin) into the left child. */
function mergeChildren<T extends object>(parent: InnerNode<T>, index: u64): void {
  const left = parent.children[index] as MapNode<T>;
  const right = parent.children[index + 1] as MapNode<T>;
  const base: u64 = left.count;
  left.keys[base] = parent.keys[index];
  left.values[base] = parent.values[index];
  for (let i: u64 = 0; i < right.count; i++) {
    left.keys[base + 1 + i] = right.keys[i];
    left.values[base + 1 + i] = right.values[i];
  }
  if (left.height !== 0) {
    const from = right as InnerNode<T>;
    const to = left as InnerNode<T>;
    for (let i: u64 = 0; i <= right.count; i++) to.children[base + 1 + i] = from.children[i];
  }
  left.count = base + 1 + right.count;
  for (let i: u64 = index + 1; i < parent.count; i++) parent.children[i] = parent.children[i + 1];
  parent.children[parent.count] = null;
  closeEntry(parent, index);
  dispose(right);
}

/** Moves the last entry of the left sibling through the parent to the front of child `index`. */
function borrowFromLeft<T extends object>(parent: InnerNode<T>, index: u64): void {
  const node = parent.children[index] as MapNode<T>;
  const left = parent.children[index - 1] as MapNode<T>;
  const last: u64 = left.count - 1;
  openEntry(node, 0);
  node.keys[0] = parent.keys[index - 1];
  node.values[0] = parent.values[index - 1];
  parent.keys[index - 1] = left.keys[last];
  parent.values[index - 1] = left.values[last];
  if (node.height !== 0) {
    const to = node as InnerNode<T>;
    const from = left as InnerNode<T>;
    for (let i: u64 = node.count; i > 0; i--) to.children[i] = to.children[i - 1];
    to.children[0] = from.children[left.count];
    from.children[left.count] = null;
  }
  closeEntry(left, last);
}

/** Moves the first entry of the right sibling through the parent to the end of child `index`. */
function borrowFromRight<T extends object>(parent: InnerNode<T>, index: u64): void {
  const node = parent.children[index] as MapNode<T>;
  const right = parent.children[index + 1] as MapNode<T>;
  const end: u64 = node.count;
  node.count++;
  node.keys[end] = parent.keys[index];
  node.values[end] = parent.values[index];
  parent.keys[index] = right.keys[0];
  parent.values[index] = right.values[0];
  if (node.height !== 0) {
    const to = node as InnerNode<T>;
    const from = right as InnerNode<T>;
    to.children[end + 1] = from.children[0];
    for (let i: u64 = 0; i < right.count; i++) from.children[i] = from.children[i + 1];
    from.children[right.count] = null;
  }
  closeEntry(right, 0);
}

/** Sees to it that child `index` can lose an entry. Returns the child to go down to: a merge may have moved it. */
function fillChild<T extends object>(parent: InnerNode<T>, index: u64): MapNode<T> {
  const node = parent.children[index] as MapNode<T>;
  if (node.count > MINIMUM) return node;
  if (index > 0 && (parent.children[index - 1] as MapNode<T>).count > MINIMUM) {
    borrowFromLeft(parent, index);
    return node;
  }
  if (index < parent.count && (parent.children[index + 1] as MapNode<T>).count > MINIMUM) {
    borrowFromRight(parent, index);
    return node;
  }
  const left: u64 = index < parent.count ? index : index - 1;
  mergeChildren(parent, left);
  return parent.children[left] as MapNode<T>;
}

/** Removes `key` from the tree below `start`, which is the root or holds more than the minimum. */
function removeFrom<T extends object>(start: MapNode<T>, key: u64): boolean {
  let node = start;
  for (;;) {
    const index = node.lowerBound(key);
    const found = index < node.count && node.keys[index] === key;
    if (node.height === 0) {
      if (found) closeEntry(node, index);
      return found;
    }
    const inner = node as InnerNode<T>;
    if (!found) {
      node = fillChild(inner, index);
      continue;
    }
    const before = inner.children[index] as MapNode<T>;
    const after = inner.children[index + 1] as MapNode<T>;
    if (before.count > MINIMUM) {
      replaceByPredecessor(inner, index, before);
      return true;
    }
    if (after.count > MINIMUM) {
      replaceBySuccessor(inner, index, after);
      return true;
    }
    mergeChildren(inner, index);
    node = before;
  }
}

/** Puts the greatest entry below `before` in the place of entry `index` and takes it out down there. */
function replaceByPredecessor<T extends object>(inner: InnerNode<T>, index: u64, before: MapNode<T>): void {
  let node = before;
  while (node.height !== 0) node = fillChild(node as InnerNode<T>, node.count);
  const last: u64 = node.count - 1;
  inner.keys[index] = node.keys[last];
  inner.values[index] = node.values[last];
  closeEntry(node, last);
}

/** Puts the least entry below `after` in the place of entry `index` and takes it out down there. */
function replaceBySuccessor<T extends object>(inner: InnerNode<T>, index: u64, after: MapNode<T>): void {
  let node = after;
  while (node.height !== 0) node = fillChild(node as InnerNode<T>, 0);
  inner.keys[index] = node.keys[0];
  inner.values[index] = node.values[0];
  closeEntry(node, 0);
}
