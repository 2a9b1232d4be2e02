/** The menu of an ISO that is made for one run: GRUB passes on what the kernel would have got without it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isoGrubConfig } from './iso.js';

/** What follows the kernel's path. */
function quoted(words: string[]): string | undefined {
  return /multiboot2 \/boot\/kairo\.elf ?(.*)/.exec(isoGrubConfig(words))?.[1];
}

describe('the command line in the menu', () => {
  it('is split at spaces, since GRUB would put quotes around a word that has one', () => {
    assert.equal(quoted(['quiet', 'a  b=1']), "'quiet' 'a' 'b=1'");
  });

  it('keeps a word whole that the person quoted, and leaves the quotes to GRUB', () => {
    assert.equal(quoted(['name="two words" x', '"y z"']), "'name=two words' 'x' 'y z'");
  });

  it('is protected from what GRUB would expand', () => {
    assert.equal(quoted(["$root it's;{}"]), `'$root' 'it'\\''s;{}'`);
  });
});
