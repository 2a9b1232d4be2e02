/**
 * execve: replaces the program of a process (execve(2)).
 *
 * A new address space is made beside the old one and filled: strings first, then the program's segments, then the
 * vectors on the stack. Long arguments go on in slices; what must survive a slice is in `thread.call`: `file` the
 * program, `space` the new memory, `first` the address strings are pushed below (later: the next string), `second` the
 * two counts, `progress` an index. Until other threads are ended (the point of no return) every failure leaves the
 * caller as it was; afterwards the process dies, as on Linux.
 */

import { Frame } from '../../lib/abi/frame';
import { fillMemory } from '../../lib/arch/x86_64/bytes';
import { changeSpace, setFsBase, setGsBase } from '../kernel/threads';
import { E2BIG, EFAULT, EIO, ELIBBAD, ELOOP, ENOEXEC, ENOMEM } from '../linux/errno';
import { type AddressSpace, createSpace } from '../memory/address-space';
import { copyIn, copyOut, measureString } from '../memory/copy';
import { fillRandom } from '../time/random';
import type { File } from '../vfs/file';
import { walk } from '../vfs/walk';
import { AGAIN, REGISTERS_SET } from '../wait/outcome';
import { fillVector, ProgramFacts, vector } from './auxiliary-vector';
import { ElfImage, isProgram, PF_X, type ProgramHeader, PT_GNU_STACK, PT_INTERP, readContents, readImage } from './elf';
import { adoptCredentials } from './exec-credentials';
import { openProgram, takeOpened } from './exec-files';
import { executed, killOtherThreads, leaveMemory } from './exec-hooks';
import { describeProgram } from './exec-names';
import { exitGroup } from './exit';
import { limit, RLIMIT_STACK } from './limits';
import { ALL_STEPS, loaded, loadImage } from './load';
import {
  countPointers,
  isCounted,
  makeStackExecutable,
  mapStack,
  pointerAt,
  pushString,
  roomFor,
  stringsTop,
  writeEnds,
  writePointer,
} from './program-stack';
import { FIRST_BYTES, isScript, parseScript, ScriptLine } from './script';
import type { Thread } from './thread';

/** What to run, with what. `source` null: the vectors are in server memory. */
export class ExecRequest {
  source!: AddressSpace | null;
  directory!: i64;
  /** WALK_* flags. */
  flags!: u32;
  /** NUL-terminated path in server memory. */
  path!: u64;
  /** What the program, or the interpreter of a script, is told it is: the path, unless a descriptor leads to it. */
  name!: u64;
  arguments!: u64;
  environment!: u64;
}

/** The request that is being handled; callers fill it anew for every slice. */
export const request: ExecRequest = reserve();

enum Stage {
  Open,
  CountArguments,
  CountEnvironment,
  CopyStrings,
  Prepare,
  Load,
  Layout,
}

/** Pointers counted and written, and string bytes copied, in one slice. */
const POINTER_SLICE: u64 = 4096;
const STRING_SLICE: u64 = 98304;
/** Strings pushed, and pointers to them written, in one slice: each string may lie in a page that is not there yet. */
const COUNT_SLICE: u64 = 384;
/** What comes after a walk over more components than this is for another slice. */
const LONG_WALK: u32 = 100;
/** How often a script's interpreter may be a script again. */
const SCRIPT_DEPTH = 5;
const INTERPRETER_PATH_LIMIT: u64 = 4096;
const SIGSEGV: u32 = 11;
/** Interrupts on, nothing else; bit 1 is always set (Intel SDM 1, 3.4.3). */
const FIRST_FLAGS: u64 = 0x202;

const firstBytes: Fixed<u8, 264> = reserve();
const interpreterPath: Fixed<u8, 4096> = reserve();
const image: ElfImage = reserve();
const interpreterImage: ElfImage = reserve();
const scriptLine: ScriptLine = reserve();
const facts: ProgramFacts = reserve();
const scratch: Fixed<u64, 3> = reserve();

/** Runs `request` for `thread`: REGISTERS_SET, AGAIN or BLOCKED (call again), or a negated errno. */
export function execute(thread: Thread, request: ExecRequest): i64 {
  const call = thread.call;
  call.isDirty = true;
  if (call.stage === Stage.Open) {
    const error = openProgram(thread, request.directory, request.path, request.flags);
    if (error !== 0) return error;
    call.file = takeOpened();
    call.stage = Stage.CountArguments;
    if (walk.components > LONG_WALK) return AGAIN;
  }
  if (call.stage < Stage.CopyStrings) {
    const outcome = countAll(thread, request);
    if (outcome !== 0) return outcome;
  }
  if (call.stage === Stage.CopyStrings) {
    const outcome = copyStrings(thread, request);
    if (outcome !== 0) return outcome;
  }
  if (call.stage === Stage.Prepare) {
    const outcome = prepare(thread, request);
    if (outcome !== 0) return outcome;
  }
  if (call.stage === Stage.Load) {
    const outcome = load(thread);
    if (outcome !== 0) return outcome;
  }
  return layOut(thread);
}

