/** Running a program whose path and arguments are the server's own: init. */
import { AT_FDCWD } from '../linux/file-constants';
import { measureString } from '../memory/copy';
import { AGAIN, BLOCKED, REGISTERS_SET } from '../wait/outcome';
import { execute, request } from './exec';
import type { Thread } from './thread';

/** Words that init can be given, the path and the end marker included. */
const VECTOR_LIMIT: u64 = 64;
const argumentVector: Fixed<u64, 64> = reserve();
const environmentVector: Fixed<u64, 64> = reserve();

/** Fills `vector` from `index` on with the addresses of NUL-terminated words that stand one after another. */
function pointTo(vector: Fixed<u64, 64>, first: u64, words: u64, length: u64): void {
  let index = first;
  let at = words;
  while (at < words + length && index < VECTOR_LIMIT - 1) {
    vector[index] = at;
    at += (measureString(null, at, length) as u64) + 1;
    index++;
  }
  vector[index] = 0;
}

/**
 * Gives `thread` its first program. Arguments (without the path, which comes first) and environment are words one after
 * another, each with its NUL. 0: done; AGAIN: to be called again; a negated errno: nothing has changed.
 */
export function startProgram(
  thread: Thread,
  path: u64,
  words: u64,
  wordsLength: u64,
  environment: u64,
  environmentLength: u64,
): i64 {
  argumentVector[0] = path;
  pointTo(argumentVector, 1, words, wordsLength);
  pointTo(environmentVector, 0, environment, environmentLength);
  request.source = null;
  request.directory = AT_FDCWD;
  request.flags = 0;
  request.path = path;
  request.name = path;
  request.arguments = addressOf(argumentVector);
  request.environment = addressOf(environmentVector);
  const result = execute(thread, request);
  if (result === AGAIN || result === BLOCKED) return AGAIN;
  if (result === REGISTERS_SET) return 0;
  thread.call.clear();
  return result;
}
