/**
 * The memory half of the process server as a program under Node: compiled from its sources with a few entry points of
 * the test's own, over simulated memory and the simulated kernel.
 */
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ObjectKind } from '../../../../lib/abi/object-kind.js';
import { Operation } from '../../../../lib/abi/operation.js';
import { HostProgram } from '../../../../tools/compiler/back/host.js';
import { compileToWasm } from '../../../../tools/compiler/back/index.js';
import { lowerProgram } from '../../../../tools/compiler/front/program.js';
import type { LoweredProgram } from '../../../../tools/compiler/lowered.js';
import { SimulatedKernel } from './simulated-kernel.js';

export const WINDOW = 0x1000_0000_0000n;
const UTCB = 0x7fff_0001_0000n;
const BOOT = 0x7fff_0000_0000n;
const PHYSICAL = 0x100_0000n;
const REGION_BITS = 23;
const OBJECT_BITS = 20;

function projectRoot(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'tsconfig.dialect.json'))) folder = path.dirname(folder);
  return folder;
}

/** Compiles `text` as if it were server/NAME.ts. */
export async function compileServerTest(
  name: string,
  text: string,
): Promise<{ lowered: LoweredProgram; wasm: Uint8Array }> {
  const root = projectRoot();
  const main = path.join(root, 'server', `${name}.ts`);
  const lowered = lowerProgram({ root, mains: [main], files: new Map([[main, text]]) });
  const directory = path.join(root, 'build/test/server', name);
  mkdirSync(directory, { recursive: true });
  return { lowered, wasm: await compileToWasm(lowered, directory) };
}

export interface Machine {
  readonly program: HostProgram;
  readonly kernel: SimulatedKernel;
}

/** A machine with 8 MB of memory for pages and 1 MB for kernel objects, just before `startMemory`. */
export function createMachine(lowered: LoweredProgram, wasm: Uint8Array, onLog?: (byte: number) => void): Machine {
  const kernel = new SimulatedKernel();
  const size = 1 << REGION_BITS;
  const program = new HostProgram(lowered, wasm, {
    imageBase: 0x40_0000n,
    windows: [
      { base: WINDOW + PHYSICAL, size },
      { base: UTCB, size: 4096 },
      { base: BOOT, size: 4096 },
    ],
    intrinsics: {
      kernelCall: (...given) => kernel.call(...(given as [bigint, bigint, bigint, bigint, bigint, bigint])),
      kernelOperation: (operation = 0n, byte = 0n) => {
        if ((operation & 255n) === BigInt(Operation.DebugPut)) onLog?.(Number(byte));
        return 0n;
      },
      kernelWord0: () => kernel.words[0],
      kernelWord1: () => kernel.words[1],
      kernelWord2: () => kernel.words[2],
      kernelWord3: () => kernel.words[3],
      readTimeStamp: () => 1n,
      readCpuFeatures: () => 0n,
      cpuidWord: () => 0n,
    },
  });
  kernel.put(2, { kind: ObjectKind.VSpace });
  kernel.put(16, { kind: ObjectKind.Untyped, physical: PHYSICAL, bits: REGION_BITS });
  kernel.put(17, { kind: ObjectKind.Untyped, physical: PHYSICAL + BigInt(size), bits: OBJECT_BITS });
  kernel.put(18, {
    kind: ObjectKind.Untyped,
    physical: PHYSICAL + BigInt(size) + (1n << BigInt(OBJECT_BITS)),
    bits: OBJECT_BITS + 1,
  });
  program.setField('BootInformation', 'untypedCount', BOOT, 3);
  program.setField('BootInformation', 'rootRadix', BOOT, 14);
  program.setField('BootInformation', 'firstFreeSlot', BOOT, 32);
  const table = program.fieldAddress('BootInformation', 'untyped', BOOT);
  const pieces = [
    [PHYSICAL, REGION_BITS],
    [PHYSICAL + BigInt(size), OBJECT_BITS],
    [PHYSICAL + BigInt(size) + (1n << BigInt(OBJECT_BITS)), OBJECT_BITS + 1],
  ] as const;
  for (const [index, [physical, bits]] of pieces.entries()) {
    program.memory.store(table + BigInt(index * 16), 8, physical);
    program.memory.store(table + BigInt(index * 16 + 8), 8, BigInt(bits));
  }
  program.call('test_start', BOOT);
  return { program, kernel };
}
