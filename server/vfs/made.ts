/**
 * Where a method that may fail leaves what it made: it returns 0 or a negated errno, and on success one of these holds
 * the caller's reference. Callers take it out at once (`takeFile`), so nothing is held twice.
 */
import type { Dentry } from './dentry';
import type { File } from './file';
import type { Inode } from './inode';

export class Made {
  file!: File | null;
  dentry!: Dentry | null;
  inode!: Inode | null;
}