/** The room below `stringsTop` that strings may take, given the pointers they need. 0: none. */
function stringRoom(thread: Thread, count: u64): u64 {
  const room = roomFor(limit(thread, RLIMIT_STACK));
  return count * 8 >= room ? 0 : room - count * 8;
}

/** Counts both vectors, then makes the new space with the path as its first string. */
function countAll(thread: Thread, request: ExecRequest): i64 {
  const call = thread.call;
  const most = roomFor(limit(thread, RLIMIT_STACK)) / 8;
  while (call.stage !== Stage.CopyStrings) {
    const isFirst = call.stage === Stage.CountArguments;
    const counted = countPointers(
      request.source,
      isFirst ? request.arguments : request.environment,
      call.progress,
      POINTER_SLICE,
    );
    if (counted < 0) return counted;
    if ((counted as u64) > most) return -E2BIG;
    call.progress = counted as u64;
    if (!isCounted) return AGAIN;
    if (isFirst) {
      call.second = call.progress;
      call.progress = 0;
      call.stage = Stage.CountEnvironment;
    } else {
      call.second = call.second | (call.progress << 32);
      call.stage = Stage.CopyStrings;
    }
  }
  return beginSpace(thread, request);
}

function argumentCount(thread: Thread): u64 {
  return thread.call.second & 0xffff_ffff;
}

function environmentCount(thread: Thread): u64 {
  return thread.call.second >>> 32;
}

/** The lowest address that strings may reach. */
function stringFloor(thread: Thread): u64 {
  const count = argumentCount(thread);
  return stringsTop() - stringRoom(thread, (count === 0 ? 1 : count) + environmentCount(thread));
}

function beginSpace(thread: Thread, request: ExecRequest): i64 {
  const call = thread.call;
  const count = argumentCount(thread) + environmentCount(thread);
  if (stringRoom(thread, count + 1) === 0) return -E2BIG;
  const space = createSpace();
  if (space === null) return -ENOMEM;
  call.space = space;
  mapStack(space, limit(thread, RLIMIT_STACK));
  const path = pushString(space, stringsTop(), stringFloor(thread), null, request.name);
  if (path < 0) return path;
  call.first = path as u64;
  space.pathAddress = path as u64;
  call.progress = count;
  return 0;
}

/** Pushes the environment's strings, then the arguments', the last first. */
function copyStrings(thread: Thread, request: ExecRequest): i64 {
  const call = thread.call;
  const space = call.space;
  if (space === null) return -ENOMEM;
  const argumentsCount = argumentCount(thread);
  const floor = stringFloor(thread);
  const start = call.first;
  let pushed: u64 = 0;
  while (call.progress !== 0) {
    if (start - call.first >= STRING_SLICE || pushed >= COUNT_SLICE) return AGAIN;
    const index = call.progress - 1;
    const isArgument = index < argumentsCount;
    const pointer = isArgument
      ? pointerAt(request.source, request.arguments, index)
      : pointerAt(request.source, request.environment, index - argumentsCount);
    if (index + 1 === argumentsCount) space.argumentsEnd = call.first;
    const pushedAt = pushString(space, call.first, floor, request.source, pointer);
    if (pushedAt < 0) return pushedAt;
    call.first = pushedAt as u64;
    call.progress = index;
    pushed++;
  }
  if (argumentsCount === 0) {
    space.argumentsEnd = call.first;
    const error = pushArgument(thread, space, addressOf(scratch));
    if (error !== 0) return error;
  }
  call.stage = Stage.Prepare;
  return 0;
}

/** Pushes one more argument, which becomes the first, from server memory. */
function pushArgument(thread: Thread, space: AddressSpace, text: u64): i64 {
  const call = thread.call;
  const pushedAt = pushString(space, call.first, stringFloor(thread), null, text);
  if (pushedAt < 0) return pushedAt;
  call.first = pushedAt as u64;
  call.second++;
  return 0;
}

/** Finds out what the file is, ends other threads, and begins to map the program. */
function prepare(thread: Thread, wanted: ExecRequest): i64 {
  const call = thread.call;
  const space = call.space;
  if (space === null) return -ENOMEM;
  const problem = followScripts(thread, space, wanted);
  if (problem !== 0) return problem;
  const file = call.file;
  if (file === null || !readImage(file.inode, image)) return -ENOEXEC;
  const interpreter = openInterpreter(thread, file);
  if (interpreterError !== 0) return interpreterError;
  const alone = killOtherThreads(thread);
  if (alone !== 0) {
    if (interpreter !== null) interpreter.drop();
    return alone;
  }
  call.stage = Stage.Load;
  call.progress = 0;
  return loadSlice(thread, space, file, interpreter);
}

