/**
 * Paths, links and names against the file system of the machine that runs the test: the same random calls on both sides
 * give the same errors and leave the same tree. And directories of many names: lookups, cursors, memory.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { FilesMachine, useFilesProgram } from './files-program.js';

useFilesProgram();

/** Deep enough that no chain of links in a run climbs out of it. */
const DEPTH = 48;

type Step =
  | {
      call: 'mkdir' | 'create' | 'rmdir' | 'unlink' | 'stat' | 'lstat' | 'readlink' | 'truncate' | 'list';
      path: string;
    }
  | { call: 'symlink' | 'link' | 'rename'; path: string; to: string };

const part = fc.constantFrom('a', 'b', 'c', 'a', 'b', '.', '..');
const path = fc
  .tuple(
    fc.oneof({ weight: 3, arbitrary: fc.tuple(part) }, fc.array(part, { minLength: 1, maxLength: 3 })),
    fc.constantFrom('', '', '', '', '/', '//'),
  )
  .map(([parts, end]) => parts.join('/') + end);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    call: fc.constantFrom(
      'mkdir',
      'mkdir',
      'create',
      'create',
      'rmdir',
      'unlink',
      'stat',
      'lstat',
      'readlink',
      'truncate',
      'list',
    ),
    path,
  }),
  fc.record({ call: fc.constantFrom('symlink', 'link', 'rename', 'rename'), path, to: path }),
);

/** So that most paths lead somewhere. */
const FIRST: Step[] = [
  { call: 'mkdir', path: 'a' },
  { call: 'mkdir', path: 'a/b' },
  { call: 'create', path: 'b' },
  { call: 'symlink', path: 'a', to: 'c' },
];

/** The error's name, or "ok" with what the call found. */
function onHost(base: string, step: Step): string {
  const at = (name: string): string => `${base}/${name}`;
  try {
    switch (step.call) {
      case 'mkdir':
        fs.mkdirSync(at(step.path));
        return 'ok';
      case 'create':
        fs.closeSync(fs.openSync(at(step.path), 'a+'));
        return 'ok';
      case 'rmdir':
        fs.rmdirSync(at(step.path));
        return 'ok';
      case 'unlink':
        fs.unlinkSync(at(step.path));
        return 'ok';
      case 'stat':
        return `ok ${fs.statSync(at(step.path)).isDirectory()}`;
      case 'lstat': {
        const found = fs.lstatSync(at(step.path));
        return `ok ${(found.mode & fs.constants.S_IFMT).toString(8)} ${found.isDirectory() ? '' : found.nlink}`;
      }
      case 'readlink':
        return `ok ${fs.readlinkSync(at(step.path))}`;
      case 'truncate':
        fs.truncateSync(at(step.path), 100);
        return 'ok';
      case 'list':
        return `ok ${fs.readdirSync(at(step.path)).sort().join(' ')}`;
      case 'symlink':
        fs.symlinkSync(step.path, at(step.to));
        return 'ok';
      case 'link':
        fs.linkSync(at(step.path), at(step.to));
        return 'ok';
      case 'rename':
        fs.renameSync(at(step.path), at(step.to));
        return 'ok';
    }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

function onKairo(machine: FilesMachine, step: Step): string {
  const { path } = step;
  switch (step.call) {
    case 'mkdir':
      return machine.outcome(83, path, 0o755);
    case 'create': {
      const file = machine.call(2, path, 0o2102, 0o644);
      return file >= 0n ? machine.outcome(3, file) : machine.outcome(2, path, 0o2102, 0o644);
    }
    case 'rmdir':
      return machine.outcome(84, path);
    case 'unlink':
      return machine.outcome(87, path);
    case 'stat': {
      const at = machine.room + 8192n;
      const result = machine.outcome(4, path, at);
      return result === 'ok'
        ? `ok ${(new DataView(machine.bytes(at, 144).buffer).getUint32(24, true) & 0o170000) === 0o40000}`
        : result;
    }
    case 'lstat': {
      const found = machine.stat(path);
      if (found === undefined) return machine.outcome(6, path, machine.room + 8192n);
      return `ok ${(found.mode & 0o170000).toString(8)} ${(found.mode & 0o170000) === 0o40000 ? '' : found.links}`;
    }
    case 'readlink': {
      const target = machine.readLink(path);
      return target === undefined ? machine.outcome(89, path, machine.room + 8192n, 4096) : `ok ${target}`;
    }
    case 'truncate':
      return machine.outcome(76, path, 100);
    case 'list': {
      const file = machine.call(2, path, 0o200000);
      if (file < 0n) return machine.outcome(2, path, 0o200000);
      machine.call(3, file);
      return `ok ${machine.names(path).join(' ')}`;
    }
    case 'symlink':
      return machine.outcome(88, path, step.to);
    case 'link':
      return machine.outcome(86, path, step.to);
    case 'rename':
      return machine.outcome(82, path, step.to);
  }
}

test('random calls on paths do what Linux does', { skip: process.platform !== 'linux' }, () => {
  const deep = Array.from({ length: DEPTH }, () => 'p').join('/');
  const property = fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
    const top = fs.mkdtempSync(join(tmpdir(), 'kairo-tree-'));
    try {
      const base = join(top, deep);
      fs.mkdirSync(base, { recursive: true });
      const machine = new FilesMachine();
      machine.call(83, '/t', 0o755);
      machine.call(80, '/t');
      for (let level = 0; level < DEPTH; level++) {
        machine.call(83, 'p', 0o755);
        machine.call(80, 'p');
      }
      for (const [index, taken] of [...FIRST, ...steps].entries()) {
        const shown = `step ${index}: ${JSON.stringify(taken)} after ${JSON.stringify(steps.slice(0, index))}`;
        assert.equal(onKairo(machine, taken), onHost(base, taken), shown);
      }
    } finally {
      fs.rmSync(top, { recursive: true, force: true });
    }
  });
  fc.assert(property, { numRuns: 150 });
});

