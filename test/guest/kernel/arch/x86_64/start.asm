; Where the kernel enters the test root task, and where its other threads start. The kernel passes the boot information
; in rdi; test_main also gets the address of the table below. Thread stacks are the tests' affair: rsp is set, rdi is the
; thread's role, rsi its TCB's slot.

        bits 64
        default rel

global _start
extern test_main
extern test_thread

section .text
_start:
        xor     ebp, ebp
        and     rsp, -16
        lea     rsi, [addresses]
        call    test_main
        ud2

thread_start:
        xor     ebp, ebp
        and     rsp, -16
        call    test_thread
        ud2

; ---- Code that is copied into other address spaces: position-independent, ends at the next label -----------------------

; Calls endpoint 1 for ever; adds up nothing, keeps nothing. Word 0 of each call is the TSC before, so that the
; receiver can tell how long a call takes.
align 16
caller_code:
        mov     edi, 1
        mov     esi, 0
        mov     eax, 3
        syscall
        jmp     caller_code
caller_end:

; A foreign program: system call 110 (getppid) for ever, with every register it may keep set to a known value.
align 16
foreign_code:
        mov     rbx, 0x1111
        mov     rbp, 0x2222
        mov     r12, 0x3333
        mov     r13, 0x4444
        mov     r14, 0x5555
        mov     r15, 0x6666
        mov     r8, 0x7777
        mov     r9, 0x8888
        mov     r10, 0x9999
        mov     rdx, 0xaaaa
        mov     rsi, 0xbbbb
        mov     rdi, 0xcccc
.again:
        mov     eax, 110
        syscall
        jmp     .again
foreign_end:

; Faults: reads an address that is not mapped, then goes on and asks with system call 1.
align 16
fault_code:
        mov     rax, [0x12345000]
        mov     rdi, rax
        mov     eax, 1
        syscall
        ud2
fault_end:

; Measures: 1000 calls of endpoint 1, then a call with label 1 and the TSC difference in word 0.
align 16
measure_code:
        mov     edi, 1
        xor     esi, esi
        mov     eax, 3
        syscall                                 ; once to warm up
        rdtsc
        shl     rdx, 32
        or      rax, rdx
        push    rax
        mov     ecx, 1000
.again:
        push    rcx
        mov     edi, 1
        xor     esi, esi
        xor     edx, edx
        mov     eax, 3
        syscall
        pop     rcx
        dec     ecx
        jnz     .again
        rdtsc
        shl     rdx, 32
        or      rdx, rax
        pop     rax
        sub     rdx, rax
        mov     edi, 1
        mov     esi, (1 << 12) | 1
        mov     eax, 3
        syscall
        ud2
measure_end:

; The same for a foreign program: 1000 system calls 110, then system call 1 with the difference in rdi.
align 16
measure_foreign_code:
        mov     eax, 110
        syscall
        rdtsc
        shl     rdx, 32
        or      rax, rdx
        mov     r12, rax
        mov     ebx, 1000
.again:
        mov     eax, 110
        syscall
        dec     ebx
        jnz     .again
        rdtsc
        shl     rdx, 32
        or      rdx, rax
        sub     rdx, r12
        mov     rdi, rdx
        mov     eax, 1
        syscall
        ud2
measure_foreign_end:

section .rodata
align 8
addresses:
        dq thread_start
        dq caller_code, caller_end
        dq foreign_code, foreign_end
        dq fault_code, fault_end
        dq measure_code, measure_end
        dq measure_foreign_code, measure_foreign_end