/** A file of many segments: reads the headers again and goes on. */
function load(thread: Thread): i64 {
  const call = thread.call;
  const space = call.space;
  const file = call.file;
  if (space === null || file === null || !readImage(file.inode, image)) return fail(thread, -ENOEXEC);
  const interpreter = openInterpreter(thread, file);
  return interpreterError !== 0 ? fail(thread, interpreterError) : loadSlice(thread, space, file, interpreter);
}

/** Maps program and interpreter as far as a slice allows; in the end begins the layout of the stack. */
function loadSlice(thread: Thread, space: AddressSpace, file: File, interpreter: File | null): i64 {
  const call = thread.call;
  const outcome = loadProgram(thread, space, file, interpreter);
  if (interpreter !== null) interpreter.drop();
  if (outcome === AGAIN) return AGAIN;
  if (outcome !== 0 || !beginLayout(thread, space, file)) return fail(thread, outcome);
  call.stage = Stage.Layout;
  call.progress = 0;
  return 0;
}

/** Beyond the point of no return: the process dies as if by a fault. (Init, not yet begun, may try another program.) */
function fail(thread: Thread, error: i64): i64 {
  const process = thread.process;
  if (process.isInit && !process.hasExeced) return error === 0 ? -EFAULT : error;
  exitGroup(process, SIGSEGV);
  return -ENOEXEC;
}

/** As long as the file is a script: its interpreter takes its place, and the arguments grow accordingly. */
function followScripts(thread: Thread, space: AddressSpace, request: ExecRequest): i64 {
  const call = thread.call;
  for (let depth = 0; ; depth++) {
    const file = call.file;
    if (file === null) return -ENOEXEC;
    const text = addressOf(firstBytes);
    fillMemory(text, 0, FIRST_BYTES);
    readContents(file.inode, 0, text, FIRST_BYTES);
    if (!isScript(text)) return 0;
    if (depth === SCRIPT_DEPTH) return -ELOOP;
    if (!parseScript(text, scriptLine)) return -ENOEXEC;
    const error = enterScript(thread, space, depth === 0 ? request.name : addressOf(interpreterPath));
    if (error !== 0) return error;
    file.drop();
    call.file = takeOpened();
  }
}

/** Replaces argument 0 by the interpreter, its argument and the script's path, and opens the interpreter. */
function enterScript(thread: Thread, space: AddressSpace, scriptPath: u64): i64 {
  const call = thread.call;
  const first = measureString(space, call.first, 131072);
  if (first < 0) return first;
  call.first += (first as u64) + 1;
  call.second--;
  let error = pushArgument(thread, space, scriptPath);
  if (error === 0 && scriptLine.argument !== 0) error = pushArgument(thread, space, scriptLine.argument);
  if (error === 0) error = pushArgument(thread, space, scriptLine.interpreter);
  if (error !== 0) return error;
  const length = measureString(null, scriptLine.interpreter, FIRST_BYTES);
  copyIn(null, addressOf(interpreterPath), scriptLine.interpreter, (length as u64) + 1);
  walk.countsOn = true;
  return openProgram(thread, AT_WORKING_DIRECTORY, addressOf(interpreterPath), 0);
}

const AT_WORKING_DIRECTORY: i64 = -100;

/** Why there is no interpreter; 0: it was opened, or none is asked for. */
let interpreterError: i64 = 0;

/** Opens the interpreter that PT_INTERP names and reads its headers into `interpreterImage`; null if there is none. */
function openInterpreter(thread: Thread, file: File): File | null {
  interpreterError = 0;
  for (let index: u64 = 0; index < image.header.programCount; index++) {
    const segment: ProgramHeader = image.headers[index];
    if (segment.type !== PT_INTERP) continue;
    interpreterError = readInterpreterPath(file, segment);
    walk.countsOn = true;
    if (interpreterError === 0)
      interpreterError = openProgram(thread, AT_WORKING_DIRECTORY, addressOf(interpreterPath), 0);
    if (interpreterError !== 0) return null;
    const interpreter = takeOpened();
    if (interpreter === null) return null;
    interpreterError = checkInterpreter(interpreter);
    if (interpreterError === 0) return interpreter;
    interpreter.drop();
    return null;
  }
  return null;
}

function readInterpreterPath(file: File, segment: ProgramHeader): i64 {
  const size = segment.fileSize;
  if (size > INTERPRETER_PATH_LIMIT || size < 2) return -ENOEXEC;
  if (readContents(file.inode, segment.offset, addressOf(interpreterPath), size) !== size) return -EIO;
  return interpreterPath[size - 1] === 0 ? 0 : -ENOEXEC;
}

