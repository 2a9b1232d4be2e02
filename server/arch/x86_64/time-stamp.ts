/** The time stamp counter, read without a kernel call. */

export function timeStamp(): u64 {
  return readTimeStamp();
}
