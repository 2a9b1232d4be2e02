/**
 * What is in /proc, as tables: names, where they hang and their permissions (proc(5)). The order of an enumeration is
 * the order of its table, and of a listing.
 */

/** The part that belongs to the system. The value is the row of the tables below. */
export enum SystemEntry {
  Root,
  Self,
  ThreadSelf,
  CommandLine,
  CpuInformation,
  Devices,
  FileSystems,
  Interrupts,
  LoadAverage,
  MemoryInformation,
  Mounts,
  Statistics,
  Swaps,
  Uptime,
  Version,
  Sys,
  SysKernel,
  SysFs,
  SysVm,
  SysRandom,
  HostName,
  DomainName,
  SystemType,
  SystemRelease,
  SystemVersion,
  PidMaximum,
  GroupsMaximum,
  OverflowUid,
  OverflowGid,
  CapabilityLast,
  FileMaximum,
  OpenMaximum,
  PipeMaximum,
  OvercommitMemory,
  MaximumMaps,
  MinimumAddress,
  RandomPoolSize,
  RandomEntropy,
  RandomBootNumber,
  RandomNumber,
}

export const SYSTEM_NAMES: readonly string[] = [
  '',
  'self',
  'thread-self',
  'cmdline',
  'cpuinfo',
  'devices',
  'filesystems',
  'interrupts',
  'loadavg',
  'meminfo',
  'mounts',
  'stat',
  'swaps',
  'uptime',
  'version',
  'sys',
  'kernel',
  'fs',
  'vm',
  'random',
  'hostname',
  'domainname',
  'ostype',
  'osrelease',
  'version',
  'pid_max',
  'ngroups_max',
  'overflowuid',
  'overflowgid',
  'cap_last_cap',
  'file-max',
  'nr_open',
  'pipe-max-size',
  'overcommit_memory',
  'max_map_count',
  'mmap_min_addr',
  'poolsize',
  'entropy_avail',
  'boot_id',
  'uuid',
];

/** The row of the directory each hangs in. */
export const SYSTEM_PARENTS: readonly u8[] = [
  255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 15, 15, 15, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 17, 17, 17,
  18, 18, 18, 19, 19, 19, 19,
];

/** Type and permissions. */
export const SYSTEM_MODES: readonly u16[] = [
  0x416d, 0xa1ff, 0xa1ff, 0x8124, 0x8124, 0x8124, 0x8124, 0x8124, 0x8124, 0x8124, 0xa1ff, 0x8124, 0x8124, 0x8124,
  0x8124, 0x416d, 0x416d, 0x416d, 0x416d, 0x416d, 0x81a4, 0x81a4, 0x8124, 0x8124, 0x8124, 0x8124, 0x8124, 0x8124,
  0x8124, 0x8124, 0x8124, 0x8124, 0x8124, 0x8124, 0x8124, 0x8124, 0x8124, 0x8124, 0x8124, 0x8124,
];

/** The part that each process has; with `Task` as the directory, that of a thread. */
export enum ProcessEntry {
  Directory,
  Stat,
  Status,
  CommandLine,
  Name,
  Executable,
  WorkingDirectory,
  RootDirectory,
  Descriptors,
  DescriptorInformation,
  Maps,
  MemoryPages,
  Mounts,
  MountInformation,
  Environment,
  Limits,
  OutOfMemoryAdjustment,
  OutOfMemoryScore,
  Auxiliary,
  ControlGroup,
  WaitChannel,
  IoCounters,
  SchedulerStatistics,
  Tasks,
  /** The directory of one thread in /proc/PID/task. */
  Task,
  /** An entry of fd or fdinfo. */
  Descriptor,
  DescriptorText,
}

/** How many of them stand in a process's directory; the others have directories of their own. */
export const PROCESS_ENTRIES: u32 = 24;

export const PROCESS_NAMES: readonly string[] = [
  '',
  'stat',
  'status',
  'cmdline',
  'comm',
  'exe',
  'cwd',
  'root',
  'fd',
  'fdinfo',
  'maps',
  'statm',
  'mounts',
  'mountinfo',
  'environ',
  'limits',
  'oom_score_adj',
  'oom_score',
  'auxv',
  'cgroup',
  'wchan',
  'io',
  'schedstat',
  'task',
];

export const PROCESS_MODES: readonly u16[] = [
  0x416d, 0x8124, 0x8124, 0x8124, 0x81a4, 0xa1ff, 0xa1ff, 0xa1ff, 0x4140, 0x416d, 0x8124, 0x8124, 0x8124, 0x8124,
  0x8100, 0x8124, 0x81a4, 0x8124, 0x8100, 0x8124, 0x8124, 0x8100, 0x8124, 0x416d, 0x416d, 0xa1c0, 0x8100,
];
