/** The layer rules, each with a breach and with what is allowed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkFile, declaredFunctions } from './layers.js';

const intrinsics = new Set(declaredFunctions('/** OUT. */ declare function out8(port: u64, value: u64): void;'));
const breaches = (file: string, text: string) =>
  checkFile(file, text, intrinsics).map((found) => `${found.line}: ${found.text}`);

describe('the layers', () => {
  it('keep intrinsics and addresses in arch/x86_64', () => {
    assert.deepEqual(breaches('kernel/object/tcb.ts', '\nout8(1, 2);'), [
      '2: out8() belongs in a folder named arch/x86_64',
    ]);
    assert.equal(breaches('server/vfs/file.ts', 'const x = reference<File>(8);').length, 1);
    assert.deepEqual(breaches('kernel/arch/x86_64/serial.ts', 'out8(1, 2); const x = reference<Y>(8);'), []);
  });

  it('allow functions of the same name that are not the intrinsic', () => {
    assert.deepEqual(breaches('server/vfs/file.ts', 'function create(): void {}\ncreate(); x.out8(1);'), []);
    assert.deepEqual(breaches('server/vfs/file.ts', "import { create } from './node';\ncreate();"), []);
  });

  it('keep kernel and server apart, and lib below both', () => {
    assert.deepEqual(breaches('server/vfs/a.ts', "import { x } from '../../kernel/b';"), [
      '1: server must not import kernel',
    ]);
    assert.equal(breaches('kernel/a.ts', "import { x } from '../server/b';").length, 1);
    assert.equal(breaches('lib/a.ts', "import { x } from '../kernel/b';").length, 1);
    assert.equal(breaches('kernel/a.ts', "import { x } from 'fs';").length, 1);
    assert.deepEqual(breaches('kernel/object/a.ts', "import { x } from '../../lib/b';"), []);
    assert.deepEqual(breaches('server/a.ts', "import { x } from './vfs/b';"), []);
  });
});
