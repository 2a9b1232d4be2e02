; Where the kernel enters the process server: rdi holds the address of the boot information, rsp the top of the stack.
; A call keeps the stack as the System V ABI wants it at a function's first instruction (rsp + 8 a multiple of 16).

        bits 64
        default rel

global _start
extern server_main

section .text
_start:
        xor     ebp, ebp                ; the last frame of a backtrace
        and     rsp, -16
        call    server_main
        ud2                             ; server_main does not return
