/** How a construct outside the dialect is described, and the test that the error names the place, it, and a way out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorsOf } from './support.js';

/** What is rejected, a module that does it, where the error points, and what it says. */
export interface Rejection {
  readonly text: string;
  readonly at: string;
  readonly says: RegExp;
  readonly file?: string;
}

/** One test for each of `rejections`, which are named by what is rejected. */
export function testRejections(rejections: Readonly<Record<string, Rejection>>): void {
  for (const [what, { text, at, says, file }] of Object.entries(rejections)) {
    test(`rejects ${what}`, () => {
      const errors = errorsOf(text, file);
      const error = errors.find(({ line, column }) => `${line}:${column}` === at) ?? errors[0];
      assert.ok(error !== undefined, 'it was accepted');
      assert.match(`${error.message} (${error.hint})`, says);
      assert.equal(`${error.line}:${error.column}`, at);
    });
  }
}
