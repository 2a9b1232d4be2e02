/** What the processor can do, as programs are told. */

/** AT_HWCAP of x86: the feature bits of CPUID leaf 1, EDX. */
export function hardwareCapabilities(): u64 {
  return readCpuFeatures();
}
