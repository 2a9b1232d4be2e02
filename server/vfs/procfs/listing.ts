/**
 * Open directories of /proc. Offsets: rows of the tables first, then numbers (of processes, threads, descriptors), so
 * that a reader goes on at the right place however many came and went.
 */
import { ENOENT } from '../../linux/errno';
import { rootPids } from '../../process/pids';
import { Life, type Process } from '../../process/process';
import type { Thread } from '../../process/thread';
import { AGAIN } from '../../wait/outcome';
import { DirectoryFile } from '../directory-file';
import type { DirectoryWriter } from '../directory-writer';
import { MAXIMUM_FILES } from '../file-table';
import type { Made } from '../made';
import { nameOf } from '../name';
import type { Path } from '../path';
import { Text } from '../text';
import {
  PROCESS_ENTRIES,
  PROCESS_MODES,
  PROCESS_NAMES,
  ProcessEntry,
  SYSTEM_MODES,
  SYSTEM_NAMES,
  SYSTEM_PARENTS,
  SystemEntry,
} from './entries';
import { type ProcInode, ProcSystemDirectory } from './inode';

const DOTS: u64 = 2;
/** Threads and processes that one reading of a directory looks at. */
const THREADS_AT_ONCE: u64 = 1000;
/** Offsets of numbers begin here. */
const NUMBERS: u64 = 0x1000;

const numberBytes: Fixed<u8, 24> = reserve();
const numberText: Text = reserve();

export class ProcListing extends DirectoryFile {
  proc!: ProcInode;

  override list(thread: Thread, writer: DirectoryWriter): i64 {
    const dentry = this.dentry;
    if (dentry === null) return -ENOENT;
    if (this.offset < DOTS) {
      if (!writer.putDots(dentry, this.offset)) return writer.result;
      this.offset = DOTS;
    }
    const inode = this.proc;
    if (inode instanceof ProcSystemDirectory) {
      if (!this.listSystem(writer) || inode.entry !== SystemEntry.Root) return writer.result;
      return !this.listProcesses(writer) && writer.result === 0 ? AGAIN : writer.result;
    }
    const process = inode.process;
    if (process === null) return -ENOENT;
    if (inode.entry === ProcessEntry.Tasks) {
      // Nothing found yet is not the end.
      if (!this.listThreads(writer, process) && writer.result === 0) return AGAIN;
    } else if (inode.entry === ProcessEntry.Descriptors) this.listDescriptors(writer, process, ProcessEntry.Descriptor);
    else if (inode.entry === ProcessEntry.DescriptorInformation) {
      this.listDescriptors(writer, process, ProcessEntry.DescriptorText);
    } else this.listEntries(writer, inode);
    return writer.result;
  }

  /** False when the writer is full. */
  private listSystem(writer: DirectoryWriter): boolean {
    let row: u64 = this.offset - DOTS + 1;
    while (row < SYSTEM_NAMES.length) {
      if (SYSTEM_PARENTS[row] === this.proc.entry) {
        const name = nameOf(SYSTEM_NAMES[row]);
        if (!writer.put(name.address, name.length, row + 1, SYSTEM_MODES[row] >> 12, row + DOTS)) return false;
      }
      this.offset = row + DOTS;
      row += 1;
    }
    return true;
  }

  private listEntries(writer: DirectoryWriter, inode: ProcInode): void {
    const last: u64 = inode.entry === ProcessEntry.Task ? PROCESS_ENTRIES - 1 : PROCESS_ENTRIES;
    let row: u64 = this.offset - DOTS + 1;
    while (row < last) {
      const name = nameOf(PROCESS_NAMES[row]);
      const number: u64 = inode.number + row;
      if (!writer.put(name.address, name.length, number, PROCESS_MODES[row] >> 12, row + DOTS)) return;
      this.offset = row + DOTS;
      row += 1;
    }
  }

  private putNumber(writer: DirectoryWriter, number: u64, mode: u32): boolean {
    numberText.begin(addressOf(numberBytes), 24);
    numberText.putDecimal(number);
    const next: u64 = NUMBERS + number + 1;
    if (!writer.put(numberText.address, numberText.length, this.proc.number + next, mode >> 12, next)) return false;
    this.offset = next;
    return true;
  }

  private get firstNumber(): u64 {
    return this.offset < NUMBERS ? 0 : this.offset - NUMBERS;
  }

  /** False: not to the end. */
  private listProcesses(writer: DirectoryWriter): boolean {
    for (let left: u64 = THREADS_AT_ONCE; left !== 0; left--) {
      const record = rootPids.records.atLeast(this.firstNumber);
      if (record === null) return true;
      const process = record.process;
      const number = record.number as u64;
      if (process === null || process.life === Life.Gone) this.offset = NUMBERS + number + 1;
      else if (!this.putNumber(writer, number, PROCESS_MODES[0])) return true;
    }
    return false;
  }

  /** Goes through the threads of all processes, since they stand in order of their numbers; false: not to the end. */
  private listThreads(writer: DirectoryWriter, process: Process): boolean {
    for (let left: u64 = THREADS_AT_ONCE; left !== 0; left--) {
      const record = rootPids.records.atLeast(this.firstNumber);
      if (record === null) return true;
      const thread = record.thread;
      const number = record.number as u64;
      if (thread === null || thread.process !== process) this.offset = NUMBERS + number + 1;
      else if (!this.putNumber(writer, number, PROCESS_MODES[ProcessEntry.Task])) return true;
    }
    return false;
  }

  private listDescriptors(writer: DirectoryWriter, process: Process, entry: u32): void {
    if (process.life >= Life.Zombie) return;
    let descriptor = process.files.nextOpen(this.firstNumber);
    while (descriptor < MAXIMUM_FILES) {
      if (!this.putNumber(writer, descriptor, PROCESS_MODES[entry])) return;
      descriptor = process.files.nextOpen(descriptor + 1);
    }
  }
}

export function openListing(inode: ProcInode, path: Path, flags: u32, made: Made): i64 {
  const file = new ProcListing();
  file.begin(inode, flags);
  file.locate(path);
  file.proc = inode;
  made.file = file;
  return 0;
}