test('a reader of a directory sees every name that stays, once, whatever else comes and goes', () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,40}$/), { minLength: 1, maxLength: 120 });
  const property = fc.property(
    names,
    fc.array(fc.nat(), { maxLength: 60 }),
    fc.integer({ min: 64, max: 600 }),
    (all, picks, room) => {
      const machine = new FilesMachine();
      machine.call(83, '/many', 0o755);
      for (const name of all) assert.equal(machine.outcome(259, -100, `/many/${name}`, 0o100644, 0), 'ok');
      const removed = new Set<string>();
      const seen: string[] = [];
      const file = machine.call(2, '/many', 0o200000);
      let turn = 0;
      for (let part = machine.list(file, room); part.length !== 0; part = machine.list(file, room)) {
        seen.push(...part.map(({ name }) => name));
        const pick = picks[turn++ % Math.max(picks.length, 1)];
        if (pick === undefined) continue;
        const victim = all[pick % all.length] as string;
        if (!removed.has(victim)) assert.equal(machine.outcome(87, `/many/${victim}`), 'ok');
        removed.add(victim);
        assert.equal(machine.outcome(259, -100, `/many/new-${turn}`, 0o100644, 0), 'ok');
      }
      assert.equal(new Set(seen).size, seen.length, 'no name twice');
      for (const name of all) if (!removed.has(name)) assert.ok(seen.includes(name), name);
    },
  );
  fc.assert(property, { numRuns: 60 });
});

test('an offset from a listing leads back to the same place', () => {
  const machine = new FilesMachine();
  machine.call(83, '/many', 0o755);
  for (let index = 0; index < 50; index++) machine.write(`/many/entry-${index}`, new Uint8Array());
  const file = machine.call(2, '/many', 0o200000);
  const all = machine.list(file, 32768);
  for (const [index, { offset }] of all.entries()) {
    assert.equal(machine.call(8, file, offset, 0), offset);
    assert.equal(machine.list(file, 64)[0]?.name, all[index + 1]?.name);
  }
  assert.equal(machine.outcome(217, file, machine.room, 8), 'ok', 'at the end even a small buffer does');
  machine.call(8, file, 0, 0);
  assert.equal(machine.outcome(217, file, machine.room, 8), 'EINVAL');
});

test('what is removed gives its memory back: names, contents, sparse files, files still open', () => {
  const machine = new FilesMachine();
  const round = (): void => {
    machine.call(83, '/d', 0o755);
    for (let index = 0; index < 400; index++)
      machine.write(`/d/${'n'.repeat(index % 60)}${index}`, new Uint8Array(5000));
    machine.call(88, 'target', '/d/link');
    const held = machine.call(2, '/d/held', 0o102, 0o644);
    machine.call(87, '/d/held');
    for (let page = 0; page < 64; page++) machine.call(18, held, machine.room, 1, 1 << (page % 40));
    machine.call(77, held, 4097);
    machine.call(3, held);
    for (const name of machine.names('/d')) assert.equal(machine.outcome(87, `/d/${name}`), 'ok');
    assert.equal(machine.outcome(84, '/d'), 'ok');
    machine.call(6, '/', machine.room);
    machine.run('test_reap');
  };
  round();
  const [pages, heap] = [machine.run('test_free'), machine.run('test_heap')];
  for (let turn = 0; turn < 3; turn++) round();
  assert.equal(machine.run('test_heap'), heap);
  assert.equal(machine.run('test_free'), pages);
});

test('contents of files match a model of bytes', () => {
  const action = fc.oneof(
    fc.record({ kind: fc.constant('write' as const), at: fc.nat(40000), length: fc.nat(9000) }),
    fc.record({ kind: fc.constant('cut' as const), at: fc.nat(50000), length: fc.constant(0) }),
    fc.record({ kind: fc.constant('punch' as const), at: fc.nat(40000), length: fc.integer({ min: 1, max: 20000 }) }),
  );
  const property = fc.property(fc.array(action, { minLength: 1, maxLength: 20 }), (actions) => {
    const machine = new FilesMachine();
    const file = machine.call(2, '/f', 0o102, 0o644);
    let model = new Uint8Array(0);
    for (const [index, { kind, at, length }] of actions.entries()) {
      if (kind === 'write') {
        const bytes = new Uint8Array(length).fill(index + 1);
        assert.equal(machine.call(18, file, machine.put(bytes, 4096), length, at), BigInt(length));
        if (length !== 0) {
          const grown = new Uint8Array(Math.max(model.length, at + length));
          grown.set(model);
          grown.set(bytes, at);
          model = grown;
        }
      } else if (kind === 'cut') {
        assert.equal(machine.outcome(77, file, at), 'ok');
        const cut = new Uint8Array(at);
        cut.set(model.subarray(0, at));
        model = cut;
      } else {
        assert.equal(machine.outcome(285, file, 3, at, length), 'ok');
        model.fill(0, at, at + length);
      }
      const count = Number(machine.call(17, file, machine.room + 4096n, 65536, 0));
      assert.ok(
        Buffer.from(machine.bytes(machine.room + 4096n, count)).equals(model),
        `after ${JSON.stringify(actions.slice(0, index + 1))}`,
      );
    }
  });
  // Once, a write of nothing beyond the end made the file longer.
  fc.assert(property, { numRuns: 80, examples: [[[{ kind: 'write', at: 1, length: 0 }]]] });
});
