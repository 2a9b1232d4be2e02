// Compiles the generated C file to an object file.
//
// The code runs without a C library, in ring 0 or as a static program, on interrupt-safe stacks, and never touches the
// FPU, whose registers belong to the running client program.

import { execFile } from 'node:child_process';

export type ProgramKind = 'kernel' | 'server';

const COMMON = [
  '-std=gnu11',
  '-O2',
  '-ffreestanding',
  '-fno-pic',
  '-fno-pie',
  '-mgeneral-regs-only',
  '-fno-stack-protector',
  '-fcf-protection=none',
  '-fno-strict-aliasing', // objects are addresses: any two accesses may meet
  '-fno-delete-null-pointer-checks',
  '-fno-aggressive-loop-optimizations', // a loop over addresses is bounded by what it says, not by an array
  '-fno-tree-loop-distribute-patterns', // there is no memset or memcpy to call
  '-fno-ipa-reference', // it would not see that an intrinsic (a lock) lets another CPU write module variables
  '-fno-align-loops', // padding that is executed costs more than it saves
  '-fno-align-jumps',
  '-fno-asynchronous-unwind-tables',
  '-fno-unwind-tables',
  '-fno-ident',
  '-Werror=implicit-function-declaration', // an intrinsic that is declared in TypeScript but has no C
  '-Werror=int-conversion',
];

const BY_KIND: Record<ProgramKind, string[]> = {
  // The kernel is linked into the top 2 GB; interrupts arrive on its stacks, so there is no red zone. Frame pointers
  // are what a panic's backtrace follows.
  // No register but rbp and rsp outlives a call: nothing that calls into the kernel expects any (boot/*.asm leaves by the
  // current thread's frame), so entries need not save them.
  kernel: [
    '-mcmodel=kernel',
    '-mno-red-zone',
    '-fno-omit-frame-pointer',
    ...['rbx', 'r12', 'r13', 'r14', 'r15'].map((register) => `-fcall-used-${register}`),
    '-DKAIRO_KERNEL',
  ],
  // Frame pointers are 4 % of the server's instructions (docs/compiler.md). Two more registers that calls may change save
  // more pushes than they cost, in every row of `make bench`; a third one loses in some.
  server: ['-mcmodel=small', '-fomit-frame-pointer', '-fcall-used-r14', '-fcall-used-r15', '-DKAIRO_SERVER'],
};

/** `headers` are the intrinsics, all of which the generated file may call. */
export function compileC(source: string, object: string, kind: ProgramKind, headers: readonly string[]): Promise<void> {
  const compiler = process.env.CC ?? 'gcc';
  const flags = [...COMMON, ...BY_KIND[kind], ...headers.flatMap((header) => ['-include', header])];
  return new Promise((resolve, reject) => {
    execFile(compiler, [...flags, '-c', source, '-o', object], { maxBuffer: 1 << 26 }, (error, _stdout, stderr) => {
      if (error) {
        reject(new Error(`${compiler} failed on ${source}:\n${stderr.slice(0, 4000) || error.message}`));
        return;
      }
      if (stderr) process.stderr.write(stderr);
      resolve();
    });
  });
}