function checkInterpreter(interpreter: File): i64 {
  if (readContents(interpreter.inode, 0, addressOf(interpreterImage.header), 64) !== 64) return -EIO;
  if (!isProgram(interpreterImage.header) || !readImage(interpreter.inode, interpreterImage)) return -ELIBBAD;
  return 0;
}

/**
 * Maps program and interpreter and fills `facts`; the space learns where things are. `call.progress` counts the steps,
 * those of the interpreter from ALL_STEPS on.
 */
function loadProgram(thread: Thread, space: AddressSpace, file: File, interpreter: File | null): i64 {
  const call = thread.call;
  const outcome = loadImage(space, file.inode, image, interpreter !== null, call.progress);
  if (outcome === AGAIN) call.progress = loaded.next;
  if (outcome !== 0) return outcome;
  space.codeStart = loaded.codeStart;
  space.codeEnd = loaded.codeEnd;
  space.dataStart = loaded.dataStart;
  space.dataEnd = loaded.dataEnd;
  space.breakStart = (loaded.end + 4095) & ~4095;
  space.breakEnd = space.breakStart;
  space.entry = loaded.entry;
  facts.headers = loaded.headers;
  facts.headerCount = image.header.programCount;
  facts.entry = loaded.entry;
  facts.base = 0;
  for (let index: u64 = 0; index < image.header.programCount; index++) {
    const segment: ProgramHeader = image.headers[index];
    if (segment.type === PT_GNU_STACK && (segment.flags & PF_X) !== 0) makeStackExecutable(space);
  }
  if (interpreter === null) return 0;
  if (call.progress < ALL_STEPS) call.progress = ALL_STEPS;
  const interpreted = loadImage(space, interpreter.inode, interpreterImage, false, call.progress - ALL_STEPS);
  if (interpreted === AGAIN) call.progress = ALL_STEPS + loaded.next;
  if (interpreted !== 0) return interpreted;
  facts.base = loaded.bias;
  space.entry = loaded.entry;
  return 0;
}

/** Puts everything on the stack but the pointers to strings. False: the stack cannot hold it. */
function beginLayout(thread: Thread, space: AddressSpace, file: File): boolean {
  const call = thread.call;
  const argumentsCount = argumentCount(thread);
  const environmentsCount = environmentCount(thread);
  space.argumentsStart = call.first;
  space.environmentStart = space.argumentsEnd;
  space.environmentEnd = space.pathAddress;
  const platform = (call.first & ~15) - 16;
  const random = platform - 16;
  fillRandom(addressOf(scratch), 16);
  if (copyOut(space, random, addressOf(scratch), 16) !== 16) return false;
  scratch[0] = PLATFORM;
  if (copyOut(space, platform, addressOf(scratch), 8) !== 8) return false;
  scratch[0] = 0;
  facts.platform = platform;
  facts.random = random;
  facts.path = space.pathAddress;
  facts.isSecure = adoptCredentials(thread.process, file);
  thread.process.isDumpable = !facts.isSecure;
  const words = fillVector(facts, thread.process.credentials);
  space.stackStart = (random - 8 * (argumentsCount + environmentsCount + 3 + words)) & ~15;
  return writeEnds(space, argumentsCount, environmentsCount, addressOf(vector), words);
}

/** "x86_64" and its NUL, as a little-endian word. */
const PLATFORM: u64 = 0x3436_5f36_3878;

/** Writes the pointers to the strings, a slice at a time, and then changes over to the new program. */
function layOut(thread: Thread): i64 {
  const call = thread.call;
  const space = call.space;
  const file = call.file;
  if (space === null || file === null) return -EFAULT;
  const argumentsCount = argumentCount(thread);
  const total = argumentsCount + environmentCount(thread);
  const start = call.first;
  let written: u64 = 0;
  while (call.progress < total) {
    if (written >= COUNT_SLICE || call.first - start >= STRING_SLICE) return AGAIN;
    const next = writePointer(space, argumentsCount, call.progress, call.first);
    if (next === 0) return fail(thread, -EFAULT);
    call.first = next;
    call.progress++;
    written++;
  }
  changeOver(thread, space, file);
  return REGISTERS_SET;
}

/** The old program ends here. */
function changeOver(thread: Thread, space: AddressSpace, file: File): void {
  const process = thread.process;
  leaveMemory(thread);
  const old = process.space;
  space.retain();
  changeSpace(thread, space);
  process.space = space;
  old.drop();
  const frame = thread.frame;
  fillMemory(addressOf(frame), 0, sizeOf<Frame>() as u64);
  frame.rip = space.entry;
  frame.rsp = space.stackStart;
  frame.rflags = FIRST_FLAGS;
  setFsBase(thread, 0);
  setGsBase(thread, 0);
  describeProgram(thread, space, file);
  executed(thread);
}
