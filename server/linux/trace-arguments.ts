/**
 * How a trace shows the arguments of each system call: how many there are (syscalls(2)), and which one is a path or data.
 * Indexed by number; calls from 424 on are shown with all six.
 */

/** Arguments of each call; 6 where the table has no better knowledge. */
const COUNTS: readonly u8[] = [
  3, 3, 2, 1, 2, 2, 2, 3, 3, 6, 3, 2, 1, 4, 4, 0, 3, 4, 4, 3, 3, 2, 1, 5, 0, 5, 3, 3, 3, 6, 6, 6, 1, 2, 0, 2, 2, 1, 3,
  0, 4, 3, 3, 3, 6, 6, 3, 3, 2, 3, 2, 6, 6, 4, 5, 5, 5, 0, 0, 3, 1, 4, 2, 1, 6, 6, 6, 6, 6, 6, 6, 6, 3, 2, 1, 1, 2, 2,
  3, 2, 1, 1, 2, 2, 1, 2, 2, 1, 2, 3, 2, 2, 3, 3, 3, 1, 2, 2, 2, 1, 1, 6, 0, 6, 0, 1, 1, 0, 0, 2, 0, 0, 0, 2, 2, 2, 2,
  3, 3, 3, 3, 1, 1, 1, 1, 2, 2, 2, 4, 3, 2, 2, 2, 3, 6, 1, 6, 2, 2, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 0, 0, 6, 6,
  6, 5, 2, 6, 2, 1, 0, 6, 2, 5, 2, 6, 6, 4, 2, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 0, 6, 6, 6, 6, 6, 6, 6, 6,
  6, 6, 6, 6, 6, 2, 1, 6, 3, 3, 6, 6, 6, 6, 6, 6, 6, 6, 1, 6, 6, 6, 3, 1, 0, 6, 4, 6, 6, 6, 6, 6, 2, 2, 2, 4, 1, 4, 4,
  3, 2, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 5, 6, 6, 6, 6, 6, 0, 6, 6, 6, 4, 3, 4, 5, 6, 4, 3, 4, 5, 3, 4, 3, 3, 6, 5, 6,
  2, 6, 6, 6, 6, 6, 6, 4, 6, 6, 2, 1, 4, 6, 6, 6, 6, 2, 1, 3, 2, 6, 5, 5, 6, 6, 6, 6, 6, 4, 6, 6, 6, 1, 6, 6, 3, 6, 6,
  6, 6, 6, 6, 5, 6, 3, 2, 6, 6, 5, 6, 3, 6, 6, 6, 6, 6, 6, 6, 5, 6, 4,
];

/** 1 plus the place of the path argument; 0: none. */
const PATHS: readonly u8[] = [
  0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0,
  0, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 2, 2, 2, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0,
];

export function argumentCount(number: u64): u64 {
  return number < (COUNTS.length as u64) ? (COUNTS[number as i64] as u64) : 6;
}

/** 1 plus the place of the argument that is a path; 0 if there is none. */
export function takesPath(number: u64): u64 {
  return number < (PATHS.length as u64) ? (PATHS[number as i64] as u64) : 0;
}

/** 1 plus the place of the argument that points to what is read or written; 0 if there is none. Its length is next. */
export function takesData(number: u64): u64 {
  switch (number) {
    case 0: // read
    case 1: // write
    case 17: // pread64
    case 18: // pwrite64
    case 89: // readlink
      return 2;
    case 267: // readlinkat
      return 3;
    default:
      return 0;
  }
}

/** write and pwrite64: the data is there whatever becomes of the call. */
export function isWritten(number: u64): boolean {
  return number === 1 || number === 18;
}

/** 1 plus the place of a second path: a new name, or where something is mounted; 0 if there is none. */
export function takesSecondPath(number: u64): u64 {
  switch (number) {
    case 82: // rename
    case 86: // link
    case 88: // symlink
    case 155: // pivot_root
    case 165: // mount
      return 2;
    case 264: // renameat
    case 265: // linkat
    case 316: // renameat2
      return 4;
    default:
      return 0;
  }
}
