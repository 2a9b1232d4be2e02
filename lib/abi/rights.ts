/**
 * Rights of capabilities and of mappings. A copy has at most its source's rights: restriction only narrows.
 */

/** Receive from an endpoint, wait on a notification, read a thread's registers and FPU state, map for reading. */
export const RIGHT_READ = 1;
/** Send to an endpoint, signal a notification, change an object, map for writing. */
export const RIGHT_WRITE = 2;
/** Pass capabilities along with a message. */
export const RIGHT_GRANT = 4;
/** Call an endpoint, so that the receiver gets the means to answer. */
export const RIGHT_GRANT_REPLY = 8;
export const RIGHTS_ALL = 15;

/** How pages are mapped: bits. No bit at all means mapped, but not accessible. */
export enum MapRights {
  None = 0,
  Read = 1,
  Write = 2,
  Execute = 4,
  /** Take the place of a page that is mapped there (to break copy-on-write); otherwise that is `AlreadyMapped`. */
  Replace = 8,
  /** Device memory: do not cache. */
  Uncached = 16,
  All = 31,
}

/** Pages that one invocation handles at most. */
export const MAP_MAX_PAGES = 1024;
/** The end of what can be mapped: the last page below 2^47 stays free (SYSRET, Intel SDM 2B). */
export const USER_END = 0x7fff_ffff_f000;
