// Compiles lowered source to WebAssembly with Porffor, in a worker thread: see porffor-worker.ts for why.

import { Worker } from 'node:worker_threads';
import type { LoweredProgram } from '../lowered.js';

export type PorfforRequest = Pick<LoweredProgram, 'source' | 'intrinsics' | 'entries' | 'initialGlobals'>;

export interface PorfforResponse {
  wasm: Uint8Array;
  /** Milliseconds. */
  times: { parse: number; generate: number; assemble: number };
}

export class PorfforError extends Error {}

/** Code generation recurses along call chains and nested statements: a few KB for each. */
const STACK_MEGABYTES = 512;

// --no-closures: names are unique already. --unroll-threshold: GCC decides what to unroll.
const ARGUMENTS = ['--valtype=i64', '--target=wasm', '--unroll-threshold=0', '--no-closures'];

export function runPorffor(program: PorfforRequest): Promise<PorfforResponse> {
  const { source, intrinsics, entries, initialGlobals } = program;
  const request: PorfforRequest = { source, intrinsics, entries, initialGlobals };
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./porffor-worker.js', import.meta.url), {
      workerData: request,
      argv: ARGUMENTS,
      resourceLimits: { stackSizeMb: STACK_MEGABYTES },
    });
    worker.once('message', (message: PorfforResponse | { error: string }) => {
      void worker.terminate();
      if ('error' in message) reject(new PorfforError(message.error));
      else resolve(message);
    });
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new PorfforError(`Porffor's thread ended with status ${code}`)));
  });
}
